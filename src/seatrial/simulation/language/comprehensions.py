"""Playing comprehensions, generator expressions and what `async for` goes through."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from seatrial.libraries.values import ABSENT, Cell, Stream, Undecided, Unknown, Value
from seatrial.simulation.language.calls import await_value, make_stream, yield_value
from seatrial.simulation.language.definitions import qualified
from seatrial.simulation.language.iteration import iterate
from seatrial.simulation.language.lookup import type_name
from seatrial.simulation.language.natively import natively
from seatrial.simulation.language.scopes import binds
from seatrial.simulation.language.signals import Expressions
from seatrial.simulation.player import Active, Player
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def _comprehension(player: Player, node: ast.ListComp | ast.SetComp | ast.DictComp) -> Value:
    sim = player.sim
    first = player.evaluate(node.generators[0].iter)
    result: list[Value] = []
    active = _comprehension_frame(player, node)

    def take() -> Iterator[Value]:
        if isinstance(node, ast.DictComp):
            key = player.evaluate(node.key)
            result.append((key, player.evaluate(node.value)))
        else:
            result.append(player.evaluate(node.elt))
        return iter(())

    player.stack.append(active)
    try:
        for _ in _generate(sim, node.generators, 0, first, take):
            pass
    except Undecided as why:
        return Unknown(str(why) or "a comprehension")
    finally:
        player.stack.pop()
    if isinstance(node, ast.DictComp):
        return natively(sim, lambda: dict(result), "call", "a dict")
    return result if isinstance(node, ast.ListComp) else natively(sim, lambda: set(result), "call", "a set")


def _generator(player: Player, node: ast.GeneratorExp) -> Value:
    sim = player.sim
    first = player.evaluate(node.generators[0].iter)
    if isinstance(first, Unknown):
        return Unknown("a generator over an unknown value")
    active = _comprehension_frame(player, node)

    def take() -> Iterator[Value]:
        yield player.evaluate(node.elt)

    def body() -> Value:
        for item in _generate(sim, node.generators, 0, first, take):
            yield_value(sim, item)
        return None

    return make_stream(sim, active, "<genexpr>", body, any(g.is_async for g in node.generators))


def _comprehension_frame(player: Player, node: Any) -> Active:
    frame = player.frame
    own = {name for part in node.generators for child in ast.walk(part.target) for name in binds(child)}
    cell = Cell({}, frozenset(own), frame.cell)
    names = {ast.ListComp: "<listcomp>", ast.SetComp: "<setcomp>", ast.DictComp: "<dictcomp>"}
    function = names.get(type(node), "<genexpr>")
    if player.sim.python >= (3, 12) and function != "<genexpr>":
        function = frame.function  # inlined since PEP 709
    active = Active(frame.module, function, frame.module.namespace, cell, player.maybe)
    active.line = node.lineno
    active.owner, active.subject = frame.owner, frame.subject
    active.qualname = frame.qualname if function == frame.function else qualified(frame, function)
    active.is_async = frame.is_async
    return active


def _generate(
    sim: Simulator, generators: list[ast.comprehension], index: int, first: Value, take: Callable[[], Iterator[Value]]
) -> Iterator[Value]:
    if index == len(generators):
        yield from take()
        return
    part = generators[index]
    source = first if index == 0 else sim.player.evaluate(part.iter)
    for item in async_iterate(sim, source) if part.is_async else iterate(sim, source):
        sim.assign_target(part.target, item)
        if all(_holds(sim, test) for test in part.ifs):
            yield from _generate(sim, generators, index + 1, first, take)


def _holds(sim: Simulator, test: ast.expr) -> bool:
    truth = sim.maybe_truth(sim.player.evaluate(test))
    if truth is None:
        raise Undecided("a condition in a comprehension")
    return truth


def async_iterate(sim: Simulator, value: Value) -> Iterator[Value]:
    """The items of `async for`."""
    if isinstance(value, Stream):
        yield from iter(value)
        return
    method = sim.special(value, "__aiter__")
    if method is ABSENT:
        text = f"'async for' requires an object with __aiter__ method, got {type_name(value)}"
        sim.player.fail(TypeError(text), RaisedByCode("iteration"))
        raise Undecided("not an asynchronous iterable")
    iterator = sim.call(method, [], {}) if not isinstance(method, Unknown) else method
    if isinstance(iterator, Unknown):
        raise Undecided("asynchronous iteration outside the backend")
    if isinstance(iterator, Stream):
        yield from iter(iterator)
        return

    def step() -> Value:
        return await_value(sim, sim.call(sim.special(iterator, "__anext__"), [], {}))

    while True:
        item = sim.catching(step, StopAsyncIteration)
        if item is ABSENT:
            return
        yield item


COMPREHENSIONS: Expressions = {
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _generator,
}
