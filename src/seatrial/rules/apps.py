"""Where the backend really makes its application, by what its files say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Location
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, FunctionNode
from seatrial.rules.statements import dotted

_CLASSES = frozenset({"FastAPI", "Starlette"})


@dataclass(frozen=True, slots=True)
class App:
    """An application (`app = FastAPI()`), or with `factory` a function that returns one."""

    module: str
    attribute: str
    factory: bool
    location: Location

    @property
    def target(self) -> str:
        """As a launch command names it."""
        return f"{self.module}:{self.attribute}"


def apps(case: Case) -> tuple[App, ...]:
    """Every application that an import can reach; made objects before factories."""
    found = [app for path, name in case.code.names.items() for app in _in_file(case, path, name)]
    return tuple(sorted(found, key=lambda app: (app.factory, app.module.count("."), app.module)))


def _in_file(case: Case, path: str, name: str) -> Iterator[App]:
    if not any(word in (case.code.text(path) or "") for word in _CLASSES):
        return
    file = case.code.file(path)
    if file is None:
        return
    factories = {node.name for node in file.tree.body if isinstance(node, FunctionNode) and _returns_app(node)}
    for node in file.tree.body:
        if isinstance(node, FunctionNode) and node.name in factories:
            if not any(argument for argument in _required(node)):
                yield App(name, node.name, True, file.place(node))
        elif (attribute := _assigned(node, factories)) is not None:
            yield App(name, attribute, False, file.place(node))


def _required(node: FunctionNode) -> list[ast.arg]:
    return node.args.args[: len(node.args.args) - len(node.args.defaults)]


def _assigned(node: ast.stmt, factories: set[str]) -> str | None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target: ast.expr = node.targets[0]
    elif isinstance(node, ast.AnnAssign):
        target = node.target
    else:
        return None
    called = (dotted(node.value.func) or "").rpartition(".")[2] if isinstance(node.value, ast.Call) else ""
    return target.id if isinstance(target, ast.Name) and called in _CLASSES | factories else None


def _returns_app(node: FunctionNode) -> bool:
    if node.returns is not None and (dotted(node.returns) or "").rpartition(".")[2] in _CLASSES:
        return True
    calls = (child for child in ast.walk(node) if isinstance(child, ast.Call))
    made = any((dotted(call.func) or "").rpartition(".")[2] in _CLASSES for call in calls)
    return made and any(isinstance(child, ast.Return) and isinstance(child.value, ast.Name) for child in ast.walk(node))


def routers(file: CodeFile) -> dict[str, int]:
    """The names of the routers that a file's top level makes (`router = APIRouter()`), with their lines."""
    found: dict[str, int] = {}
    for node in file.tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Call) and (dotted(value.func) or "").rpartition(".")[2] == "APIRouter":
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if isinstance(target, ast.Name):
                found[target.id] = node.lineno
    return found
