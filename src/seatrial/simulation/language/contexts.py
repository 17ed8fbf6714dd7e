"""Playing `with` and `async with`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seatrial.libraries.values import ABSENT, Unknown, Value
from seatrial.simulation.language.assignments import assign_target
from seatrial.simulation.language.calls import await_value, call
from seatrial.simulation.language.lookup import type_name
from seatrial.simulation.language.signals import Statements
from seatrial.simulation.player import Player, Raised
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def _with(player: Player, node: ast.With | ast.AsyncWith) -> Value:
    return _with_items(player, node, 0)


def _with_items(player: Player, node: ast.With | ast.AsyncWith, index: int) -> Value:
    if index == len(node.items):
        return player.execute(node.body)
    sim = player.sim
    item = node.items[index]
    asynchronous = isinstance(node, ast.AsyncWith)
    manager = player.evaluate(item.context_expr)
    player.frame.line = item.context_expr.lineno
    enter, leave = protocol(sim, manager, asynchronous)
    if enter is None:
        return _with_items(player, node, index + 1)
    value = call(sim, enter, [], {})
    if asynchronous:
        value = await_value(sim, value)
    if item.optional_vars is not None:
        assign_target(sim, item.optional_vars, value)
    return _guarded_body(player, node, index, leave, asynchronous)


def _guarded_body(
    player: Player, node: ast.With | ast.AsyncWith, index: int, leave: Value, asynchronous: bool
) -> Value:
    sim = player.sim
    item = node.items[index]
    depth, guards, maybe = len(player.stack), len(player.guards), player.maybe

    def exit_with(error: Value) -> Value:
        player.frame.line = item.context_expr.lineno
        kind = None if error is None else sim.class_of(error)
        answer = call(sim, leave, [kind, error, None], {})
        return await_value(sim, answer) if asynchronous else answer

    try:
        with player.guarded(lambda error: not isinstance(leave, Unknown)):
            signal = _with_items(player, node, index + 1)
    except Raised as raised:
        del player.stack[depth:], player.guards[guards:]
        player.maybe = maybe
        swallowed = sim.maybe_truth(exit_with(raised.error))
        if not swallowed:
            player.propagate(raised)
        return None
    exit_with(None)
    return signal


def protocol(sim: Simulator, manager: Value, asynchronous: bool) -> tuple[Value, Value]:
    """How a `with` enters and leaves; (None, None) after the error of something that is no context manager."""
    names = ("__aenter__", "__aexit__") if asynchronous else ("__enter__", "__exit__")
    if isinstance(manager, Unknown):
        return Unknown("what a context manager gives"), Unknown("leaving a context manager")
    enter, leave = (sim.special_or_attribute(manager, name) for name in names)
    if enter is not ABSENT and leave is not ABSENT:
        return enter, leave
    if sim.python >= (3, 11):
        lacking = names[0] if enter is ABSENT else names[1]
        kind = "asynchronous " if asynchronous else ""
        text = f"{type_name(manager)!r} object does not support the {kind}context manager protocol"
        if enter is not ABSENT:
            text += f" (missed {lacking} method)"
        sim.player.fail(TypeError(text), RaisedByCode("operator"))
    else:
        sim.player.fail(AttributeError(names[0] if enter is ABSENT else names[1]), RaisedByCode("operator"))
    return None, None


CONTEXTS: Statements = {
    ast.With: _with,
    ast.AsyncWith: _with,
}
