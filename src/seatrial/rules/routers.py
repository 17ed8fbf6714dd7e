"""The routers that the backend makes, where each is included, and where it could be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Location
from seatrial.project.syntax.nodes import walk
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.references import references
from seatrial.rules.resolving import Meaning, bound_to, meant_by
from seatrial.rules.statements import dotted

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "api_route", "websocket", "route"})


@dataclass(frozen=True, slots=True)
class Router:
    """`name = APIRouter(...)` at the top of a module, and the paths that its decorators add."""

    module: str
    name: str
    location: Location
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inclusion:
    """One call of `include_router` and the first thing it is given."""

    file: CodeFile
    call: ast.Call
    statement: ast.stmt
    subject: ast.expr


def routers_of(case: Case) -> tuple[Router, ...]:
    """Every router of the backend that has a route of its own."""
    return tuple(router for path, name in case.code.names.items() for router in _in_file(case, path, name))


def _in_file(case: Case, path: str, module: str) -> Iterator[Router]:
    if "APIRouter" not in (case.code.text(path) or ""):
        return
    file = case.code.file(path)
    for node in file.tree.body if file is not None else ():
        name = made_router(node)
        if file is not None and name is not None and (paths := _paths(file, name)):
            yield Router(module, name, file.place(node), paths)


def made_router(node: ast.stmt) -> str | None:
    """The name that `name = APIRouter(...)` binds."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target: ast.expr = node.targets[0]
    elif isinstance(node, ast.AnnAssign):
        target = node.target
    else:
        return None
    called = dotted(node.value.func) if isinstance(node.value, ast.Call) else None
    is_router = called is not None and called.rpartition(".")[2] == "APIRouter"
    return target.id if isinstance(target, ast.Name) and is_router else None


def _paths(file: CodeFile, name: str) -> tuple[str, ...]:
    found: list[str] = []
    for node in file.tree.body:
        for decorator in getattr(node, "decorator_list", ()):
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                owner = dotted(decorator.func.value)
                first = decorator.args[0] if decorator.args else None
                if owner == name and decorator.func.attr in _METHODS:
                    found.append(str(first.value) if isinstance(first, ast.Constant) else "")
    return tuple(found)


def inclusions(case: Case) -> tuple[Inclusion, ...]:
    """Every call of `include_router` in what is served."""
    found: list[Inclusion] = []
    for path in case.code.names:
        file = case.code.file(path) if "include_router" in (case.code.text(path) or "") else None
        for node in ast.walk(file.tree) if file is not None else ():
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and file is not None:
                func, subject = node.value.func, _subject(node.value)
                if isinstance(func, ast.Attribute) and func.attr == "include_router" and subject is not None:
                    found.append(Inclusion(file, node.value, node, subject))
    return tuple(found)


def _subject(call: ast.Call) -> ast.expr | None:
    if call.args:
        return call.args[0]
    return next((keyword.value for keyword in call.keywords if keyword.arg == "router"), None)


def is_used(case: Case, router: Router) -> bool:
    """Whether anything refers to the router, its own decorators aside."""
    wanted = Meaning(router.module, router.name)
    return any(_uses(case, path, wanted) for path in case.code.names)


def _uses(case: Case, path: str, wanted: Meaning) -> bool:
    last = wanted.module.rpartition(".")[2]
    text = case.code.text(path) or ""
    if wanted.symbol is None or (wanted.symbol not in text and last not in text):
        return False
    file = case.code.file(path)
    if file is None:
        return False
    own = case.code.names.get(path) == wanted.module
    decorators = {id(part) for node in walk(file.tree) for part in _decorating(node)} if own else set()
    names = bound_to(case.code, file, wanted)
    if any(id(use.node) not in decorators for name in names for use in references(file, name)):
        return True
    return wanted in meant_by(case.code, file, wanted.symbol)


def _decorating(node: ast.AST) -> Iterator[ast.AST]:
    for decorator in getattr(node, "decorator_list", ()):
        yield from ast.walk(decorator)
