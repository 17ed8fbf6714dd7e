"""One Python file to its tree, by the grammar of the Python that the backend runs on.

`parse` says what an import of the file would say: the tree when it compiles, CPython's own SyntaxError when
it does not, NotAnalysed when neither can be known here. Trees are `ast` trees, whose columns count UTF-8 bytes from 0:
`span` and `position` turn them into characters from 1, as every value that leaves this leg has them.
"""

from __future__ import annotations

import ast
import codecs
import gc
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from seatrial.issue import Location, NotAnalysed, Position
from seatrial.project.files import Source, Undecodable
from seatrial.project.syntax.foreign import rebuild
from seatrial.provision.foreign import Foreign, ForeignReader, Rejection

MAX_BYTES = 3 * 1024 * 1024
"""Larger files are not parsed: a tree takes up to a hundred times the room of its text."""

DEEP = "nested too deeply to be read"


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """Why a file does not compile. `message` is `SyntaxError.msg`; `line` and `column` count from 1, in characters.

    `exception` is SyntaxError, IndentationError, TabError, or ValueError (NUL characters, before Python 3.12).
    `reported_line` is the line that CPython names, None where it names none.
    """

    path: str
    message: str
    line: int
    column: int
    exception: str
    reported_line: int | None
    end_line: int | None = None
    end_column: int | None = None

    def text(self, filename: str) -> str:
        """`str()` of the exception, for a file that Python opened under this name (its last part is shown)."""
        if self.reported_line is None:
            return self.message
        name = filename.replace("\\", "/").rpartition("/")[2]
        return f"{self.message} ({name}, line {self.reported_line})"


Parsed = ast.Module | SyntaxFault | NotAnalysed


def parse(source: Source | Undecodable, version: tuple[int, int], reader: ForeignReader | None = None) -> Parsed:
    """The tree of a file under Python `version` (major, minor), or why an import of it would fail.

    `reader` asks a CPython of that version when it is not the running one. Without it, what the running Python can
    read is taken as right, and what it cannot read is NotAnalysed: it may be newer grammar.
    """
    raw = raw_bytes(source)
    if len(raw) > MAX_BYTES:
        return too_large(source.path, len(raw))
    if version == sys.version_info[:2]:
        tree = read_tree(source.path, raw)
        return confirm(source.path, raw, tree) if isinstance(tree, ast.Module) else tree
    if reader is None:
        return read_elsewhere(source.path, raw, version, None)
    tree = read_tree(source.path, raw)
    wanted = frozenset() if isinstance(tree, ast.Module) else frozenset({source.path})
    return settle(source.path, raw, tree, reader({source.path: raw}, wanted).get(source.path))


def raw_bytes(source: Source | Undecodable) -> bytes:
    """The bytes that the file holds on disk, which are what CPython compiles."""
    if isinstance(source, Undecodable):
        return source.raw
    return (codecs.BOM_UTF8 if source.bom else b"") + source.text.encode(source.encoding)


def too_large(path: str, size: int) -> NotAnalysed:
    """The answer for a file that is not parsed for its size."""
    return NotAnalysed(path, f"{size / 1e6:.1f} MB: Python files are read up to {MAX_BYTES >> 20} MB")


@contextmanager
def quiet() -> Iterator[None]:
    """No garbage collection (it makes keeping many trees three times as slow) and no warnings about escapes."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if collecting:
            gc.enable()


def read_tree(path: str, raw: bytes) -> Parsed:
    """What the running Python's grammar makes of the bytes; faults that only its compiler finds are not looked for."""
    try:
        with quiet():
            tree = compile(raw, "<file>", "exec", ast.PyCF_ONLY_AST, True)
    except (SyntaxError, ValueError) as fault:
        return _fault(path, raw, _rejection(fault, in_bytes=False))
    except (RecursionError, MemoryError):
        return NotAnalysed(path, DEEP)
    assert isinstance(tree, ast.Module)
    return tree


def confirm(path: str, raw: bytes, tree: ast.Module | None) -> Parsed:
    """The tree again, or the fault that the running Python's compiler finds in a file that its grammar takes.

    Those are `return` outside a function, a repeated argument, `nonlocal` of nothing, and the like. Compiling
    the tree costs about two thirds of parsing it.
    """
    fault = compiler_fault(path, raw, tree)
    if fault is not None:
        return fault
    assert tree is not None
    return tree


