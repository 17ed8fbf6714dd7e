"""One file to its facts: a walk over its statements, and of function bodies only over those with the words `import` or
`global` in them, so that this costs a tenth of parsing.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from seatrial.project.files import Source
from seatrial.project.syntax.facts import (
    Alias,
    Binding,
    BindingKind,
    FileFacts,
    Function,
    Guard,
    ImportStatement,
    Scope,
    Span,
)
from seatrial.project.syntax.parsing import Columns

# One pattern each, without anything in front: a search for a literal beginning is ten times as fast.
_WORTH_A_VISIT = (re.compile(r"import[ \t\\(*]"), re.compile(r"global[ \t\\]"))


def worth_a_visit(text: str) -> bool:
    """Whether there may be an import or a `global` in a piece of code."""
    return any(pattern.search(text) is not None for pattern in _WORTH_A_VISIT)


def scan_facts(tree: ast.Module, source: Source) -> FileFacts:
    """The facts of a tree of this source, whole or in outline."""
    scanner = _Scanner(source)
    scanner.block(tree.body)
    exports, known = _exports(tree)
    return FileFacts(source.path, tuple(scanner.imports), tuple(scanner.bindings), exports, known)


class _Scanner:
    def __init__(self, source: Source) -> None:
        self.columns = Columns(source)
        self.imports: list[ImportStatement] = []
        self.bindings: list[Binding] = []
        self._scope: tuple[Scope, ...] = ()
        self._guards: tuple[Guard, ...] = ()
        self._walrus = ":=" in source.text
        self._lines = sorted(line for pattern in _WORTH_A_VISIT for line in _lines_of(pattern, source.text))

    def block(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            visit = _VISITS.get(type(statement).__name__)
            if visit is not None:
                visit(self, statement)
            if self._walrus and not self._scope:
                self._walruses(statement)

    def span(self, node: ast.stmt | ast.expr | ast.alias | ast.ExceptHandler | ast.pattern) -> Span:
        line, end = node.lineno, node.end_lineno or node.lineno
        column = self.columns.column
        return Span(line, column(line, node.col_offset), end, column(end, node.end_col_offset or node.col_offset))

    def _bind(self, name: str, kind: BindingKind, span: Span) -> None:
        if not self._scope:
            self.bindings.append(Binding(name, kind, span, bool(self._guards)))

    def _within(self, guard: Guard, body: Iterable[ast.stmt]) -> None:
        outer, self._guards = self._guards, (*self._guards, guard)
        self.block(body)
        self._guards = outer

    def import_(self, node: ast.Import) -> None:
        self._add(node, None, 0, "import")

    def from_(self, node: ast.ImportFrom) -> None:
        self._add(node, node.module or "", node.level, "from")

    def _add(self, node: ast.Import | ast.ImportFrom, module: str | None, level: int, kind: BindingKind) -> None:
        names = tuple(Alias(alias.name, alias.asname, self.span(alias)) for alias in node.names)
        self.imports.append(ImportStatement(module, level, names, self.span(node), self._scope, self._guards))
        for alias in names:
            bound = alias.asname or (alias.name.partition(".")[0] if module is None else alias.name)
            self._bind(bound, kind, alias.span)

    def function(self, node: Function) -> None:
        self._bind(node.name, "def" if isinstance(node, ast.FunctionDef) else "async def", self.span(node))
        if self._worth(node):
            self._inside(Scope("function", node.name, node.lineno), node.body)

    def class_(self, node: ast.ClassDef) -> None:
        self._bind(node.name, "class", self.span(node))
        if self._worth(node):
            self._inside(Scope("class", node.name, node.lineno), node.body)

    def _worth(self, node: Function | ast.ClassDef) -> bool:
        at = bisect_left(self._lines, node.lineno)
        return at < len(self._lines) and self._lines[at] <= (node.end_lineno or node.lineno)

    def _inside(self, scope: Scope, body: list[ast.stmt]) -> None:
        outer, self._scope = self._scope, (*self._scope, scope)
        self.block(body)
        self._scope = outer

    def global_(self, node: ast.Global) -> None:
        span = self.span(node)
        self.bindings.extend(Binding(name, "global", span, True) for name in node.names)

    def assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._targets(target, "assign")

    def annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._targets(node.target, "assign")

    def augmented(self, node: ast.AugAssign) -> None:
        self._targets(node.target, "assign")

    def type_alias(self, node: ast.stmt) -> None:
        self._targets(node.name, "type")  # type: ignore[attr-defined]

    def _targets(self, target: ast.expr, kind: BindingKind) -> None:
        if self._scope:
            return
        waiting = [target]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Name):
                self._bind(node.id, kind, self.span(node))
            elif isinstance(node, (ast.Tuple, ast.List)):
                waiting.extend(reversed(node.elts))
            elif isinstance(node, ast.Starred):
                waiting.append(node.value)

    def if_(self, node: ast.If) -> None:
        """An `elif` stands in the `else` of the `if` above it, as deep as there are; so they are taken one by one."""
        outer = self._guards
        current: ast.If | None = node
        while current is not None:
            text, only_checked = ast.unparse(current.test), _checks_types(current.test)
            self._within(Guard("if", text, current.lineno, only_checked is True), current.body)
            self._guards = (*self._guards, Guard("if", f"not ({text})", current.lineno, only_checked is False))
            following = current.orelse[0] if len(current.orelse) == 1 else None
            if not isinstance(following, ast.If):
                self.block(current.orelse)
                following = None
            current = following
        self._guards = outer

    def try_(self, node: ast.Try) -> None:
        caught = " ".join(_caught(handler) for handler in node.handlers)
        self._within(Guard("try", caught, node.lineno), node.body)
        for handler in node.handlers:
            if handler.name:
                self._within(Guard("except", _caught(handler), handler.lineno), ())
                self._bind(handler.name, "except", self.span(handler))
            self._within(Guard("except", _caught(handler), handler.lineno), handler.body)
        self._within(Guard("else", caught, node.lineno), node.orelse)
        self.block(node.finalbody)

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            if item.optional_vars is not None:
                self._targets(item.optional_vars, "with")
        text = ", ".join(ast.unparse(item.context_expr) for item in node.items) if self._worth_statement(node) else ""
        self._within(Guard("with", text, node.lineno), node.body)

    def loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        looped = node.test if isinstance(node, ast.While) else node.iter
        guard = Guard("loop", ast.unparse(looped) if self._worth_statement(node) else "", node.lineno)
        if not isinstance(node, ast.While):
            self._targets(node.target, "for")
        self._within(guard, node.body)
        self.block(node.orelse)

    def match(self, node: ast.Match) -> None:
        text = ast.unparse(node.subject) if self._worth_statement(node) else ""
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if isinstance(pattern, ast.pattern) and isinstance(name, str):
                    self._bind(name, "match", self.span(pattern))
            self._within(Guard("match", text, node.lineno), case.body)

    def _worth_statement(self, node: ast.stmt) -> bool:
        at = bisect_left(self._lines, node.lineno)
        return at < len(self._lines) and self._lines[at] <= (node.end_lineno or node.lineno)

    def _walruses(self, statement: ast.stmt) -> None:
        """`:=` in the expressions of a statement, not in the statements within it."""
        waiting = [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.expr)]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.NamedExpr):
                self._bind(node.target.id, "walrus", self.span(node.target))
            if not isinstance(node, ast.Lambda):
                waiting.extend(child for child in _expressions(node))


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, (ast.comprehension, ast.keyword)):
            yield from _expressions(child)


_VISITS: dict[str, Callable[[_Scanner, Any], None]] = {
    "Import": _Scanner.import_,
    "ImportFrom": _Scanner.from_,
    "FunctionDef": _Scanner.function,
    "AsyncFunctionDef": _Scanner.function,
    "ClassDef": _Scanner.class_,
    "Assign": _Scanner.assign,
    "AnnAssign": _Scanner.annotated,
    "AugAssign": _Scanner.augmented,
    "TypeAlias": _Scanner.type_alias,
    "If": _Scanner.if_,
    "Try": _Scanner.try_,
    "TryStar": _Scanner.try_,
    "With": _Scanner.with_,
    "AsyncWith": _Scanner.with_,
    "For": _Scanner.loop,
    "AsyncFor": _Scanner.loop,
    "While": _Scanner.loop,
    "Match": _Scanner.match,
    "Global": _Scanner.global_,
}


def _lines_of(pattern: re.Pattern[str], text: str) -> list[int]:
    """The numbers of the lines in which a pattern is found, ascending."""
    lines: list[int] = []
    line, at = 1, 0
    for found in pattern.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        lines.append(line)
    return lines


def _checks_types(test: ast.expr) -> bool | None:
    """True for `TYPE_CHECKING`, False for `not TYPE_CHECKING`, None for anything else."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _checks_types(test.operand)
        return None if inner is None else not inner
    name = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
    return True if name == "TYPE_CHECKING" else None


def _caught(handler: ast.ExceptHandler) -> str:
    """The exceptions a handler catches, by the last part of their names; "*" for all."""
    if handler.type is None:
        return "*"
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return " ".join(ast.unparse(one).rpartition(".")[2] for one in types)


def _exports(tree: ast.Module) -> tuple[tuple[str, ...] | None, bool]:
    """`__all__` as far as it is written out, and whether that is all of it."""
    names: list[str] | None = None
    known = True
    for statement in tree.body:
        values = _exported_by(statement)
        if values is None:
            continue
        added = [value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)]
        known = known and len(added) == len(values)
        names = [*(names or []), *added] if isinstance(statement, ast.AugAssign) else added
    return (tuple(names) if names is not None else None), known


def _exported_by(statement: ast.stmt) -> list[ast.expr] | None:
    """The items that a statement puts into `__all__`; None when it is about something else."""
    if isinstance(statement, ast.Assign):
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        target = statement.target
    else:
        return None
    if not isinstance(target, ast.Name) or target.id != "__all__" or statement.value is None:
        return None
    value = statement.value
    return value.elts if isinstance(value, (ast.List, ast.Tuple, ast.Set)) else [value]
