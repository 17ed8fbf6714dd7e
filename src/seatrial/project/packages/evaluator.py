"""Evaluates small functions of libraries that decide at run time which names a module has, or refuse its import.

Only what such functions are made of is understood (comparisons with constants, look-ups in literal tables, imports,
`raise`); anything else makes the answer unknown. Nothing is executed: values are computed from the syntax tree.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from seatrial.project.packages.conditions import executed
from seatrial.project.packages.frame import Frame
from seatrial.project.packages.space import Bound
from seatrial.project.packages.values import (
    UNKNOWN,
    Class,
    Function,
    GaveUpError,
    Instance,
    Library,
    Module,
    Names,
    ReturnedError,
    Throw,
    ThrownError,
)

_STEPS = 3000
_CALLS = 12


class Evaluator:
    """Evaluates functions of libraries; one may be asked many things."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._globals: dict[tuple[str, str], Any] = {}
        self.asked = ""  # the name that a `__getattr__` is being asked for
        self._steps = 0
        self._depth = 0

    def attribute(self, module: str, name: str) -> bool | Throw | None:
        """What the `__getattr__` of a module does with a name that it lacks: true for a value, or the exception."""
        self.asked = name
        made = self._outcome(lambda: self.call_function(self.global_of(module, "__getattr__"), [name], {}))
        return made if made is None or isinstance(made, Throw) else True

    def origin(self, module: str, name: str) -> str | None:
        """The dotted name of the definition that the `__getattr__` of a module gives for a name, if it is one."""
        self.asked = name
        made = self._outcome(lambda: self.call_function(self.global_of(module, "__getattr__"), [name], {}))
        if isinstance(made, (Function, Class)):
            return f"{made.module}.{made.node.name}"
        return made.name if isinstance(made, Module) else None

    def call(self, module: str, dotted: str) -> bool | Throw | None:
        """What calling `dotted`, a name of this module, without arguments ends with: true for any value."""

        def run() -> Any:
            head, *rest = dotted.split(".")
            value = self.global_of(module, head)
            for name in rest:
                value = self.attribute_of(value, name)
            return self.call_function(value, [], {})

        self.asked = ""
        made = self._outcome(run)
        return made if made is None or isinstance(made, Throw) else True

    def _outcome(self, run: Callable[[], Any]) -> Any:
        """The value (true for None), the exception as a `Throw`, or None when it cannot be told."""
        self._steps = self._depth = 0
        try:
            value = run()
        except ThrownError as thrown:
            return thrown.throw
        except (GaveUpError, RecursionError):
            return None
        return True if value is None else value

    def step(self) -> None:
        """As `Machine.step`."""
        self._steps += 1
        if self._steps > _STEPS:
            raise GaveUpError

    def call_function(self, function: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """As `Machine.call_function`."""
        if isinstance(function, Class):
            return Instance(function)
        if not isinstance(function, Function) or function.node.decorator_list:
            raise GaveUpError
        self._depth += 1
        if self._depth > _CALLS:
            raise GaveUpError
        frame = Frame(self, function.module, {**function.outer, **self._arguments(function, args, kwargs)})
        try:
            frame.block(function.node.body)
            return None
        except ReturnedError as returned:
            return returned.value
        finally:
            self._depth -= 1

    def _arguments(self, function: Function, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The parameters of a call, those not given by their defaults."""
        spec = function.node.args
        given = [function.owner, *args] if function.owner is not None else args
        frame = Frame(self, function.module, dict(function.outer))
        positional = [*spec.posonlyargs, *spec.args]
        values: dict[str, Any] = dict.fromkeys((arg.arg for arg in (*positional, *spec.kwonlyargs)), UNKNOWN)
        for arg, default in zip(reversed(positional), reversed(spec.defaults), strict=False):
            values[arg.arg] = frame.value(default)
        for arg, kw_default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
            values[arg.arg] = frame.value(kw_default) if kw_default is not None else UNKNOWN
        values.update(zip((arg.arg for arg in positional), given, strict=False))
        values.update(kwargs)
        values.update({extra.arg: UNKNOWN for extra in (spec.vararg, spec.kwarg) if extra is not None})
        return values

    def attribute_of(self, value: Any, name: str) -> Any:
        """As `Machine.attribute_of`."""
        if isinstance(value, Module):
            if name == "__dict__":
                return Names(value.name)
            return self.global_of(value.name, name)
        if isinstance(value, Instance):
            for inner in value.kind.node.body:
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name == name:
                    return Function(value.kind.module, inner, owner=value)
        return UNKNOWN

    def global_of(self, module: str, name: str) -> Any:
        """As `Machine.global_of`."""
        key = (module, name)
        if key not in self._globals:
            self._globals[key] = UNKNOWN  # for a definition that leads back to itself
            self._globals[key] = self._find_global(module, name)
        return self._globals[key]

    def _find_global(self, module: str, name: str) -> Any:
        space = self.library.space_of(module)
        bound = space.names.get(name) if space is not None else None
        if bound is None:
            child = f"{module}.{name}"
            if name == "__name__":
                return module
            return Module(child) if self.library.is_module(child) else UNKNOWN
        if bound.kind == "const":
            return bound.value if bound.certain else UNKNOWN
        if bound.kind == "module":
            return Module(bound.module)
        if bound.kind == "import":
            return self._imported(bound)
        return self._defined(module, name, bound)

    def _imported(self, bound: Bound) -> Any:
        if self.library.space_of(bound.module) is None:
            return UNKNOWN
        return self.global_of(bound.module, bound.name)

    def _defined(self, module: str, name: str, bound: Bound) -> Any:
        tree = self.library.tree_of(module)
        if tree is None or not bound.certain:
            return UNKNOWN
        found = [node for node in executed(tree.body) if _binds(node, name)]
        functions = all(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) for node in found)
        if len(found) != 1 and not (found and functions):
            return UNKNOWN
        node = found[-1]  # the ones before it are overloads
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return Function(module, node)
        if isinstance(node, ast.ClassDef):
            return Class(module, node)
        value = getattr(node, "value", None)
        try:
            return Frame(self, module, {}).value(value) if isinstance(value, ast.expr) else UNKNOWN
        except (GaveUpError, ThrownError):
            return UNKNOWN


def _binds(node: ast.stmt, name: str) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name == name
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)
