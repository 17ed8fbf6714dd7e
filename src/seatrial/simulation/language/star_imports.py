"""What `from module import *` binds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seatrial.libraries.values import (
    ABSENT,
    UNKNOWN_NAMES,
    Function,
    Instance,
    Module,
    Stream,
    Undecided,
    Unknown,
    Value,
)
from seatrial.simulation.language.attributes import get
from seatrial.simulation.language.import_errors import missing_attribute
from seatrial.simulation.language.lookup import type_name
from seatrial.simulation.language.natively import is_native
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def star_names(sim: Simulator, module: Value) -> Iterator[tuple[str, Value]] | None:
    """What `from module import *` binds, in order; None where that cannot be listed."""
    if isinstance(module, Unknown) or (isinstance(module, Module) and module.missing):
        return None
    if isinstance(module, Module) and not module.first_party:
        return sim.outside_star(module)
    listed = get(sim, module, "__all__")
    if listed is ABSENT:
        return _public_names(sim, module)
    kind = type_name(listed)
    if isinstance(listed, dict):
        sim.player.fail(TypeError(f"{kind} is not a sequence"), RaisedByCode("call"))
        return None
    if isinstance(listed, Stream | Function) or (
        is_native(listed) and not isinstance(listed, Instance) and not hasattr(listed, "__getitem__")
    ):
        sim.player.fail(TypeError(f"{kind!r} object does not support indexing"), RaisedByCode("call"))
        return None
    try:
        return _listed_names(sim, module, list(sim.iterate(listed)))
    except Undecided:
        return None


def _public_names(sim: Simulator, module: Value) -> Iterator[tuple[str, Value]] | None:
    names = get(sim, module, "__dict__")
    if names is ABSENT:
        text = "from-import-* object has no __dict__ and no __all__"
        sim.player.fail(ImportError(text), RaisedByCode("call"))
        return None
    if not isinstance(names, dict) or UNKNOWN_NAMES in names:
        return None
    listed = list(names)
    for key in listed:
        if not isinstance(key, str):
            shown = get(sim, module, "__name__")
            text = f"Key in {shown}.__dict__ must be str, not {type(key).__name__}"
            sim.player.fail(TypeError(text), RaisedByCode("call"))
            return None
    return ((key, names[key]) for key in listed if not key.startswith("_"))


def _listed_names(sim: Simulator, module: Value, listed: list[Value]) -> Iterator[tuple[str, Value]] | None:
    if any(isinstance(item, Unknown) for item in listed):
        return None
    return (found for item in listed if (found := _listed_name(sim, module, item)) is not None)


def _listed_name(sim: Simulator, module: Value, item: Value) -> tuple[str, Value] | None:
    if not isinstance(item, str):
        shown = get(sim, module, "__name__")
        text = f"Item in {shown}.__all__ must be str, not {sim.type_name(item)}"
        sim.player.fail(TypeError(text), RaisedByCode("call"))
        return None
    found = get(sim, module, item)
    if found is ABSENT:
        found = (
            missing_attribute(sim, module, item) if isinstance(module, Module) else sim.attribute_error(module, item)
        )
    return item, found
