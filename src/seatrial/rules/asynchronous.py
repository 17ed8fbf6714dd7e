"""What runs on the event loop when a route is asked: async endpoints, what they depend on, and what these call.

Followed are calls of the backend's own functions and methods, as far as names say which these are. A plain `def`
that FastAPI calls by itself (an endpoint, a dependency) runs in a thread and is not on the loop.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seatrial.project.syntax.nodes import children, walk
from seatrial.project.syntax.sites import last_name
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, Definition, FunctionNode
from seatrial.rules.endpoints import endpoints
from seatrial.rules.resolving import definition_of, meaning_of
from seatrial.rules.statements import dotted


@dataclass(frozen=True, slots=True)
class Part:
    """One function of the backend, and the route through which it comes to run."""

    file: CodeFile
    node: FunctionNode
    route: str

    @property
    def is_async(self) -> bool:
        """Whether it is a coroutine."""
        return isinstance(self.node, ast.AsyncFunctionDef)


class EventLoop:
    """Answers what of one backend runs on the event loop."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._calls: dict[ast.AST, dict[ast.Call, bool]] = {}
        self._generators: dict[ast.AST, bool] = {}
        self._values: dict[ast.AST, dict[str, ast.expr]] = {}

    def entries(self) -> Iterator[Part]:
        """The async functions that FastAPI itself calls: endpoints and dependencies, each once."""
        seen: set[ast.AST] = set()
        for endpoint in endpoints(self.case):
            method = next(iter(endpoint.route.methods), "GET")
            waiting = [Part(endpoint.file, endpoint.node, f"{method} {endpoint.route.path}")]
            while waiting:
                part = waiting.pop(0)
                if part.node in seen:
                    continue
                seen.add(part.node)
                waiting += self._dependencies(part)
                if part.is_async:
                    yield part

    def _dependencies(self, part: Part) -> Iterator[Part]:
        arguments = part.node.args
        notes = [it.annotation for it in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        spots = [(part.file, it) for it in (*arguments.defaults, *arguments.kw_defaults, *notes) if it is not None]
        for file, spot in spots:
            for inner_file, inner in (*_depended(file, spot), *self._alias(file, spot)):
                found = self.defined(inner_file, inner)
                if found is not None and isinstance(found[1], FunctionNode):
                    yield Part(found[0], found[1], part.route)

    def _alias(self, file: CodeFile, note: ast.expr) -> Iterator[tuple[CodeFile, ast.expr]]:
        found = self.defined(file, note) if isinstance(note, ast.Name | ast.Attribute) else None
        if found is not None and isinstance(found[1], ast.Subscript):
            yield from _depended(found[0], found[1])

    def defined(self, file: CodeFile, node: ast.expr) -> tuple[CodeFile, Definition] | None:
        """What an expression names in the backend."""
        meaning = meaning_of(self.case.code, file, node)
        return definition_of(self.case.code, meaning) if meaning is not None else None

    def calls(self, part: Part) -> Iterable[ast.Call]:
        """The calls in a function's own body, those in functions and lambdas within it aside."""
        return self._calls_of(part)

    def is_awaited(self, part: Part, call: ast.Call) -> bool:
        """Whether one of these calls is what an `await` waits for."""
        return self._calls_of(part)[call]

    def _calls_of(self, part: Part) -> dict[ast.Call, bool]:
        if part.node not in self._calls:
            self._calls[part.node] = _own_calls(part.node)
        return self._calls[part.node]

    def called(self, part: Part, call: ast.Call) -> Part | None:
        """The backend's own function that a call runs; None where it is another's, or cannot be told."""
        found = self.defined(part.file, call.func)
        if found is None and isinstance(call.func, ast.Attribute):
            owner = self.class_of(part, call.func.value)
            method = _method(owner[1], call.func.attr) if owner is not None else None
            found = (owner[0], method) if owner is not None and method is not None else None
        if found is None or not isinstance(found[1], FunctionNode) or self._is_generator(found[1]):
            return None
        return Part(found[0], found[1], part.route)

    def _is_generator(self, node: FunctionNode) -> bool:
        """Whether its body does not run when it is called."""
        if node not in self._generators:
            self._generators[node] = any(isinstance(it, ast.Yield | ast.YieldFrom) for it in walk(node))
        return self._generators[node]

    def class_of(self, part: Part, node: ast.expr) -> tuple[CodeFile, ast.ClassDef] | None:
        """The class of the backend that an expression is, or is an instance of."""
        if isinstance(node, ast.Name) and node.id in ("self", "cls"):
            around = part.file.sites.around(part.node)
            owner = next((it for it in around if isinstance(it, ast.ClassDef)), None)
            return (part.file, owner) if owner is not None else None
        made = self.value_of(part, node)
        if made is None:
            return None
        file, value = made
        found = self.defined(file, value.func if isinstance(value, ast.Call) else value)
        return (found[0], found[1]) if found is not None and isinstance(found[1], ast.ClassDef) else None

    def value_of(self, part: Part, node: ast.expr) -> tuple[CodeFile, ast.expr] | None:
        """The expression that a name is given: in the function, in `__init__` for `self.name`, or by a module."""
        if isinstance(node, ast.Name):
            local = self._given(part.node, node.id)
            if local is not None:
                return part.file, local
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            owner = self.class_of(part, node.value)
            start = _method(owner[1], "__init__") if owner is not None else None
            held = self._given(start, f"self.{node.attr}") if start is not None else None
            return (part.file, held) if held is not None else None
        found = self.defined(part.file, node)
        if found is None:
            return None
        if isinstance(found[1], ast.ClassDef):
            return part.file, node
        return (found[0], found[1]) if isinstance(found[1], ast.expr) else None

    def _given(self, node: FunctionNode, name: str) -> ast.expr | None:
        """What a function's body assigns to a name."""
        if node not in self._values:
            self._values[node] = _assigned(node.body)
        return self._values[node].get(name)


def _depended(file: CodeFile, node: ast.AST) -> Iterator[tuple[CodeFile, ast.expr]]:
    """What `Depends(...)` in an expression names."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and last_name(inner.func) in ("Depends", "Security"):
            given = inner.args[0] if inner.args else next((it.value for it in inner.keywords), None)
            if given is not None:
                yield file, given


def _own_calls(function: FunctionNode) -> dict[ast.Call, bool]:
    """The calls that run when a function's body does, in the order of the text, and whether each is awaited.

    Those of functions within it run at another time.
    """
    found: dict[ast.Call, bool] = {}
    awaited: set[ast.AST] = set()
    waiting: list[ast.AST] = list(function.body)
    for node in waiting:
        if isinstance(node, ast.Call):
            found[node] = node in awaited
        elif isinstance(node, ast.Await):
            awaited.add(node.value)
        if not isinstance(node, FunctionNode | ast.Lambda):
            waiting += children(node)
    return dict(sorted(found.items(), key=lambda it: (it[0].lineno, it[0].col_offset)))


def _method(owner: ast.ClassDef, name: str) -> FunctionNode | None:
    return next((it for it in owner.body if isinstance(it, FunctionNode) and it.name == name), None)


def _assigned(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """What a body assigns to names and chains of attributes at its own level; the last where there are several."""
    found: dict[str, ast.expr] = {}
    for statement in body:
        if isinstance(statement, ast.Assign):
            found.update({name: statement.value for it in statement.targets if (name := dotted(it)) is not None})
        elif isinstance(statement, ast.AnnAssign):
            name = dotted(statement.target)
            if name is not None and statement.value is not None:
                found[name] = statement.value
        elif isinstance(statement, ast.Try | ast.If | ast.With | ast.AsyncWith):
            found.update(_assigned(statement.body))
            found.update(_opened(statement))
    return found


def _opened(statement: ast.stmt) -> dict[str, ast.expr]:
    """What `with ... as name` opens."""
    items = statement.items if isinstance(statement, ast.With) else ()
    return {it.optional_vars.id: it.context_expr for it in reversed(items) if isinstance(it.optional_vars, ast.Name)}
