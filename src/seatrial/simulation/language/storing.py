"""Setting attributes: `value.name = x`, and what refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.libraries import shadows
from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Builtin,
    Class,
    Coroutine,
    External,
    ExternalInstance,
    Function,
    Instance,
    LibraryError,
    Module,
    NativeMethod,
    Stream,
    TypeForm,
    Undecided,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.simulation.language.lookup import among, class_lookup, is_data_descriptor, mangled, type_name
from seatrial.simulation.language.wording import reworded

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def put(sim: Simulator, value: Value, name: str, item: Value) -> BaseException | None:
    """`value.name = item`. Returns the exception that CPython would raise, if any."""
    if isinstance(value, Instance):
        return _put_instance(sim, value, name, item)
    if isinstance(value, Class):
        return _put_class(sim, value, name, item)
    if isinstance(value, Module):
        if name == "__class__" and isinstance(item, Class):
            value.kind = item
            return None
        found = class_lookup(value.kind, name) if value.kind is not None else ABSENT
        if value.kind is not None and isinstance(found, Wrapped) and found.kind == "property":
            if found.setter is None:
                return AttributeError(_no_setter(sim, name, value.kind.name))
            sim.call(found.setter, [value, item], {})
            return None
        value.namespace[name] = item
    elif isinstance(value, Function | ExternalInstance | Builtin):
        value.attributes[name] = item
    elif isinstance(value, Unknown | External | TypeForm | LibraryError | BaseException):
        return None
    elif isinstance(value, Bound | NativeMethod | Stream | Coroutine):
        return AttributeError(f"{type_name(value)!r} object has no attribute {name!r}")
    else:
        return _put_native(sim, value, name, item)
    return None


def _put_class(sim: Simulator, value: Class, name: str, item: Value) -> BaseException | None:
    if isinstance(value.metaclass, Class):
        hook = class_lookup(value.metaclass, "__setattr__")
        if isinstance(hook, Function | Builtin):
            sim.call(hook, [value, name, item], {})
            return None
        found = class_lookup(value.metaclass, name)
        if isinstance(found, Wrapped) and found.kind == "property" and found.setter is not None:
            sim.call(found.setter, [value, item], {})
            return None
    value.namespace[name] = item
    for other in sim.classes:
        if among(value, other.mro):
            shadows.update(other, name)
    return None


def _put_instance(sim: Simulator, value: Instance, name: str, item: Value) -> BaseException | None:
    hook = class_lookup(value.type, "__setattr__")
    if isinstance(hook, Function | Builtin):
        sim.call(hook, [value, name, item], {})
        return None
    return put_plainly(sim, value, name, item)


def put_plainly(sim: Simulator, value: Value, name: str, item: Value) -> BaseException | None:
    """`object.__setattr__(value, name, item)`."""
    if not isinstance(value, Instance):
        return put(sim, value, name, item)
    found = class_lookup(value.type, name)
    if isinstance(found, Wrapped) and found.kind == "property":
        if found.setter is None:
            return AttributeError(_no_setter(sim, name, value.type.name))
        sim.call(found.setter, [value, item], {})
        return None
    if isinstance(found, Instance) and class_lookup(found.type, "__set__") is not ABSENT:
        sim.call(sim.special(found, "__set__"), [value, item], {})
        return None
    if isinstance(found, NativeMethod) and is_data_descriptor(found):
        return _put_native(sim, value, name, item)
    problem = _no_room(sim, value, name)
    if problem:
        return AttributeError(problem)
    value.attributes[name] = item
    return None


def _no_setter(sim: Simulator, name: str, owner: str) -> str:
    if sim.python >= (3, 11):
        return f"property {name!r} of {owner!r} object has no setter"
    return f"can't set attribute {name!r}" if sim.python >= (3, 10) else "can't set attribute"


def _no_room(sim: Simulator, value: Instance, name: str) -> str:
    """The message where `__slots__` leave no room for an attribute."""
    allowed: set[str] = set()
    for base in value.type.mro:
        if not isinstance(base, Class):
            if base is object:
                continue
            return ""
        slots = base.namespace.get("__slots__")
        listed = [slots] if isinstance(slots, str) else slots
        if not isinstance(listed, list | tuple | dict | set) or any(not isinstance(slot, str) for slot in listed):
            return ""
        allowed.update(mangled(base.name, slot) for slot in listed)
    if name in allowed or "__dict__" in allowed or "enum" in value.type.traits:
        return ""
    if class_lookup(value.type, name) is not ABSENT:
        return f"{value.type.name!r} object attribute {name!r} is read-only"
    tail = " and no __dict__ for setting new attributes" if sim.python >= (3, 13) else ""
    return f"{value.type.name!r} object has no attribute {name!r}{tail}"


def _put_native(sim: Simulator, value: Value, name: str, item: Value = None) -> BaseException | None:
    try:
        setattr(value, name, item)
    except Undecided:
        return None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the program sees
        return reworded(error, sim.python)
    return None
