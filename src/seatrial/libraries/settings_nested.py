"""`DB__HOST`: variables that fill a model inside a settings class, where the class names a delimiter.

Source: `explode_env_vars` and `prepare_field_value` of pydantic-settings 2.16 (`sources/providers/env.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from seatrial.libraries.settings_values import MISSING, Problem, Slot, coerce, model_of
from seatrial.libraries.values import ABSENT, Class, Instance, Unknown, Value
from seatrial.libraries.world import World

SlotsOf = Callable[[World, Class], list[Slot] | None]


def exploded(names: Sequence[str], delimiter: str, variables: Mapping[str, str]) -> dict[str, Value]:
    """The variables below a field, as the nested mapping that they spell. All names are folded alike."""
    found: dict[str, Value] = {}
    for prefix in (f"{name}{delimiter}" for name in names):
        for name, text in variables.items():
            if name.startswith(prefix):
                *outer, last = name.removeprefix(prefix).split(delimiter)
                place = found
                for key in outer:
                    inner = place.setdefault(key, {})
                    if not isinstance(inner, dict):
                        break
                    place = inner
                else:
                    place.setdefault(last, text)
    return found


def merged(below: Value, above: Value) -> Value:
    """`deep_update`: what comes later wins, mapping by mapping."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: merged(below[key], value) if key in below else value for key, value in above.items()}}


def filled(world: World, slot: Slot, data: dict[str, Value], slots_of: SlotsOf) -> Value | list[Problem]:
    """The model that a mapping makes, or what pydantic finds wrong with it; Unknown where it cannot be told."""
    model = model_of(slot.annotation)
    slots = slots_of(world, model) if model is not None else None
    if model is None or slots is None:
        return Unknown(slot.name)
    attributes: dict[str, Value] = {}
    problems: list[Problem] = []
    for inner in slots:
        given = data.get(inner.key, MISSING)
        made = _made(world, slot, inner, given, data, slots_of)
        if isinstance(made, list):
            problems += made
        else:
            attributes[inner.name] = made
    return problems or Instance(model, world, attributes)


def _made(
    world: World, outer: Slot, inner: Slot, given: Value, data: dict[str, Value], slots_of: SlotsOf
) -> Value | list[Problem]:
    where = f"{outer.shown}.{inner.shown}"
    if given is MISSING:
        if inner.required:
            return [Problem(where, "Field required", "missing", data)]
        return inner.default if inner.default is not ABSENT else Unknown("a default")
    if isinstance(given, dict) and model_of(inner.annotation) is not None:
        found = filled(world, inner, given, slots_of)
        if isinstance(found, list):
            return [Problem(f"{outer.shown}.{it.where}", it.text, it.kind, it.value) for it in found]
        return found
    made = coerce(inner, given)
    return [Problem(where, made.text, made.kind, made.value)] if isinstance(made, Problem) else made
