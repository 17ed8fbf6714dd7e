"""What guards a route: the security schemes that FastAPI asks before the endpoint runs, as far as the text tells.

Read are the parameters of the endpoint, what they depend on, and the `dependencies=[...]` of its decorator, of its
router, of the inclusion of the router and of the application. Middleware is not looked into.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from seatrial.project.syntax.nodes import walk
from seatrial.rules.code import CodeFile, Definition, FunctionNode
from seatrial.rules.codebase import Codebase
from seatrial.rules.resolving import Meaning, definition_of, meaning_of
from seatrial.rules.statements import dotted
from seatrial.simulation.timeline import Route

_SCHEMES = frozenset(
    {
        "OAuth2PasswordBearer",
        "OAuth2AuthorizationCodeBearer",
        "OAuth2",
        "OpenIdConnect",
        "HTTPBearer",
        "HTTPBasic",
        "HTTPDigest",
        "APIKeyHeader",
        "APIKeyCookie",
        "APIKeyQuery",
    }
)
_TELLING = re.compile(r"auth|token|user|permission|role|admin|session|login|principal|api_?key", re.IGNORECASE)
_DATABASE = re.compile(r"^(get_)?(async_)?(db_?)?session$|^(get_)?(async_)?(db|database)", re.IGNORECASE)
_CREDENTIALS = frozenset({"authorization", "x-api-key", "access_token"})
_DEPTH = 12  # of dependencies that depend on one another


@dataclass(frozen=True, slots=True)
class _Spot:
    """An expression and the file that it stands in."""

    file: CodeFile
    node: ast.expr


class Guards:
    """Answers for the routes of one backend; every dependency is looked into once."""

    def __init__(self, code: Codebase) -> None:
        self._code = code
        self._met: dict[tuple[str, str], tuple[str, ...]] = {}
        self._named: dict[str, dict[str, FunctionNode]] = {}

    def of(self, route: Route) -> tuple[str, ...]:
        """What guards the route, as `OAuth2PasswordBearer by get_current_user`; empty where nothing is seen."""
        found = self._endpoint(route)
        if found is None:
            return ()
        file, function = found
        spots = [*self._asked(file, function), *self._around(file, function)]
        return tuple(dict.fromkeys(guard for spot in spots for guard in self._guard(spot, 0)))

    def _endpoint(self, route: Route) -> tuple[CodeFile, FunctionNode] | None:
        """The function of the route, at its place or in the module that its name says."""
        module, _, name = route.endpoint.rpartition(".")
        for file in (self._code.file(route.location.path), self._code.module(module) if module else None):
            function = self._functions(file).get(name) if file is not None else None
            if file is not None and function is not None:
                return file, function
        return None

    def _functions(self, file: CodeFile) -> dict[str, FunctionNode]:
        """The functions of a file by name, of several the outermost; a file is looked through once for all routes."""
        if file.path not in self._named:
            found = (node for node in walk(file.tree) if isinstance(node, FunctionNode))
            self._named[file.path] = {node.name: node for node in reversed([*found])}
        return self._named[file.path]

    def _around(self, file: CodeFile, function: FunctionNode) -> Iterator[_Spot]:
        """What the decorator, the router or application, and its inclusions ask of every request."""
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                yield from _listed(file, decorator)
                yield from self._of_router(meaning_of(self._code, file, decorator.func.value))

    def _of_router(self, router: Meaning | None) -> Iterator[_Spot]:
        if router is None:
            return
        made = definition_of(self._code, router)
        if made is not None and isinstance(made[1], ast.Call):
            yield from _listed(made[0], made[1])
        for file, call in self._inclusions_of.get(router, ()):
            yield from _listed(file, call)
            yield from self._of_application(file, call)

    def _of_application(self, file: CodeFile, call: ast.Call) -> Iterator[_Spot]:
        """What the router or application that includes another asks; an inclusion in an inclusion is followed."""
        owner = meaning_of(self._code, file, call.func.value) if isinstance(call.func, ast.Attribute) else None
        if owner is not None and not (call.args and meaning_of(self._code, file, call.args[0]) == owner):
            yield from self._of_router(owner)

    @cached_property
    def _inclusions(self) -> tuple[tuple[CodeFile, ast.Call], ...]:
        """Every call of `include_router`."""
        return tuple(
            (file, node)
            for path in self._code.names
            if "include_router" in (self._code.text(path) or "") and (file := self._code.file(path)) is not None
            for node in walk(file.tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "include_router"
        )

    @cached_property
    def _inclusions_of(self) -> dict[Meaning, list[tuple[CodeFile, ast.Call]]]:
        """The inclusions of each router: there are as many as routers, and every route asks."""
        found: dict[Meaning, list[tuple[CodeFile, ast.Call]]] = {}
        for file, call in self._inclusions:
            meaning = meaning_of(self._code, file, call.args[0]) if call.args else None
            if meaning is not None:
                found.setdefault(meaning, []).append((file, call))
        return found

    def _guard(self, spot: _Spot, depth: int) -> Iterator[str]:
        """The guards behind one dependency."""
        node = spot.node
        if isinstance(node, ast.Call):
            name = (dotted(node.func) or "").rpartition(".")[2]
            if name in _SCHEMES:
                yield name
                return
            node = node.func  # a class or function that makes the dependency
        name = dotted(node) or ""
        meaning = meaning_of(self._code, spot.file, node)
        found = definition_of(self._code, meaning) if meaning is not None else None
        if meaning is None or found is None:
            if _TELLING.search(name) and not _DATABASE.search(name.rpartition(".")[2]):
                yield f"{name} (not followed)"
        elif depth < _DEPTH:
            yield from self._behind(*found, meaning.symbol or name, depth)
            if isinstance(spot.node, ast.Call) and isinstance(found[1], FunctionNode):
                yield from self._made_by(found[0], found[1], depth)

    def _made_by(self, file: CodeFile, factory: FunctionNode, depth: int) -> Iterator[str]:
        """The guards behind what a function returns: functions of its own, or others of its file."""
        within = {
            node.name: node for node in ast.walk(factory) if isinstance(node, FunctionNode) and node is not factory
        }
        returned = [node.value for node in ast.walk(factory) if isinstance(node, ast.Return) and node.value is not None]
        for name in (node for value in returned for node in ast.walk(value) if isinstance(node, ast.Name)):
            if name.id in within:
                yield from self._behind(file, within[name.id], name.id, depth + 1)
            elif name.id in file.bindings:
                yield from self._guard(_Spot(file, name), depth + 1)

    def _behind(self, file: CodeFile, node: Definition, name: str, depth: int) -> Iterator[str]:
        key = (file.path, name)
        if key not in self._met:
            self._met[key] = ()  # a dependency on itself ends here
            self._met[key] = tuple(dict.fromkeys(self._inside(file, node, name, depth)))
        yield from self._met[key]

    def _inside(self, file: CodeFile, node: Definition, name: str, depth: int) -> Iterator[str]:
        if isinstance(node, ast.ClassDef):
            bases = {(dotted(base) or "").rpartition(".")[2] for base in node.bases}
            yield from (f"{base} by {name}" for base in sorted(bases & _SCHEMES))
            for method in (it for it in node.body if isinstance(it, FunctionNode)):
                if method.name in ("__init__", "__call__"):
                    yield from self._inside(file, method, name, depth)
        elif isinstance(node, FunctionNode):
            inner = [guard for spot in self._asked(file, node) for guard in self._guard(spot, depth + 1)]
            yield from (guard if " " in guard else f"{guard} by {name}" for guard in inner)
            if not inner and _reads_credentials(node):
                yield f"the request's credentials by {name}"
        elif isinstance(node, ast.Subscript):  # an alias of Annotated[...]
            yield from (guard for spot in _inner(file, node) for guard in self._guard(spot, depth + 1))
        else:
            yield from self._guard(_Spot(file, node), depth + 1)

    def _asked(self, file: CodeFile, function: FunctionNode) -> Iterator[_Spot]:
        """What the parameters of a function depend on: `= Depends(...)`, `Annotated[...]` or an alias of that."""
        arguments = function.args
        for default in (*arguments.defaults, *arguments.kw_defaults):
            yield from _depends(file, default)
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if isinstance(argument.annotation, ast.Subscript):
                yield from _inner(file, argument.annotation)
            elif argument.annotation is not None and self._is_alias(file, argument.annotation):
                yield _Spot(file, argument.annotation)

    def _is_alias(self, file: CodeFile, annotation: ast.expr) -> bool:
        meaning = meaning_of(self._code, file, annotation)
        found = definition_of(self._code, meaning) if meaning is not None else None
        return found is not None and isinstance(found[1], ast.Subscript)


def _inner(file: CodeFile, annotation: ast.Subscript) -> Iterator[_Spot]:
    for node in ast.walk(annotation.slice):
        yield from _depends(file, node)


def _depends(file: CodeFile, node: ast.AST | None) -> Iterator[_Spot]:
    if isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] in ("Depends", "Security"):
        given = node.args[0] if node.args else next((it.value for it in node.keywords if it.arg == "dependency"), None)
        if given is not None:
            yield _Spot(file, given)


def _listed(file: CodeFile, call: ast.Call) -> Iterator[_Spot]:
    """`dependencies=[Depends(...)]`."""
    for keyword in call.keywords:
        if keyword.arg == "dependencies":
            for node in ast.walk(keyword.value):
                yield from _depends(file, node)


def _reads_credentials(function: FunctionNode) -> bool:
    """Whether it names a header or cookie that carries a credential."""
    texts = [node.value for node in ast.walk(function) if isinstance(node, ast.Constant)]
    names = [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]
    return any(isinstance(text, str) and text.lower() in _CREDENTIALS for text in (*texts, *names))
