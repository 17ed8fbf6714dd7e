"""`*items` and `**items` in calls and displays, with the TypeErrors that CPython gives for what cannot be spread.

Source: LIST_EXTEND, DICT_UPDATE, DICT_MERGE and CALL_FUNCTION_EX in Python/bytecodes.c, `_PyEval_FormatKwargsError` in
Python/ceval.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Builtin,
    Function,
    Instance,
    Module,
    NativeMethod,
    Undecided,
    Unknown,
    Value,
)
from seatrial.simulation.language.attributes import get, special
from seatrial.simulation.language.iteration import iterate
from seatrial.simulation.language.lookup import type_name
from seatrial.simulation.language.natively import is_native
from seatrial.simulation.language.subscripts import subscript
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def unpacked(sim: Simulator, value: Value) -> list[Value] | None:
    """All items of an iterable; None where they cannot be known."""
    try:
        return list(iterate(sim, value))
    except Undecided:
        return None


def spread_positions(
    sim: Simulator, value: Value, function: Value = ABSENT, *, alone: bool = False
) -> list[Value] | None:
    """The items of `*value`, in a display or (`alone`: as the only argument by position) in a call of `function`."""
    if not lacks(sim, value, "__iter__", "__getitem__"):
        return unpacked(sim, value)
    place = f"{function_text(sim, function)} argument" if alone else "Value"
    _refuse(sim, f"{place} after * must be an iterable, not {type_name(value)}")
    return None


def lacks(sim: Simulator, value: Value, *names: str) -> bool:
    """Whether a value surely has none of these attributes."""
    if isinstance(value, Instance):
        return all(special(sim, value, name) is ABSENT for name in names)
    if isinstance(value, Function | Module | Bound | Builtin | NativeMethod):
        return True
    if isinstance(value, type):
        return not any(hasattr(type(value), name) for name in names)
    return is_native(value) and not any(hasattr(value, name) for name in names)


def spread_names(sim: Simulator, value: Value, function: Value, into: dict[str, Value]) -> bool:
    """Add the items of `**value` to the keywords of a call; False where some are unknown."""
    found = _mapping(sim, value)
    if found is None:
        if lacks(sim, value, "keys"):
            _refuse(sim, f"{function_text(sim, function)} argument after ** must be a mapping, not {type_name(value)}")
        return False
    for key, item in found.items():
        if isinstance(key, Unknown):
            return False
        if not isinstance(key, str):
            _refuse(sim, "keywords must be strings")
            return False
        if key in into:
            _refuse(sim, f"{function_text(sim, function)} got multiple values for keyword argument {key!r}")
            return False
        into[key] = item
    return True


def mapped(sim: Simulator, value: Value) -> dict[Value, Value] | None:
    """The items of `**value` in a display; None where they cannot be known."""
    found = _mapping(sim, value)
    if found is None and lacks(sim, value, "keys"):
        _refuse(sim, f"{type_name(value)!r} object is not a mapping")
    return found


def _mapping(sim: Simulator, value: Value) -> dict[Value, Value] | None:
    if isinstance(value, dict):
        return value
    if is_native(value) and hasattr(value, "keys"):
        return dict(value)
    if isinstance(value, Instance):
        keys = special(sim, value, "keys")
        listed = None if keys in (ABSENT, None) or isinstance(keys, Unknown) else unpacked(sim, sim.call(keys, [], {}))
        return None if listed is None else {key: subscript(sim, value, key) for key in listed}
    return None


def _refuse(sim: Simulator, text: str) -> None:
    sim.player.fail(TypeError(text), RaisedByCode("call"))


def function_text(sim: Simulator, function: Value) -> str:
    """How the messages of calls name a function (`_PyObject_FunctionStr`)."""
    name, module = get(sim, function, "__qualname__"), get(sim, function, "__module__")
    if not isinstance(name, str):
        return type_name(function)
    return f"{module}.{name}()" if isinstance(module, str) and module != "builtins" else f"{name}()"
