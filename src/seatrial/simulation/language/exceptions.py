"""Playing `raise`, `assert` and `try`: which handler takes an exception, and what goes on its way."""

from __future__ import annotations

import ast
from typing import Any

from seatrial.libraries.values import Class, External, ExternalInstance, Instance, LibraryError, Unknown, Value
from seatrial.simulation.language.calls import call
from seatrial.simulation.language.groups import joined, leaves, split
from seatrial.simulation.language.lookup import derives_from_outside, is_exception_class
from seatrial.simulation.language.names import assign, unbind
from seatrial.simulation.language.scopes import own_nodes
from seatrial.simulation.language.signals import Statements
from seatrial.simulation.player import Active, Player, Raised
from seatrial.simulation.timeline import RaisedByCode


def _raise(player: Player, node: ast.Raise) -> Value:
    if node.exc is None:
        return _raise_again(player)
    error = player.evaluate(node.exc)
    cause = player.evaluate(node.cause) if node.cause is not None else None
    player.frame.line = node.lineno
    if isinstance(error, type | Class | External):
        error = call(player.sim, error, [], {})
        player.frame.line = node.lineno
    if isinstance(cause, type | Class):
        cause = call(player.sim, cause, [], {})
    if node.cause is not None and isinstance(error, BaseException):
        if cause is not None and not _is_exception(cause):
            text = "exception causes must derive from BaseException"
            player.fail(TypeError(text), RaisedByCode("raise"))
            return None
        error.__cause__ = cause if isinstance(cause, BaseException) else None
    if not _is_exception(error):
        error = TypeError("exceptions must derive from BaseException")
    player.fail(error, player.sim.fault_of_raise(node))
    return None


def _is_exception(error: Value) -> bool:
    if isinstance(error, Instance):
        return is_exception_class(error.type) or any(not isinstance(b, Class | type) for b in error.type.mro)
    return isinstance(error, BaseException | Unknown | LibraryError) or type(error).__name__ == "ExternalInstance"


def _raise_again(player: Player) -> Value:
    for active in reversed(player.stack):
        if active.handling:
            player.propagate(active.handling[-1])
            return None
    player.fail(RuntimeError("No active exception to reraise"), RaisedByCode("raise"))
    return None


def _assert(player: Player, node: ast.Assert) -> Value:
    sim = player.sim
    truth = sim.maybe_truth(player.evaluate(node.test))
    if truth is None or truth:
        return None
    args = [] if node.msg is None else [player.evaluate(node.msg)]
    # CPython 3.10 began to blame the line of the test; 3.12 alone blames that of the statement again.
    of_test = sim.python >= (3, 10) and sim.python != (3, 12)
    player.frame.line = node.test.lineno if of_test else node.lineno
    player.fail(AssertionError(*args), RaisedByCode("assert"))
    return None


def _try(player: Player, node: Any) -> Value:
    signal: Value = None
    pending: Raised | None = None
    before = len(player.record.mishaps)
    try:
        if _may_leave(node.finalbody):
            with player.guarded(lambda _: True):
                signal = _try_body(player, node)
        else:
            signal = _try_body(player, node)
    except Raised as raised:
        pending = raised
    final = _finally(player, node.finalbody, before)
    if final is not None:
        return final
    if pending is not None:
        player.propagate(pending)
        return None
    return signal


def _try_rest(player: Player, node: Any, line: int) -> Value:
    """The statements from this line on, once more: their handler only raised again what now counts as mended."""
    first = max((index for index, it in enumerate(node.body) if it.lineno <= line), default=0)
    rest = type(node)(node.body[first:], node.handlers, node.orelse, [])
    return _try_body(player, ast.copy_location(rest, node))


def _finally(player: Player, body: list[ast.stmt], before: int) -> Value:
    """Play a `finally`: where it fails itself, that is what a start ends with, not what failed before it."""
    mishaps = player.record.mishaps
    entered = len(mishaps)
    final = player.execute(body)
    if before < entered < len(mishaps) and mishaps[entered].certain:
        mishaps[before:] = mishaps[entered:] + mishaps[before:entered]
    return final


def _may_leave(final: list[ast.stmt]) -> bool:
    """Whether a `finally` can leave by itself, which swallows the exception on its way."""
    return any(isinstance(node, ast.Return | ast.Break | ast.Continue) for node in own_nodes(list(final)))


def _try_body(player: Player, node: Any) -> Value:
    if not node.handlers:
        return player.execute(node.body)  # a `finally` alone catches nothing
    frame = player.frame
    depth, guards, maybe = len(player.stack), len(player.guards), player.maybe
    try:
        with player.guarded(lambda error: _some_handler(player, node, error, frame)):
            signal = player.execute(node.body)
    except Raised as raised:
        del player.stack[depth:], player.guards[guards:]
        player.maybe = maybe
        line, noted = frame.line, len(player.record.mishaps)
        handle = _handle if isinstance(node, ast.Try) else _handle_parts
        signal = handle(player, node.handlers, raised)
        return _try_rest(player, node, line) if player.has_mended(raised, noted) else signal
    if signal is not None:
        return signal
    return player.execute(node.orelse)


