"""Real Python classes made from class bodies of the backend: enumerations and named tuples.

Their machinery is CPython's own, which calls back into the play for what the program defines.
"""

from __future__ import annotations

import collections
import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seatrial.libraries.values import Builtin, Class, Function, Unknown, Value, Wrapped
from seatrial.simulation.language.natively import natively
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_TUPLE_NAMES = frozenset({
    "__new__", "__init__", "__slots__", "__getnewargs__", "_fields", "_field_defaults", "_field_types", "_make",
    "_replace", "_asdict", "_source",
})  # fmt: skip
_NOT_COPIED = frozenset({
    "__annotations__", "__seatrial_node__", "__seatrial_owner__", "__module__", "__qualname__", "__name__",
    "__orig_bases__", "__classcell__",
})  # fmt: skip


def trampoline(sim: Simulator, function: Value, name: str) -> Callable[..., Any]:
    """A Python function that plays a function of the program."""

    def run(*args: Value, **kwargs: Value) -> Any:
        return sim.for_host(lambda: sim.call(function, list(args), kwargs), name)

    run.__name__ = name
    run.__qualname__ = getattr(function, "qualname", name)
    return run


def as_host(sim: Simulator, name: str, value: Value) -> Any:
    """A member of a class body as a real class holds it."""
    if isinstance(value, Wrapped):
        return _wrapped(sim, name, value)
    if isinstance(value, Function | Builtin) and name.startswith("_") and name.endswith("_"):
        return trampoline(sim, value, name)
    return value


def _wrapped(sim: Simulator, name: str, value: Wrapped) -> Any:
    if value.kind == "staticmethod":
        return staticmethod(trampoline(sim, value.function, name))
    if value.kind == "classmethod":
        return classmethod(trampoline(sim, value.function, name))
    parts = (value.function, value.setter, value.deleter)
    get, put, drop = (None if part is None else trampoline(sim, part, name) for part in parts)
    return property(get, put, drop)


def host_base(sim: Simulator, base: Value) -> type | None:
    """A base class of a real class; a class of the backend is copied into one. None where it cannot be."""
    if isinstance(base, type):
        return base
    if not isinstance(base, Class):
        return None
    if base.host is None:
        bases = [host_base(sim, one) for one in base.bases]
        if any(one is None for one in bases):
            return None
        names = {key: as_host(sim, key, item) for key, item in base.namespace.items() if key not in _NOT_COPIED}
        names["__module__"], names["__qualname__"] = base.module, base.qualname
        base.host = type(base.name, tuple(one for one in bases if one is not None), names)
    return base.host


def make_enum(
    sim: Simulator,
    metaclass: type,
    name: str,
    bases: list[Value],
    namespace: dict[str, Value],
    keywords: dict[str, Value],
) -> Value:
    """`class X(Enum)`: a real enumeration."""
    hosts = [host_base(sim, base) for base in bases]
    if any(base is None for base in hosts):
        return Unknown(f"the enumeration {name}")
    real = tuple(base for base in hosts if base is not None)
    for key in ("__seatrial_node__", "__seatrial_owner__", "__annotations__"):
        dict.pop(namespace, key, None)
    for key, item in list(namespace.items()):
        converted = as_host(sim, key, item)
        if converted is not item:
            dict.__setitem__(namespace, key, converted)
    return natively(sim, lambda: metaclass(name, real, namespace, **keywords), "call")


def enum_namespace(
    sim: Simulator, metaclass: type, name: str, bases: list[Value], keywords: dict[str, Value]
) -> dict[str, Value]:
    """The namespace in which the body of an enumeration runs."""
    hosts = [host_base(sim, base) for base in bases]
    if any(base is None for base in hosts):
        return {}
    real = tuple(base for base in hosts if base is not None)
    made = natively(sim, lambda: metaclass.__prepare__(name, real, **keywords), "call")
    return made if isinstance(made, dict) else {}


def is_enum_metaclass(metaclass: Value) -> bool:
    """Whether a metaclass is that of `enum`."""
    return isinstance(metaclass, type) and issubclass(metaclass, enum.EnumMeta)


def make_named_tuple(sim: Simulator, name: str, namespace: dict[str, Value]) -> Value:
    """`class X(NamedTuple)`: a real named tuple with the methods of the body."""
    fields = list(namespace.get("__annotations__", {}))
    defaults = _tuple_defaults(sim, fields, namespace)
    if defaults is None:
        return Unknown(f"the named tuple {name}")
    made = natively(sim, lambda: collections.namedtuple(name, fields, defaults=defaults), "call")
    if not isinstance(made, type):
        return made
    made.__module__ = str(namespace.get("__module__"))
    made.__qualname__ = str(namespace.get("__qualname__", name))
    for key, item in namespace.items():
        if key in _TUPLE_NAMES:
            text = f"Cannot overwrite NamedTuple attribute {key}"
            return sim.player.fail(AttributeError(text), RaisedByCode("call"))
        if key not in _NOT_COPIED and key not in fields:
            setattr(made, key, as_host(sim, key, item))
    return made


def _tuple_defaults(sim: Simulator, fields: list[str], namespace: dict[str, Value]) -> list[Value] | None:
    defaulted: list[str] = []
    for field in fields:
        if field in namespace:
            defaulted.append(field)
        elif defaulted:
            many = "s" if len(defaulted) > 1 else ""
            text = f"Non-default namedtuple field {field} cannot follow default field{many} {', '.join(defaulted)}"
            if sim.python < (3, 9):
                text = f"Non-default namedtuple field {field} cannot follow default field(s) {', '.join(defaulted)}"
            sim.player.fail(TypeError(text), RaisedByCode("call"))
            return None
    return [namespace[field] for field in defaulted]


def named_tuple(sim: Simulator, args: list[Value], kwargs: dict[str, Value], module: str) -> Value:
    """`namedtuple("Name", fields)`."""
    made = natively(sim, lambda: collections.namedtuple(*args, **kwargs), "call")
    if isinstance(made, type):
        made.__module__ = module
    return made


def typed_tuple(sim: Simulator, args: list[Value], module: str) -> Value:
    """`NamedTuple("Name", [("field", type), ...])`."""
    fields = args[1] if len(args) > 1 else []
    if not isinstance(fields, list | tuple) or any(not isinstance(field, tuple) or not field for field in fields):
        return Unknown("a named tuple of unknown fields")
    return named_tuple(sim, [args[0], [field[0] for field in fields]], {}, module)
