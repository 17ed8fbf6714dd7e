"""Playing statements: one function per node. Returns None, or how the block was left (see `signals`)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from seatrial.libraries.values import Undecided, Unknown, Value
from seatrial.simulation.language.assignments import ASSIGNMENTS, assign_target
from seatrial.simulation.language.comprehensions import async_iterate
from seatrial.simulation.language.contexts import CONTEXTS
from seatrial.simulation.language.definitions import DEFINITIONS
from seatrial.simulation.language.exceptions import EXCEPTIONS
from seatrial.simulation.language.generics import play_type_alias
from seatrial.simulation.language.import_statements import IMPORTS
from seatrial.simulation.language.iteration import iterate
from seatrial.simulation.language.signals import BREAK, CONTINUE, Return, Statements
from seatrial.simulation.player import Player
from seatrial.simulation.timeline import RaisedByCode

LOOPS = 10_000  # turns of one loop that are followed


def _expression(player: Player, node: ast.Expr) -> Value:
    player.evaluate(node.value)
    return None


def _nothing(player: Player, node: ast.stmt) -> Value:
    return None


def _break(player: Player, node: ast.Break) -> Value:
    return BREAK


def _continue(player: Player, node: ast.Continue) -> Value:
    return CONTINUE


def _return(player: Player, node: ast.Return) -> Value:
    return Return(None if node.value is None else player.evaluate(node.value))


def _if(player: Player, node: ast.If) -> Value:
    sim = player.sim
    value = player.evaluate(node.test)
    player.frame.line = node.test.lineno
    truth = sim.maybe_truth(value)
    if truth is not None:
        return player.execute(node.body if truth else node.orelse)
    return _both(player, node.body, node.orelse)


def _both(player: Player, first: list[ast.stmt], second: list[ast.stmt]) -> Value:
    """Play two branches of which one is taken, and merge how they end."""
    with player.undecided():
        left = player.execute(first)
        right = player.execute(second)
    if isinstance(left, Return) and isinstance(right, Return):
        return Return(player.sim.join(left.value, right.value))
    for signal in (left, right):
        if isinstance(signal, Return):
            # The rest of the function may not be reached: it is played, but decides nothing.
            player.frame.returns.append(signal.value)
            player.maybe += 1
    if left is not None and left is right:
        return left
    return None


def _while(player: Player, node: ast.While) -> Value:
    sim = player.sim
    for _ in range(LOOPS):
        truth = sim.maybe_truth(player.evaluate(node.test))
        if truth is None:
            return _maybe_body(player, node.body)
        if not truth:
            return player.execute(node.orelse)
        signal = player.execute(node.body)
        if signal is BREAK:
            return None
        if isinstance(signal, Return):
            return signal
    player.doubt("a loop too long to follow")
    return None


def _maybe_body(player: Player, body: list[ast.stmt]) -> Value:
    return _both(player, body, [])


def _for(player: Player, node: ast.For) -> Value:
    source = player.evaluate(node.iter)
    player.frame.line = node.iter.lineno
    return _loop(player, node, lambda: iterate(player.sim, source))


def _async_for(player: Player, node: ast.AsyncFor) -> Value:
    source = player.evaluate(node.iter)
    return _loop(player, node, lambda: async_iterate(player.sim, source))


def _loop(player: Player, node: ast.For | ast.AsyncFor, items: Callable[[], Iterator[Value]]) -> Value:
    sim = player.sim
    turns = 0
    try:
        for item in items():
            turns += 1
            if turns > LOOPS:
                player.doubt("a loop too long to follow")
                return None
            assign_target(sim, node.target, item)
            signal = player.execute(node.body)
            if signal is BREAK:
                return None
            if isinstance(signal, Return):
                return signal
            player.frame.line = node.iter.lineno
    except Undecided:
        with player.undecided():
            assign_target(sim, node.target, Unknown("an item of an unknown collection"))
        return _maybe_body(player, node.body)
    except RuntimeError as error:  # a dict or set that changes size while it is iterated
        player.fail(RuntimeError(str(error)), RaisedByCode("iteration"))
        return None
    return player.execute(node.orelse)


def _match(player: Player, node: ast.Match) -> Value:
    from seatrial.simulation.language.patterns import fits

    sim = player.sim
    subject = player.evaluate(node.subject)
    for index, case in enumerate(node.cases):
        matched = fits(sim, case.pattern, subject)
        if matched and case.guard is not None:
            matched = sim.maybe_truth(player.evaluate(case.guard))
        if matched is None:
            return _rest_of_match(player, node.cases[index:])
        if matched:
            return player.execute(case.body)
    return None


def _rest_of_match(player: Player, cases: list[ast.match_case]) -> Value:
    with player.undecided():
        for case in cases:
            player.execute(case.body)
    return None


STATEMENTS: Statements = {
    ast.Expr: _expression,
    ast.Pass: _nothing,
    ast.Global: _nothing,
    ast.Nonlocal: _nothing,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Return: _return,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
    ast.AsyncFor: _async_for,
    ast.Match: _match,
    "TypeAlias": play_type_alias,
    **ASSIGNMENTS,
    **EXCEPTIONS,
    **CONTEXTS,
    **DEFINITIONS,
    **IMPORTS,
}
