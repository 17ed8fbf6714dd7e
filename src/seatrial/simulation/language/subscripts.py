"""Subscripts: `value[key]`, `value[key] = x`, `del value[key]`."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from seatrial.libraries.values import ABSENT, Builtin, Class, External, ExternalInstance, TypeForm, Unknown, Value
from seatrial.simulation.language.attributes import get
from seatrial.simulation.language.lookup import derives_from_outside, type_name
from seatrial.simulation.language.natively import OPAQUE, is_native, natively
from seatrial.simulation.language.typing_forms import generic_problem, subscript_problem
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def subscript(sim: Simulator, value: Value, key: Value) -> Value:
    """`value[key]`."""
    if isinstance(value, Unknown | ExternalInstance):
        return Unknown("an item of an unknown value")
    if isinstance(value, External) and value.kind == "value" and isinstance(key, str) and not _is_typing(value):
        return Unknown("an item of a value outside the backend")  # uvicorn.config.LOGGING_CONFIG["formatters"]
    if isinstance(value, External | TypeForm) or (isinstance(value, Builtin) and value.kind == "type"):
        problem = subscript_problem(sim, value, key)
        if problem is not None:
            return sim.player.fail(problem, RaisedByCode("subscript"))
        return TypeForm(value, key if isinstance(key, tuple) else (key,))
    if isinstance(value, Class):
        return _class_subscript(sim, value, key)
    if isinstance(value, type):
        return _type_subscript(sim, value, key)
    if not is_native(value):
        return sim.player.fail(
            TypeError(f"{type_name(value)!r} object is not subscriptable"), RaisedByCode("subscript")
        )
    return natively(sim, lambda: value[key], "subscript")


def _is_typing(value: External) -> bool:
    """`List["Item"]`: an alias is a value too, and a text in its brackets names a type."""
    return value.name.partition(".")[0] in ("typing", "typing_extensions", "collections")


def _type_subscript(sim: Simulator, value: type, key: Value) -> Value:
    if hasattr(type(value), "__getitem__"):
        return natively(sim, lambda: value[key], "subscript")  # type: ignore[index]
    generic = hasattr(value, "__class_getitem__") or value is type
    if not generic or sim.python < (3, 9):
        text = (
            f"type {value.__name__!r} is not subscriptable"
            if sim.python >= (3, 12)
            else "'type' object is not subscriptable"
        )
        return sim.player.fail(TypeError(text), RaisedByCode("subscript"))
    return TypeForm(value, key if isinstance(key, tuple) else (key,))


def _class_subscript(sim: Simulator, value: Class, key: Value) -> Value:
    method = get(sim, value, "__class_getitem__")
    meta = sim.special(value, "__getitem__")
    if meta is not ABSENT:
        return sim.call(meta, [key], {})
    if method is not ABSENT and not isinstance(method, Unknown):
        return sim.call(method, [key], {})
    if method is ABSENT and "generic" not in value.traits and not derives_from_outside(value):
        known = isinstance(value.metaclass, type)
        text = (
            f"type {value.name!r} is not subscriptable"
            if known and sim.python >= (3, 12)
            else f"{type_name(value)!r} object is not subscriptable"
        )
        return sim.player.fail(TypeError(text), RaisedByCode("subscript"))
    problem = generic_problem(value, key, sim.python)
    if problem is not None:
        return sim.player.fail(problem, RaisedByCode("subscript"))
    return TypeForm(value, key if isinstance(key, tuple) else (key,))


def store_item(sim: Simulator, value: Value, key: Value, item: Value) -> None:
    """`value[key] = item`."""
    if isinstance(value, OPAQUE):
        return
    if not is_native(value) or isinstance(value, type):
        sim.player.fail(TypeError(f"{type_name(value)!r} object does not support item assignment"))
        return
    natively(sim, lambda: operator.setitem(value, key, item), "subscript")


def delete_item(sim: Simulator, value: Value, key: Value) -> None:
    """`del value[key]`."""
    if isinstance(value, OPAQUE):
        return
    if not is_native(value):
        sim.player.fail(TypeError(f"{type_name(value)!r} object doesn't support item deletion"))
        return
    natively(sim, lambda: operator.delitem(value, key), "subscript")
