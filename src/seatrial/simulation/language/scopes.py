"""Which names a function owns, decided from its text as CPython's compiler does."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.libraries.values import ABSENT, Cell, Value

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Scope:
    """The compile-time facts of one function body."""

    __slots__ = ("globals", "is_generator", "locals", "nonlocals")

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        bound: set[str] = set(parameters(node.args))
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.is_generator = False
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
        for child in own_nodes(body):
            self._take(child, bound)
        self.locals = frozenset(bound - self.globals - self.nonlocals)

    def _take(self, child: ast.AST, bound: set[str]) -> None:
        if isinstance(child, ast.Global):
            self.globals.update(child.names)
        elif isinstance(child, ast.Nonlocal):
            self.nonlocals.update(child.names)
        elif isinstance(child, ast.Yield | ast.YieldFrom):
            self.is_generator = True
        else:
            bound.update(binds(child))


def parameters(args: ast.arguments) -> Iterator[str]:
    """The names of a function's parameters."""
    for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs):
        yield arg.arg
    for star in (args.vararg, args.kwarg):
        if star is not None:
            yield star.arg


def binds(node: ast.AST) -> Iterator[str]:
    """The names that this one node binds in the scope it stands in."""
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            yield node.id
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        if node.name:
            yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest


def own_nodes(roots: list[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of a scope, without the insides of the scopes nested in it.

    Of a comprehension only the first iterable and the walrus targets belong to the scope around it.
    """
    stack = list(reversed(roots))
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, _SCOPES):
            stack.extend(_outer_parts(node))
        elif isinstance(node, _COMPREHENSIONS):
            stack.append(node.generators[0].iter)
            stack.extend(n.target for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
        else:
            stack.extend(ast.iter_child_nodes(node))


def _outer_parts(node: ast.AST) -> Iterator[ast.AST]:
    """What a nested definition evaluates in the scope around it."""
    if isinstance(node, ast.ClassDef):
        yield from node.decorator_list
        yield from node.bases
        yield from (keyword.value for keyword in node.keywords)
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from node.decorator_list
        if node.returns is not None:
            yield node.returns
        yield from (arg.annotation for arg in ast.walk(node.args) if isinstance(arg, ast.arg) and arg.annotation)
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    yield from node.args.defaults
    yield from (default for default in node.args.kw_defaults if default is not None)


def scope_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Scope:
    """The scope facts of a function, worked out once."""
    scope = getattr(node, "_seatrial_scope", None)
    if scope is None:
        scope = Scope(node)
        node._seatrial_scope = scope  # type: ignore[union-attr]
    return scope


def owner_of(cell: Cell | None, name: str) -> Cell | None:
    """The nearest cell that owns a name, as the compiler decided it."""
    while cell is not None:
        if name in cell.locals:
            return cell
        cell = cell.parent
    return None


def lookup(cell: Cell, name: str) -> Value:
    """The value of a name in the cell that owns it; ABSENT while unbound."""
    return cell.names.get(name, ABSENT)
