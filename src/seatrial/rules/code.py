"""One parsed file as rules read it: places in characters, its imports, and what its top level binds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from seatrial.issue import Location, Position
from seatrial.project.syntax.sites import Sites

_LINE_END = re.compile(r"\r\n|\r|\n")
_FROM = re.compile(r"from(?:\s|\\\r?\n)*(?P<module>[.\s]*[\w.]*)(?:\s|\\\r?\n)*import\b")

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
ImportNode = ast.Import | ast.ImportFrom
Definition = FunctionNode | ast.ClassDef | ast.expr
Kind = Literal["function", "class", "value", "import", "star"]


@dataclass(frozen=True, slots=True)
class Binding:
    """One name that the top level of a module binds. For an import, `source` is what it names (`.models.User`)."""

    name: str
    kind: Kind
    line: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class ImportSite:
    """One import statement and what it stands in, outermost first."""

    node: ImportNode
    parents: tuple[ast.AST, ...]

    @property
    def in_function(self) -> bool:
        """Whether it runs only when a function is called."""
        return any(isinstance(parent, FunctionNode | ast.Lambda) for parent in self.parents)

    @property
    def for_types_only(self) -> bool:
        """Whether it stands under `if TYPE_CHECKING`."""
        return any(isinstance(parent, ast.If) and is_type_checking(parent.test) for parent in self.parents)

    @property
    def at_top(self) -> bool:
        """Whether it is a plain statement of the module."""
        return not self.parents


def is_type_checking(test: ast.expr) -> bool:
    """`TYPE_CHECKING` or `typing.TYPE_CHECKING`."""
    return ast.unparse(test).rpartition(".")[2] == "TYPE_CHECKING"


class CodeFile:
    """The text and syntax tree of one Python file. `path` is relative to the audited PATH."""

    def __init__(self, path: str, text: str, tree: ast.Module) -> None:
        self.path = path
        self.text = text
        self.tree = tree
        self.bound: dict[object, list[str]] = {}  # `resolving` keeps here what it finds of this file
        self.meant: dict[str, frozenset[object]] = {}

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Its text in lines, without what ends them."""
        return tuple(_LINE_END.split(self.text))

    def start(self, node: ast.expr | ast.stmt | ast.alias | ast.arg) -> Position:
        """Where a node begins, in characters from 1."""
        return self.position(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.alias | ast.arg) -> Position:
        """Behind the last character of a node."""
        return self.position(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)

    def position(self, line: int, byte_column: int) -> Position:
        """The place in characters for one that `ast` gives in UTF-8 bytes."""
        if self.text.isascii() or (text := self.lines[line - 1]).isascii():
            return Position(line, byte_column + 1)
        return Position(line, len(text.encode("utf-8", "surrogatepass")[:byte_column].decode("utf-8", "ignore")) + 1)

    def place(self, node: ast.expr | ast.stmt | ast.alias | ast.arg) -> Location:
        """The span of a node."""
        start, end = self.start(node), self.end(node)
        return Location(self.path, start.line, start.column, end.line, end.column)

    def segment(self, start: Position, end: Position) -> str:
        """The text between two places, lines joined by plain newlines."""
        if start.line == end.line:
            return self.lines[start.line - 1][start.column - 1 : end.column - 1]
        first, last = self.lines[start.line - 1][start.column - 1 :], self.lines[end.line - 1][: end.column - 1]
        return "\n".join((first, *self.lines[start.line : end.line - 1], last))

    def source(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node."""
        return self.segment(self.start(node), self.end(node))

    def module_span(self, node: ast.ImportFrom) -> tuple[Position, Position] | None:
        """Where `from` names its module, dots included; None when it is written too oddly to tell."""
        match = _FROM.match(self.source(node))
        written = match["module"].rstrip() if match else ""
        if match is None or "".join(written.split()) != "." * node.level + (node.module or "") or "\n" in written:
            return None
        before = match.string[: match.start("module")]
        line = node.lineno + before.count("\n")
        column = len(before) - before.rfind("\n") if "\n" in before else self.start(node).column + len(before)
        return Position(line, column), Position(line, column + len(written))

    @cached_property
    def imports(self) -> tuple[ImportSite, ...]:
        """Every import statement, in the order of the text."""
        return tuple(_imports(self.tree, ()))

    @cached_property
    def sites(self) -> Sites:
        """Its calls, handlers and functions."""
        return Sites(self.tree)

    @cached_property
    def _origins(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for site in self.imports:
            prefix = "" if isinstance(site.node, ast.Import) else "." * site.node.level + (site.node.module or "") + "."
            for alias in site.node.names:
                whole = alias.name if alias.asname or prefix else alias.name.partition(".")[0]
                found.setdefault(alias.asname or whole, prefix + whole)
        return found

    def full_name(self, node: ast.expr) -> str:
        """`jwt.decode` for `decode` after `from jwt import decode`; "" for what is no dotted name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self._origins.get(node.id, node.id), *reversed(parts)])

    def import_at(self, line: int) -> ImportSite | None:
        """The import statement that covers this line."""
        covering = (site for site in self.imports if site.node.lineno <= line <= (site.node.end_lineno or 0))
        return next(covering, None)

    @cached_property
    def bindings(self) -> dict[str, Binding]:
        """What the top level binds, conditionally or not, by name; the last binding of each."""
        return {binding.name: binding for binding in bindings_of(self.tree.body)}

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """The functions, classes and values of the top level by name; the first of each."""
        found: dict[str, Definition] = {}
        for node in self.tree.body:
            if isinstance(node, FunctionNode | ast.ClassDef):
                found.setdefault(node.name, node)
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else (node.target,):
                    if isinstance(target, ast.Name):
                        found.setdefault(target.id, node.value)
        return found

    @cached_property
    def stars(self) -> tuple[str, ...]:
        """The modules whose names `from … import *` brings in, as written."""
        nodes = [site.node for site in self.imports if isinstance(site.node, ast.ImportFrom) and not site.in_function]
        return tuple("." * n.level + (n.module or "") for n in nodes if n.names[0].name == "*")

    def defines(self, name: str) -> Binding | None:
        """The definition of a name here: a function, class or value, not an import of it."""
        binding = self.bindings.get(name)
        return binding if binding is not None and binding.kind in ("function", "class", "value") else None


