"""What CPython says to an attribute that is not there."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from seatrial.libraries.values import Class, Function, Instance, Module, Super, TypeForm, Value
from seatrial.simulation.language.calls import call
from seatrial.simulation.language.import_errors import missing_attribute
from seatrial.simulation.language.lookup import class_lookup, mangled, type_name
from seatrial.simulation.language.typing_forms import form_name, real_base
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def missing(sim: Simulator, value: Value, name: str) -> BaseException:
    """The AttributeError that CPython would raise, with its text."""
    if isinstance(value, Module):
        return AttributeError(sim.module_attribute_message(value, name))
    if isinstance(value, enum.EnumMeta) and sim.python < (3, 12):
        return AttributeError(name)
    if isinstance(value, Class):
        return AttributeError(f"type object {value.name!r} has no attribute {name!r}")
    if isinstance(value, type):
        return AttributeError(f"type object {value.__name__!r} has no attribute {name!r}")
    if isinstance(value, Super):
        return AttributeError(f"'super' object has no attribute {name!r}")
    if isinstance(value, TypeForm):
        origin = real_base(value.origin)
        return AttributeError(name) if form_name(origin) else missing(sim, origin, name)
    if isinstance(value, Instance) and sim.python >= (3, 13) and _is_empty_slot(value.type, name):
        return AttributeError(f"'{value.type.module}.{value.type.qualname}' object has no attribute {name!r}")
    return AttributeError(f"{type_name(value)!r} object has no attribute {name!r}")


def _is_empty_slot(cls: Class, name: str) -> bool:
    for base in cls.mro:
        listed = base.namespace.get("__slots__") if isinstance(base, Class) else None
        names = [listed] if isinstance(listed, str) else listed
        if not isinstance(base, Class) or not isinstance(names, list | tuple | set | dict):
            continue
        if any(isinstance(slot, str) and mangled(base.name, slot) == name for slot in names):
            return True
    return False


def attribute_error(sim: Simulator, value: Value, name: str) -> Value:
    """`value.name` where there is no such attribute."""
    if isinstance(value, Module):
        return missing_attribute(sim, value, name)
    cls = value.type if isinstance(value, Instance) else getattr(value, "metaclass", None)
    hook = class_lookup(cls, "__getattr__") if isinstance(cls, Class) else None
    if isinstance(hook, Function):
        return call(sim, hook, [value, name], {})
    return sim.player.fail(missing(sim, value, name), RaisedByCode("attribute"))