def compiler_fault(path: str, raw: bytes, tree: ast.Module | None) -> SyntaxFault | NotAnalysed | None:
    """Why the running Python does not compile this; from its tree where there is one already."""
    try:
        with quiet():
            compile(raw if tree is None else tree, "<file>", "exec", 0, True)
    except (SyntaxError, ValueError) as fault:
        parsed = tree or read_tree(path, raw)
        return _fault(path, raw, _rejection(fault, in_bytes=True)) if isinstance(parsed, ast.Module) else parsed
    except (RecursionError, MemoryError):
        return NotAnalysed(path, DEEP)
    return None


def read_elsewhere(path: str, raw: bytes, version: tuple[int, int], reason: str | None) -> Parsed:
    """What can be said of a file for a Python that cannot be asked: it is fine if ours can read it."""
    tree = read_tree(path, raw)
    if isinstance(tree, ast.Module) and compiler_fault(path, raw, tree) is None:
        return tree
    theirs, ours = ".".join(map(str, version)), ".".join(map(str, sys.version_info[:2]))
    return NotAnalysed(path, reason or f"needs Python {theirs}, read with {ours}")


def settle(path: str, raw: bytes, tree: Parsed, foreign: Foreign | None) -> Parsed:
    """Our tree, or theirs, or their fault: what the backend's own Python says goes before what ours does."""
    if foreign is None or foreign.unread:
        reason = foreign.unread if foreign is not None else "its Python gave no answer"
        return tree if isinstance(tree, ast.Module) and foreign is None else NotAnalysed(path, reason)
    if foreign.rejection is not None:
        return _fault(path, raw, foreign.rejection)
    if isinstance(tree, ast.Module):
        return tree
    theirs = rebuild(foreign.tree)
    return theirs if theirs is not None else NotAnalysed(path, DEEP)


def _rejection(fault: SyntaxError | ValueError, *, in_bytes: bool) -> Rejection:
    if not isinstance(fault, SyntaxError):
        return Rejection("ValueError", str(fault))
    name = type(fault).__name__ if type(fault) in (IndentationError, TabError) else "SyntaxError"
    return Rejection(name, fault.msg, fault.lineno, fault.offset, fault.end_lineno, fault.end_offset, in_bytes)


def _fault(path: str, raw: bytes, found: Rejection) -> SyntaxFault:
    lines = raw.splitlines(keepends=True) if found.in_bytes else []

    def column(line: int | None, offset: int | None) -> int:
        if not offset or offset < 1:
            return 1
        if found.in_bytes and line and line <= len(lines):
            return len(lines[line - 1][: offset - 1].decode("utf-8", "replace")) + 1
        return offset

    end = column(found.end_line, found.end_offset) if found.end_line and found.end_offset else None
    return SyntaxFault(
        path,
        found.message,
        max(found.line or 1, 1),
        column(found.line, found.offset),
        found.exception,
        found.line,
        found.end_line if end else None,
        end,
    )


class Columns:
    """Turns the byte columns of one file's tree into character columns; kept per file, as lines are split once."""

    __slots__ = ("_ascii", "_lines", "path")

    def __init__(self, source: Source) -> None:
        self.path = source.path
        self._ascii = source.text.isascii()
        self._lines = [] if self._ascii else split_lines(source.text)

    def column(self, line: int, offset: int) -> int:
        """The character column, from 1, of a byte offset, from 0, in a line, from 1."""
        if self._ascii or line > len(self._lines):
            return offset + 1
        text = self._lines[line - 1]
        return offset + 1 if text.isascii() else len(text.encode()[:offset].decode("utf-8", "replace")) + 1

    def span(self, node: ast.AST) -> Location:
        """Where a node is, from its first character to behind its last."""
        line, end = node.lineno, node.end_lineno or node.lineno  # type: ignore[attr-defined]
        start, stop = node.col_offset, node.end_col_offset  # type: ignore[attr-defined]
        return Location(self.path, line, self.column(line, start), end, self.column(end, stop))


def split_lines(text: str) -> list[str]:
    """The lines of a Python file as its tokenizer counts them: by line feeds and carriage returns only."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def position(source: Source, node: ast.AST) -> Position:
    """Where a node begins: line and column from 1, in characters."""
    location = Columns(source).span(node)
    return Position(location.line, location.column)


def span(source: Source, node: ast.AST) -> Location:
    """Where a node is; use `Columns` for many nodes of one file."""
    return Columns(source).span(node)