def _imports(node: ast.AST, parents: tuple[ast.AST, ...]) -> Iterator[ImportSite]:
    inside = parents if isinstance(node, ast.Module) else (*parents, node)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ImportNode):
            yield ImportSite(child, inside)
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _imports(child, inside)


def bindings_of(body: list[ast.stmt]) -> Iterator[Binding]:
    """What statements of a top level bind, in order, those in their blocks included."""
    for statement in body:
        if isinstance(statement, FunctionNode):
            yield Binding(statement.name, "function", statement.lineno)
        elif isinstance(statement, ast.ClassDef):
            yield Binding(statement.name, "class", statement.lineno)
        elif isinstance(statement, ImportNode):
            yield from _imported(statement)
        else:
            yield from _assigned(statement)
            for block in _blocks(statement):
                yield from bindings_of(block)


def _imported(node: ImportNode) -> Iterator[Binding]:
    prefix = "" if isinstance(node, ast.Import) else "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            continue
        name = alias.asname or (alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name)
        joint = "" if not prefix or prefix.endswith(".") else "."
        yield Binding(name, "import", node.lineno, f"{prefix}{joint}{alias.name}")


def _assigned(statement: ast.stmt) -> Iterator[Binding]:
    """Names that one statement binds itself: targets, `for`, `with`, `except`, walrus."""
    heads = [child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt)]
    if isinstance(statement, ast.AnnAssign) and statement.value is None:
        return
    for head in heads:
        if isinstance(head, ast.ExceptHandler):
            continue
        for node in ast.walk(head):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield Binding(node.id, "value", node.lineno)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(statement, name, None)
        if isinstance(block, list):
            yield block
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body
