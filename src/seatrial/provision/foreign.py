"""What another CPython says of source files: a value, so that reading files needs no process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rejection:
    """The exception with which a CPython refuses to compile a file, as its attributes have it.

    `line` and `offset` are `SyntaxError.lineno` and `.offset`: from 1, absent for some faults. `in_bytes` says that
    the offset counts UTF-8 bytes, as it does for faults that only the compiler finds, not characters.
    """

    exception: str
    message: str
    line: int | None = None
    offset: int | None = None
    end_line: int | None = None
    end_offset: int | None = None
    in_bytes: bool = False


@dataclass(frozen=True, slots=True)
class Foreign:
    """The answer for one file: `rejection` when it does not compile there, `unread` when that cannot be said.

    `tree` is the dump of a tree, in the form of `seatrial.provision.reader_child`; only made when it was asked for.
    """

    rejection: Rejection | None = None
    unread: str = ""
    tree: object | None = None


ForeignReader = Callable[[Mapping[str, bytes], frozenset[str]], Mapping[str, Foreign]]
"""Asks the backend's CPython: files by path, and those whose trees are wanted; an answer for every path given."""
