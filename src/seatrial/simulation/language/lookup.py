"""Where a class keeps a name, and what becomes of it when it is taken from there: bound to an object, or as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Builtin,
    Class,
    External,
    ExternalInstance,
    Function,
    Instance,
    NativeMethod,
    Stream,
    TypeForm,
    Unknown,
    Value,
    Wrapped,
)

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

Handler = TypeVar("Handler")

_MADE_AT_RUN_TIME = 1 << 9  # Py_TPFLAGS_HEAPTYPE, Include/object.h


def type_name(value: Value) -> str:
    """The name of a value's type, as CPython's messages spell it."""
    if isinstance(value, Instance):
        return value.type.name
    if isinstance(value, Class):
        metaclass = value.metaclass
        return metaclass.name if isinstance(metaclass, Class) else "type"
    if isinstance(value, ExternalInstance):
        return value.type.name.rpartition(".")[2]
    if isinstance(value, Stream):
        return "async_generator" if value.asynchronous else "generator"
    if isinstance(value, Wrapped):
        return value.kind
    if isinstance(value, Builtin):
        return value.kind
    if isinstance(value, NativeMethod):
        return type(getattr(value.subject, value.name, len)).__name__
    kind = type(value)
    # A type that C code holds statically has its module in its name: `types.SimpleNamespace`.
    short = kind.__flags__ & _MADE_AT_RUN_TIME or kind.__module__ == "builtins"
    return kind.__name__ if short else f"{kind.__module__}.{kind.__name__}"


def full_type_name(value: Value) -> str:
    """The same with the module of the type, as Python code spells it by `__module__` and `__qualname__`."""
    cls = value.type if isinstance(value, Instance) else None
    if cls is not None:
        return f"{cls.module}.{cls.qualname}"
    name = type_name(value)
    return name if "." in name else f"builtins.{name}"


def handler_of(value: Value, table: Mapping[type, Handler]) -> Handler | None:
    """What a table has for a value whose Python type is only another spelling of one in it."""
    base = type(value).__base__
    return table.get(base) if base is not None else None


def among(cls: Value, order: tuple[Value, ...]) -> bool:
    """Whether a class is one of these, by identity: unknown ones refuse to be compared."""
    return any(one is cls for one in order)


def derives_from_outside(cls: Class) -> bool:
    """Whether something in a class's ancestry was not played, so that its attributes cannot be listed."""
    return any(isinstance(base, Unknown | External | TypeForm | ExternalInstance) for base in cls.mro)


def class_lookup(cls: Class, name: str) -> Value:
    """A name along the method resolution order, unbound; ABSENT where no played class has it."""
    for base in cls.mro:
        if isinstance(base, Class):
            if name in base.namespace:
                return base.namespace[name]
        elif isinstance(base, type):
            if base is not object and name in base.__dict__ and name not in ("__dict__", "__weakref__", "__module__"):
                raw = base.__dict__[name]
                return raw if isinstance(raw, Function) else NativeMethod(base, name)
        else:
            return Unknown(f"{name} of a class outside the backend")
    return ABSENT


def bind(sim: Simulator, found: Value, instance: Value, cls: Class | None) -> Value:
    """The descriptor protocol, for a value found on a class."""
    if isinstance(found, Function) or (isinstance(found, Builtin) and found.binds):
        return Bound(found, instance) if instance is not ABSENT else found
    if isinstance(found, NativeMethod) and isinstance(found.subject, type):
        return bind_native(found, instance, cls)
    if isinstance(found, Wrapped):
        if found.kind == "staticmethod":
            return found.function
        if found.kind == "classmethod":
            return Bound(found.function, cls)
        if instance is ABSENT:
            return found
        if found.kind == "cached_property" and isinstance(instance, Instance):
            made = sim.call(found.function, [instance], {})
            instance.attributes.setdefault(getattr(found.function, "name", "?"), made)
            return made
        return sim.call(found.function, [instance], {})
    if isinstance(found, Instance) and class_lookup(found.type, "__get__") is not ABSENT:
        return sim.call(sim.special(found, "__get__"), [None if instance is ABSENT else instance, cls], {})
    return found


def bind_native(found: NativeMethod, instance: Value, cls: Class | None) -> Value:
    """A name that a built-in base has, for an object of a played class or for the class."""
    raw = found.subject.__dict__[found.name]
    if isinstance(raw, classmethod | staticmethod) or type(raw).__name__ == "classmethod_descriptor":
        return Bound(found, cls) if not isinstance(raw, staticmethod) else found
    if instance is ABSENT or found.name == "__new__":
        return found if callable(raw) else raw
    if callable(raw):
        return Bound(found, instance)
    try:
        return raw.__get__(instance, type(instance)) if hasattr(raw, "__get__") else raw
    except AttributeError:
        return ABSENT
    except Exception:  # noqa: BLE001 - whatever it is, it is what the program sees
        return Unknown(f"{found.name} of a subclass of {found.subject.__name__}")


def is_data_descriptor(found: Value) -> bool:
    """Whether what a class holds comes before what the object holds itself."""
    if isinstance(found, Wrapped):
        return found.kind == "property"
    if isinstance(found, NativeMethod) and isinstance(found.subject, type):
        return hasattr(type(found.subject.__dict__.get(found.name)), "__set__")
    return isinstance(found, Instance) and class_lookup(found.type, "__set__") is not ABSENT


def is_exception_class(cls: Value) -> bool:
    """Whether a class derives from BaseException."""
    if isinstance(cls, Class):
        return any(isinstance(base, type) and issubclass(base, BaseException) for base in cls.mro)
    return isinstance(cls, type) and issubclass(cls, BaseException)


def mangled(owner: str, name: str) -> str:
    """A name as the class around it spells it: `__secret` in a class `A` is `_A__secret`."""
    if name[:2] != "__" or name[-2:] == "__":
        return name
    owner = owner.lstrip("_")
    return f"_{owner}{name}" if owner else name
