"""CPython's messages as another release words them.

The operators of the Python that plays make the messages; the backend's Python may word them differently. What differs
was found by asking CPython 3.11, 3.12 and 3.13 sixteen thousand wrong expressions.
"""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Callable

ABOUT_THE_NUMBER = re.compile(  # what is said of a call before its arguments are looked at
    r"\w+(\(\))? (expected|takes|must have|missing required|got an unexpected) |'\w+' is an invalid keyword"
)
_METHODS = frozenset(  # in C, and with keywords
    {"expandtabs", "split", "rsplit", "splitlines", "encode", "decode", "hex", "sort", "to_bytes", "collect"}
)
_SEARCHES = r"(count|endswith|startswith|find|rfind|rindex)"
Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _plural(found: re.Match[str]) -> str:
    return f"{found[1]}() takes at {found[2]} {found[3]} argument{found[4]} ({found[5]} given)"


def _keyword(found: re.Match[str]) -> str:
    name = found[1].removesuffix("()")
    known = hasattr(builtins, name) or name in _METHODS or name in ("__new__", "this function")
    if known:
        return f"{found[2]} is an invalid keyword argument for {found[1]}"
    return f"{found[1]} got an unexpected keyword argument {found[2]}"


def _type_of(found: re.Match[str]) -> str:
    return f"must be str, not {'NoneType' if found[2] == 'None' else found[2]}"


_BEFORE_3_13: tuple[Rule, ...] = (
    (re.compile(r"([\w.]+\(\)|this function) got an unexpected keyword argument ('[^']*')(?:\. Did .*)?"), _keyword),
    (
        re.compile(r"(int|str) expected at most (\d) arguments, got (\d+)"),
        r"\1() takes at most \2 arguments (\3 given)",
    ),
    (re.compile(_SEARCHES + r" expected at (least|most) (\d) argument(s?), got (\d+)"), _plural),
    (re.compile(r"(count|find|index|rfind|rindex)\(\) argument 1 must be str, not (\w+)"), _type_of),
    (
        re.compile(r"replace\(\) takes at (least|most) (\d)( positional)? arguments \((\d+) given\)"),
        r"replace expected at \1 \2 arguments, got \4",
    ),
    (re.compile(r"(.* has no attribute '.*') and no __dict__ for setting new attributes"), r"\1"),
    (
        re.compile(r"(str|bytes|bytearray)\(\) argument '(\w+)' must be str, not NoneType"),
        r"\1() argument '\2' must be str, not None",
    ),
)
_BEFORE_3_12: tuple[Rule, ...] = (
    (re.compile(r"PurePath\.__init__(\(\) got an unexpected keyword argument '.*')"), r"PurePath.__new__\1"),
    (re.compile(r"(max|min)\(\) iterable argument is empty"), r"\1() arg is an empty sequence"),
    (
        re.compile(r"argument should be a str or an os.PathLike object where __fspath__ returns a str, not '(\w+)'"),
        r"expected str, bytes or os.PathLike object, not \1",
    ),
    (
        re.compile(r"('.*' is not in the subpath of '.*')"),
        r"\1 OR one path is relative and the other is absolute.",
    ),
)
_SINCE_3_13: tuple[Rule, ...] = (
    (
        re.compile(r"('[^']*') is an invalid keyword argument for (?!enumerate)(\w+)\(\)"),
        r"\2() got an unexpected keyword argument \1",
    ),
    (
        re.compile(r"(int|str)\(\) takes at most (\d) arguments \((\d+) given\)"),
        r"\1 expected at most \2 arguments, got \3",
    ),
)


class _Error(re.error):
    """`re.error`, which is `re.PatternError` since 3.13."""


_Error.__name__ = _Error.__qualname__ = "error"
_Error.__module__ = "re"


def reworded(error: BaseException, python: tuple[int, int]) -> BaseException:
    """The same exception, in the words of the given release."""
    if isinstance(error, re.error) and python < (3, 13) and type(error) is not _Error:
        return _Error(error.msg, error.pattern, error.pos)
    if type(error) not in (TypeError, ValueError, AttributeError) or len(error.args) != 1:
        return error
    text = error.args[0]
    if not isinstance(text, str):
        return error
    if text.startswith("Got unexpected field names: "):  # of a named tuple
        return (TypeError if python >= (3, 13) else ValueError)(text)
    new = _applied(_BEFORE_3_13, text) if python < (3, 13) else text
    if python >= (3, 13) > sys.version_info[:2]:
        new = _applied(_SINCE_3_13, text)
    new = _applied(_BEFORE_3_12, new) if python < (3, 12) else new
    return error if new == text else type(error)(new)


def _applied(rules: tuple[Rule, ...], text: str) -> str:
    for pattern, replacement in rules:
        found = pattern.fullmatch(text)
        if found is not None:
            return replacement(found) if callable(replacement) else found.expand(replacement)
    return text
