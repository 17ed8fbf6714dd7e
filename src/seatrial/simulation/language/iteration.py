"""Going through the items of anything that can be iterated."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Class,
    External,
    Instance,
    NativeMethod,
    Stream,
    TypeForm,
    Undecided,
    Unknown,
    Value,
)
from seatrial.simulation.language.lookup import type_name
from seatrial.simulation.language.natively import OPAQUE, is_native
from seatrial.simulation.language.subscripts import subscript
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def iterate(sim: Simulator, value: Value) -> Iterator[Value]:
    """The items of a value. Raises Undecided where they cannot be known."""
    if isinstance(value, OPAQUE):
        raise Undecided("iteration over an unknown value")
    if isinstance(value, Stream):
        return iter(value)
    if isinstance(value, Instance | Class):
        return _iterate_object(sim, value)
    if isinstance(value, TypeForm) and sim.python >= (3, 11):  # `Row[*tuple[Any, ...]]` (PEP 646)
        return iter([TypeForm(External("typing.Unpack", "class"), (value,))])
    if not is_native(value) or not hasattr(type(value), "__iter__"):
        sim.player.fail(TypeError(f"{type_name(value)!r} object is not iterable"), RaisedByCode("iteration"))
        raise Undecided("not iterable")
    return iter(value)


def _iterate_object(sim: Simulator, value: Value) -> Iterator[Value]:
    method = sim.special(value, "__iter__")
    if isinstance(method, Unknown):
        raise Undecided("iteration outside the backend")
    if isinstance(method, Bound) and isinstance(method.function, NativeMethod):
        return iter(value)
    if method is not ABSENT and method is not None:
        iterator = sim.call(method, [], {})
        if not isinstance(iterator, Instance):
            return iterate(sim, iterator)
        return _next_until_stop(sim, iterator)
    if sim.special(value, "__getitem__") is not ABSENT:
        return _items_until_error(sim, value)
    if isinstance(value, Instance) and hasattr(type(value), "__iter__"):
        return iter(value)  # type: ignore[call-overload, no-any-return]
    sim.player.fail(TypeError(f"{type_name(value)!r} object is not iterable"), RaisedByCode("iteration"))
    raise Undecided("not iterable")


def _next_until_stop(sim: Simulator, iterator: Value) -> Iterator[Value]:
    while True:
        item = sim.catching(lambda: sim.call(sim.special(iterator, "__next__"), [], {}), StopIteration)
        if item is ABSENT:
            return
        yield item


def _items_until_error(sim: Simulator, value: Value) -> Iterator[Value]:
    index = 0
    while True:
        item = sim.catching(partial(subscript, sim, value, index), IndexError)
        if item is ABSENT:
            return
        yield item
        index += 1
