"""A walk over those statements of a file that mention the environment, with what stands around each expression."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from seatrial.issue import Location
from seatrial.project.settings_paths import PathReader

MENTIONS = ("environ", "getenv", "Settings", "decouple", "starlette.config", "dotenv", "dynaconf", "envvar")
"""A file whose text holds none of these reads no environment variable that we could find."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition behind which the code gives up: its line, the names in it, and the condition itself."""

    line: int
    names: frozenset[str]
    test: ast.expr


@dataclass
class PythonFile:
    """One Python file, by its path relative to the audited folder; `source_tree` is its tree, or what makes it."""

    path: str
    text: str
    source_tree: ast.Module | Callable[[], ast.Module]

    @cached_property
    def tree(self) -> ast.Module:
        """The file's tree."""
        return self.source_tree if isinstance(self.source_tree, ast.Module) else self.source_tree()

    @cached_property
    def names(self) -> Mapping[str, ast.expr]:
        """What the module's own level assigns: name -> last expression."""
        found: dict[str, ast.expr] = {}
        for statement in _flat(self.tree.body):
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                if isinstance(statement.targets[0], ast.Name):
                    found[statement.targets[0].id] = statement.value
            elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
                found[statement.target.id] = statement.value
        return found

    @cached_property
    def imports(self) -> Mapping[str, str]:
        """Local name -> the dotted name that an import binds to it, anywhere in the file's statements."""
        found: dict[str, str] = {}
        for statement in _flat(self.tree.body):
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    found[alias.asname or alias.name.split(".")[0]] = (
                        alias.name if alias.asname else alias.name.split(".")[0]
                    )
            elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
                for alias in statement.names:
                    found[alias.asname or alias.name] = f"{statement.module}.{alias.name}"
        return found

    @cached_property
    def paths(self) -> PathReader:
        """The reader of this file's path expressions."""
        return PathReader(self.path, self.names)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def canonical(self, node: ast.AST) -> str:
        """`environ.get` after `from os import environ` is `os.environ.get`; "" for what is no dotted name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        first = self.imports.get(node.id, node.id)
        return ".".join([first, *reversed(parts)])

    def location(self, node: ast.AST) -> Location:
        """The span of a node in characters from 1."""
        line, end = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
        column = self._column(line, getattr(node, "col_offset", 0))
        end_column = self._column(end, getattr(node, "end_col_offset", 0)) if end else None
        return Location(self.path, line, column, end, end_column)

    def _column(self, line: int, offset: int) -> int:
        if line > len(self._lines) or self._lines[line - 1].isascii():
            return offset + 1
        return len(self._lines[line - 1].encode()[:offset].decode(errors="ignore")) + 1

    def source(self, node: ast.AST) -> str:
        """The text of a node, on one line."""
        line, end = getattr(node, "lineno", 0), getattr(node, "end_lineno", None)
        if not line or not end or end > len(self._lines):
            return ast.unparse(node)
        place = self.location(node)
        lines = self._lines[line - 1 : end]
        lines[-1] = lines[-1][: (place.end_column or 1) - 1]
        lines[0] = lines[0][place.column - 1 :]
        return " ".join(" ".join(lines).split())

    @cached_property
    def _line_starts(self) -> list[int]:
        lengths = (len(line) + 1 for line in self.text.split("\n")[:-1])
        return [0, *accumulate(lengths)]

    def lines_with(self, pattern: re.Pattern[str]) -> list[int]:
        """The lines, from 1, on which something matches."""
        starts = self._line_starts
        return sorted({bisect_right(starts, match.start()) for match in pattern.finditer(self.text)})

    @cached_property
    def guards(self) -> tuple[Guard, ...]:
        """Every check of the file that raises, exits or notes that something is missing."""
        return tuple(_guards(self.tree.body))


def _flat(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a body and of the `if`, `try` and `with` blocks in it, and of functions only their imports'
    blocks.
    """
    for statement in body:
        yield statement
        if not isinstance(statement, ast.ClassDef):
            for part in ("body", "orelse", "finalbody"):
                yield from _flat([item for item in getattr(statement, part, []) if isinstance(item, ast.stmt)])
            for handler in getattr(statement, "handlers", []):
                yield from _flat(handler.body)


def _guards(body: Sequence[ast.stmt]) -> Iterator[Guard]:
    for statement in body:
        if isinstance(statement, (ast.If, ast.Assert)) and stops(statement):
            names = {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(statement.test)}
            yield Guard(statement.lineno, frozenset(names), statement.test)
        for part in _bodies(statement):
            yield from _guards(part)


def stops(statement: ast.stmt) -> bool:
    """Whether a statement, or what it guards, raises or ends the process. An HTTPException only ends a request."""
    return isinstance(statement, ast.Assert) or stops_in(getattr(statement, "body", []))


def stops_in(body: Sequence[ast.stmt]) -> bool:
    """Whether one of these statements raises or ends the process."""
    for statement in body:
        if isinstance(statement, ast.Raise):
            raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
            return "HTTPException" not in (getattr(raised, "id", ""), getattr(raised, "attr", ""))
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            function = statement.value.func
            if getattr(function, "attr", getattr(function, "id", "")) in ("exit", "_exit", "abort"):
                return True
        if isinstance(statement, ast.If) and stops_in(statement.body):
            return True
    return False


@dataclass(slots=True)
class Site:
    """One expression node with the expressions around it (outermost first), its statement, and the statements after
    that.
    """

    node: ast.expr
    around: tuple[ast.AST, ...]
    statement: ast.stmt
    following: Sequence[ast.stmt]
    functions: tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]
    blocks: tuple[ast.stmt, ...] = field(default=())


def sites(file: PythonFile, pattern: re.Pattern[str]) -> Iterator[Site]:
    """Every call, subscript and comparison in the statements whose lines match a pattern."""
    hits = file.lines_with(pattern)
    if hits:
        yield from _body(file.tree.body, hits, (), ())


def _touched(statement: ast.stmt, hits: list[int]) -> bool:
    first = min([statement.lineno, *(node.lineno for node in getattr(statement, "decorator_list", []))])
    index = bisect_left(hits, first)
    return index < len(hits) and hits[index] <= (statement.end_lineno or statement.lineno)


def _body(
    body: Sequence[ast.stmt],
    hits: list[int],
    functions: tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...],
    blocks: tuple[ast.stmt, ...],
) -> Iterator[Site]:
    for index, statement in enumerate(body):
        if not _touched(statement, hits):
            continue
        following = body[index + 1 :]
        for child in _expressions(statement):
            yield from _expression(child, (), statement, following, functions, blocks)
        inner = (*functions, statement) if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) else functions
        for part in _bodies(statement):
            yield from _body(part, hits, inner, (*blocks, statement))


def _bodies(statement: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    for part in ("body", "orelse", "finalbody"):
        block = getattr(statement, part, None)
        if block and isinstance(block[0], ast.stmt):
            yield block
    for handler in getattr(statement, "handlers", []):
        yield handler.body
    for case in getattr(statement, "cases", []):
        yield case.body


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            yield child


def _expression(
    node: ast.AST,
    around: tuple[ast.AST, ...],
    statement: ast.stmt,
    following: Sequence[ast.stmt],
    functions: tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...],
    blocks: tuple[ast.stmt, ...],
) -> Iterator[Site]:
    if len(around) > 60:
        return
    if isinstance(node, (ast.Call, ast.Subscript, ast.Compare)):
        yield Site(node, around, statement, following, functions, blocks)
    for child in ast.iter_child_nodes(node):
        yield from _expression(child, (*around, node), statement, following, functions, blocks)
