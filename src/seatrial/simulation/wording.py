"""CPython's messages as another release words them.

The operators of the Python that plays make the messages; the backend's Python may word them differently.
"""

from __future__ import annotations

import builtins
import re

ABOUT_THE_NUMBER = re.compile(  # what is said of a call before its arguments are looked at
    r"\w+(\(\))? (expected|takes|must have|missing required|got an unexpected) |'\w+' is an invalid keyword"
)
_KEYWORD = re.compile(r"(\w+)\(\) got an unexpected keyword argument ('[^']*')")
_INVALID = re.compile(r"('[^']*') is an invalid keyword argument for (\w+)\(\)")
_EXPECTED = re.compile(r"(int|str) expected at most (\d) arguments, got (\d+)")
_TAKES = re.compile(r"(int|str)\(\) takes at most (\d) arguments \((\d+) given\)")


def reworded(error: BaseException, python: tuple[int, int]) -> BaseException:
    """The same exception, in the words of the given release."""
    if type(error) is not TypeError or len(error.args) != 1 or not isinstance(error.args[0], str):
        return error
    text = _as_before_3_13(error.args[0]) if python < (3, 13) else _as_since_3_13(error.args[0])
    if text == error.args[0]:
        return error
    return TypeError(text)


def _as_before_3_13(text: str) -> str:
    found = _KEYWORD.fullmatch(text)
    if found and hasattr(builtins, found[1]):
        return f"{found[2]} is an invalid keyword argument for {found[1]}()"
    return _EXPECTED.sub(r"\1() takes at most \2 arguments (\3 given)", text)


def _as_since_3_13(text: str) -> str:
    found = _INVALID.fullmatch(text)
    if found and hasattr(builtins, found[2]):
        return f"{found[2]}() got an unexpected keyword argument {found[1]}"
    return _TAKES.sub(r"\1 expected at most \2 arguments, got \3", text)
