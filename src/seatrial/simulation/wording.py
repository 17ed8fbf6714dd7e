"""CPython's messages as another release words them.

The operators of the Python that plays make the messages; the backend's Python may word them differently.
"""

from __future__ import annotations


def reworded(error: BaseException, python: tuple[int, int]) -> BaseException:
    """The same exception, in the words of the given release."""
    return error
