"""`inspect.signature` of the values of a played program.

Source: CPython 3.8 to 3.14, inspect.py (`_signature_from_callable`); the annotations are evaluated as
fastapi/dependencies/utils.py `get_typed_signature` does.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import MISSING, dataclass

from seatrial.libraries.annotations import shown
from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Builtin,
    Class,
    Coroutine,
    Function,
    Instance,
    Module,
    Stream,
    TypeForm,
    Undecided,
    Value,
    Wrapped,
)
from seatrial.libraries.world import World

FIELDS = "__dataclass_fields__"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `default` and `annotation` are ABSENT where it has none. A text cannot be resolved."""

    name: str
    kind: str  # "positional", "either", "rest", "keyword", "keywords"
    default: Value = ABSENT
    annotation: Value = ABSENT


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a callable and its return annotation."""

    parameters: tuple[Parameter, ...]
    returns: Value = ABSENT


def signature(world: World, value: Value) -> Signature | None:
    """The signature; None where it cannot be known. What is not callable raises its TypeError in the program."""
    if isinstance(value, Function):
        wrapped = value.attributes.get("__wrapped__")
        return signature(world, wrapped) if wrapped is not None else _of_function(world, value)
    if isinstance(value, Bound):
        return _without_first(signature(world, value.function))
    if isinstance(value, Wrapped):
        return signature(world, value.function) if value.kind == "staticmethod" else None
    if isinstance(value, Builtin):
        return _of_builtin(world, value)
    if isinstance(value, Class):
        return _of_class(world, value)
    if isinstance(value, Instance):
        return _of_instance(world, value)
    if isinstance(value, type):
        return _of_type(world, value)
    if _uncallable(value):
        world.refuse("fastapi", "not-callable", "TypeError", f"{_text(world, value)} is not a callable object")
    return None


def is_callable(world: World, value: Value) -> bool:
    """`callable(value)`, true where it cannot be told."""
    if isinstance(value, Instance):
        return world.special(value, "__call__") is not ABSENT
    return not _uncallable(value)


def _uncallable(value: Value) -> bool:
    plain = (int, float, str, bytes, list, tuple, dict, set, Module, Stream, Coroutine)
    return value is None or value is Ellipsis or isinstance(value, plain)


def _text(world: World, value: Value) -> str:
    if isinstance(value, Stream):
        kind = "async_generator" if value.asynchronous else "generator"
        return f"<{kind} object {value.name} at 0x0>"
    if isinstance(value, Coroutine):
        return f"<coroutine object {value.name} at 0x0>"
    try:
        return shown(world, value) if isinstance(value, TypeForm | Instance) else repr(value)
    except Undecided:
        return "..."


def _of_function(world: World, function: Function) -> Signature:
    spec = function.node.args
    annotations = world.annotations(function)
    listed = [*spec.posonlyargs, *spec.args]
    defaults: dict[str, Value] = dict(function.keyword_defaults)
    if function.defaults:
        defaults.update(zip([arg.arg for arg in listed][-len(function.defaults) :], function.defaults, strict=True))
    found = [_parameter(arg, "positional", defaults, annotations) for arg in spec.posonlyargs]
    found += [_parameter(arg, "either", defaults, annotations) for arg in spec.args]
    found += [_parameter(arg, "rest", defaults, annotations) for arg in [spec.vararg] if arg is not None]
    found += [_parameter(arg, "keyword", defaults, annotations) for arg in spec.kwonlyargs]
    found += [_parameter(arg, "keywords", defaults, annotations) for arg in [spec.kwarg] if arg is not None]
    return Signature(tuple(found), annotations.get("return", ABSENT))


def _parameter(arg: ast.arg, kind: str, defaults: dict[str, Value], annotations: object) -> Parameter:
    annotation = annotations.get(arg.arg, ABSENT) if hasattr(annotations, "get") else ABSENT
    return Parameter(arg.arg, kind, defaults.get(arg.arg, ABSENT), annotation)


def _without_first(found: Signature | None) -> Signature | None:
    if found is None or not found.parameters or found.parameters[0].kind == "rest":
        return found
    return Signature(found.parameters[1:], found.returns)


def _of_builtin(world: World, value: Builtin) -> Signature | None:
    if "__wrapped__" in value.attributes:
        return signature(world, value.attributes["__wrapped__"])
    if value.name == "functools.partial":
        return _of_partial(world, value)
    return None


def _of_partial(world: World, value: Builtin) -> Signature | None:
    found = signature(world, value.attributes["func"])
    if found is None:
        return None
    rest = list(found.parameters[len(value.attributes["args"]) :])
    given = value.attributes["keywords"]
    kept = [
        Parameter(one.name, "keyword", given[one.name], one.annotation) if one.name in given else one for one in rest
    ]
    return Signature(tuple(kept), found.returns)


def _of_class(world: World, cls: Class) -> Signature | None:
    for base in cls.mro:
        if not isinstance(base, Class):
            return Signature(()) if base is object else None
        for name in ("__init__", "__new__"):
            made = base.namespace.get(name, ABSENT)
            if isinstance(made, Function):
                return _without_first(signature(world, made))
            if made is not ABSENT and FIELDS in base.namespace:
                return _of_fields(world, base)
            if made is not ABSENT:
                return None
    return Signature(())


def _of_fields(world: World, cls: Class) -> Signature:
    """The initialiser that `@dataclass` makes."""
    annotations: dict[str, Value] = {}
    for base in reversed(cls.mro):
        if isinstance(base, Class):
            annotations.update(world.annotations(base))
    found = []
    for name, one in cls.namespace[FIELDS].items():
        if one.init:
            required = one.default is MISSING and one.default_factory is MISSING
            kind = "keyword" if one.kw_only is True else "either"
            default = ABSENT if required else one.default
            found.append(Parameter(name, kind, default, annotations.get(name, one.type)))
    return Signature(tuple(found))


def _of_instance(world: World, value: Instance) -> Signature | None:
    method = world.special(value, "__call__")
    if method is ABSENT:
        world.refuse("fastapi", "not-callable", "TypeError", f"{_text(world, value)} is not a callable object")
        return None
    return signature(world, method)


def _of_type(world: World, kind: type) -> Signature | None:
    try:
        inspect.signature(kind)
    except ValueError as error:
        world.refuse("fastapi", "not-callable", "ValueError", str(error))
    return None


def is_generator(value: Value) -> bool:
    """Whether calling a function gives a generator, synchronous or not."""
    if isinstance(value, Function):
        own = [node for node in _own(value.node) if isinstance(node, ast.Yield | ast.YieldFrom)]
        return bool(own)
    return isinstance(value, Bound) and is_generator(value.function)


def _own(function: ast.AST) -> list[ast.AST]:
    waiting, found = list(ast.iter_child_nodes(function)), []
    while waiting:
        node = waiting.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))
    return found