def _some_handler(player: Player, node: Any, error: Value, frame: Active) -> bool:
    parts = [error] if isinstance(node, ast.Try) else [error, *leaves(error)]
    return any(_may_match(player, handler, part, frame) for handler in node.handlers for part in parts)


def _may_match(player: Player, handler: ast.ExceptHandler, error: Value, frame: Active) -> bool:
    """Whether a handler takes an exception, or fails itself when it is asked."""
    if handler.type is None:
        return True
    # The handler's type is evaluated in the frame of the `try`, whatever runs on top of it now.
    above = player.stack[player.stack.index(frame) + 1 :]
    del player.stack[player.stack.index(frame) + 1 :]
    line, kept = frame.line, player.guards[:]
    player.guards.clear()
    quiet, player.record.mishaps = player.record.mishaps, []
    try:
        kind = player.evaluate(handler.type)
        failed = bool(player.record.mishaps)
    finally:
        frame.line = line
        player.stack.extend(above)
        player.guards[:] = kept
        player.record.mishaps = quiet
    return failed or not _may_be_caught(kind) or bool(player.sim.is_instance(error, kind))


def _may_be_caught(kind: Value) -> bool:
    """Whether `except kind` is allowed."""
    if isinstance(kind, tuple):
        return all(_may_be_caught(part) for part in kind if not isinstance(part, tuple))
    if isinstance(kind, Class | type):
        return is_exception_class(kind) or (isinstance(kind, Class) and derives_from_outside(kind))
    return isinstance(kind, External | Unknown | ExternalInstance)


def _matches(player: Player, handler: ast.ExceptHandler, error: Value) -> bool:
    """As `_may_match`, for real: in the frame of the `try`, which is the innermost again."""
    if handler.type is None:
        return True
    player.frame.line = handler.lineno
    kind = player.evaluate(handler.type)
    if not _may_be_caught(kind):
        player.frame.line = handler.lineno
        text = "catching classes that do not inherit from BaseException is not allowed"
        player.fail(TypeError(text), RaisedByCode("raise"))
        return False
    return bool(player.sim.is_instance(error, kind))


def _handle(player: Player, handlers: list[ast.ExceptHandler], raised: Raised) -> Value:
    frame = player.frame
    for handler in handlers:
        frame.handling.append(raised)
        try:
            matched = _matches(player, handler, raised.error)
        finally:
            frame.handling.remove(raised)
        if not matched:
            continue
        if handler.name:
            assign(player.sim, handler.name, raised.error)
        player.caught(raised)
        frame.handling.append(raised)
        try:
            return player.execute(handler.body)
        finally:
            frame.handling.remove(raised)
            if handler.name:
                unbind(player.sim, handler.name)
    player.propagate(raised)
    return None


def _handle_parts(player: Player, handlers: list[ast.ExceptHandler], raised: Raised) -> Value:
    """`except*`: each handler takes its part of a group; what they raise and what is left goes on together."""
    sim, frame = player.sim, player.frame
    left, thrown = raised.error, list[Raised]()
    for handler in handlers if left is not None else ():
        frame.line = handler.lineno
        kind = player.evaluate(handler.type) if handler.type is not None else BaseException
        taken, left = split(left, lambda error, kind=kind: sim.is_instance(error, kind) is True)  # type: ignore[misc]
        if taken is not None:
            inner = _handle_part(player, handler, Raised(taken, raised.frames, raised.fault))
            thrown += [inner] if inner is not None else []
        if left is None:
            break
    final = joined(raised.error, [inner.error for inner in thrown], left)
    if final is None:
        return None
    known = next((inner for inner in thrown if inner.error is final), None)
    player.propagate(known or Raised(final, raised.frames, raised.fault))
    return None


def _handle_part(player: Player, handler: ast.ExceptHandler, part: Raised) -> Raised | None:
    """Play the body of one `except*`; what it raises."""
    frame = player.frame
    depth, guards, maybe = len(player.stack), len(player.guards), player.maybe
    if handler.name:
        assign(player.sim, handler.name, part.error)
    frame.handling.append(part)
    try:
        with player.guarded(lambda _: True):
            player.execute(handler.body)
    except Raised as raised:
        del player.stack[depth:], player.guards[guards:]
        player.maybe = maybe
        return raised
    finally:
        frame.handling.remove(part)
        if handler.name:
            unbind(player.sim, handler.name)
    return None


EXCEPTIONS: Statements = {
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Try: _try,
    ast.TryStar: _try,
}
