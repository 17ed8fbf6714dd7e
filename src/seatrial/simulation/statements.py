"""Playing statements: one function per node. Returns None, or how the block was left (see `signals`)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from seatrial.libraries.values import (
    ABSENT,
    Class,
    External,
    ExternalInstance,
    Function,
    Instance,
    LibraryError,
    Owner,
    Undecided,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.simulation.attributes import (
    class_lookup,
    derives_from_outside,
    docstring,
    is_exception_class,
    put,
    type_name,
)
from seatrial.simulation.calls import await_value, call
from seatrial.simulation.classes import make_class, prepared, resolve_bases, winner
from seatrial.simulation.expressions import async_iterate, default_values, make_function, qualified
from seatrial.simulation.generics import play_type_alias, type_parameters
from seatrial.simulation.groups import joined, leaves, split
from seatrial.simulation.imports import UNKNOWN_NAMES, import_from, import_module, star_names
from seatrial.simulation.names import assign, delete, private, unbind
from seatrial.simulation.operators import binary, delete_item, iterate, store_item, subscript
from seatrial.simulation.player import Active, Player, Raised
from seatrial.simulation.scopes import own_nodes
from seatrial.simulation.signals import BREAK, CONTINUE, Return
from seatrial.simulation.spreading import lacks, unpacked
from seatrial.simulation.std_typing import class_problem
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

Play = Callable[[Any, Any], Value]
STATEMENTS: dict[type | str, Play] = {}
LOOPS = 10_000  # turns of one loop that are followed


def plays(*kinds: type) -> Callable[[Play], Play]:
    """Register the function that plays these kinds of node."""

    def register(function: Play) -> Play:
        for kind in kinds:
            STATEMENTS[kind] = function
        return function

    return register


def _sim(player: Player) -> Simulator:
    return player.sim


@plays(ast.Expr)
def _expression(player: Player, node: ast.Expr) -> Value:
    player.evaluate(node.value)
    return None


@plays(ast.Pass, ast.Global, ast.Nonlocal)
def _nothing(player: Player, node: ast.stmt) -> Value:
    return None


@plays(ast.Break)
def _break(player: Player, node: ast.Break) -> Value:
    return BREAK


@plays(ast.Continue)
def _continue(player: Player, node: ast.Continue) -> Value:
    return CONTINUE


@plays(ast.Return)
def _return(player: Player, node: ast.Return) -> Value:
    return Return(None if node.value is None else player.evaluate(node.value))


# -- assignment ----------------------------------------------------------------------------------------------------


@plays(ast.Assign)
def _assign(player: Player, node: ast.Assign) -> Value:
    value = player.evaluate(node.value)
    for target in node.targets:
        assign_target(_sim(player), target, value)
    return None


@plays(ast.AnnAssign)
def _annotated(player: Player, node: ast.AnnAssign) -> Value:
    sim = _sim(player)
    if node.value is not None:
        value = player.evaluate(node.value)
        assign_target(sim, node.target, value)
    frame = player.frame
    if not node.simple or (frame.cell is not None and not frame.is_class and frame.function != "<module>"):
        return None
    if sim.python >= (3, 14) and not sim.has_future(frame.module):
        return None  # evaluated when somebody asks
    annotation = sim.annotation(node.annotation)
    if isinstance(node.target, ast.Name):
        frame.namespace.setdefault("__annotations__", {})[node.target.id] = annotation
    return None


@plays(ast.AugAssign)
def _augmented(player: Player, node: ast.AugAssign) -> Value:
    sim = _sim(player)
    target = node.target
    if isinstance(target, ast.Name):
        load = ast.copy_location(ast.Name(target.id, ast.Load()), target)
        value = binary(sim, node.op, player.evaluate(load), player.evaluate(node.value), inplace=True)
        assign(sim, target.id, value)
        return None
    subject = player.evaluate(target.value)
    if isinstance(target, ast.Attribute):
        name = private(player.frame, target.attr)
        old = sim.get(subject, name)
        if old is ABSENT:
            old = sim.attribute_error(subject, name)
        value = binary(sim, node.op, old, player.evaluate(node.value), inplace=True)
        _put(sim, subject, name, value)
        return None
    key = player.evaluate(target.slice)
    value = binary(sim, node.op, subscript(sim, subject, key), player.evaluate(node.value), inplace=True)
    store_item(sim, subject, key, value)
    return None


def _put(sim: Simulator, subject: Value, name: str, value: Value) -> None:
    error = put(sim, subject, name, value)
    if error is not None:
        sim.player.fail(error, RaisedByCode("attribute"))


def assign_target(sim: Simulator, target: ast.expr, value: Value) -> None:
    """Bind one assignment target, unpacking where it is a tuple or a list."""
    if isinstance(target, ast.Name):
        assign(sim, target.id, value)
    elif isinstance(target, ast.Attribute):
        subject = sim.player.evaluate(target.value)
        sim.player.frame.line = target.lineno
        _put(sim, subject, private(sim.player.frame, target.attr), value)
    elif isinstance(target, ast.Subscript):
        subject = sim.player.evaluate(target.value)
        store_item(sim, subject, sim.player.evaluate(target.slice), value)
    elif isinstance(target, ast.Starred):
        assign_target(sim, target.value, value)
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(sim, target, value)


def _unpack(sim: Simulator, target: ast.Tuple | ast.List, value: Value) -> None:
    count = len(target.elts)
    star = next((i for i, item in enumerate(target.elts) if isinstance(item, ast.Starred)), None)
    sim.player.frame.line = target.lineno
    items = _items_to_unpack(sim, value)
    if items is not None:
        items = _checked(sim, items, count, star)
    if items is None:
        items = [Unknown("an unpacked item") for _ in range(count)]
    elif star is not None:
        after = count - star - 1
        middle = items[star : len(items) - after]
        items = [*items[:star], middle, *items[len(items) - after :]] if after else [*items[:star], middle]
    for part, item in zip(target.elts, items, strict=True):
        assign_target(sim, part, item)


def _items_to_unpack(sim: Simulator, value: Value) -> list[Value] | None:
    try:
        source = iterate_for_unpacking(sim, value)
    except Undecided:
        return None
    try:
        return list(source)
    except Undecided:
        return None


def iterate_for_unpacking(sim: Simulator, value: Value) -> Iterator[Value]:
    """As `iterate`, with the message that unpacking gives."""
    if lacks(sim, value, "__iter__", "__getitem__"):
        text = f"cannot unpack non-iterable {type_name(value)} object"
        sim.player.fail(TypeError(text), RaisedByCode("operator"))
        raise Undecided("not iterable")
    return iterate(sim, value)


def _checked(sim: Simulator, items: list[Value], count: int, star: int | None) -> list[Value] | None:
    needed = count - (star is not None)
    if len(items) < needed:
        least = "at least " if star is not None else ""
        text = f"not enough values to unpack (expected {least}{needed}, got {len(items)})"
    elif star is None and len(items) > count:
        got = f", got {len(items)}" if sim.python >= (3, 14) else ""
        text = f"too many values to unpack (expected {count}{got})"
    else:
        return items
    sim.player.fail(ValueError(text), RaisedByCode("operator"))
    return None


@plays(ast.Delete)
def _delete(player: Player, node: ast.Delete) -> Value:
    for target in node.targets:
        _delete_target(_sim(player), target)
    return None


def _delete_target(sim: Simulator, target: ast.expr) -> None:
    if isinstance(target, ast.Name):
        delete(sim, target.id, target)
    elif isinstance(target, ast.Attribute):
        _delete_attribute(sim, sim.player.evaluate(target.value), private(sim.player.frame, target.attr))
    elif isinstance(target, ast.Subscript):
        subject = sim.player.evaluate(target.value)
        delete_item(sim, subject, sim.player.evaluate(target.slice))
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            _delete_target(sim, part)


def _delete_attribute(sim: Simulator, subject: Value, name: str) -> None:
    if isinstance(subject, Instance) and _deleted_by_class(sim, subject, name):
        return
    held = getattr(subject, "namespace", None)
    if held is None:
        held = getattr(subject, "attributes", None)
    if isinstance(held, dict) and held.pop(name, ABSENT) is ABSENT and isinstance(subject, Instance | Class):
        text = name if sim.python < (3, 11) else f"{type_name(subject)!r} object has no attribute {name!r}"
        sim.player.fail(AttributeError(text), RaisedByCode("attribute"))


def _deleted_by_class(sim: Simulator, subject: Instance, name: str) -> bool:
    """Whether the class has its own way of deleting an attribute, which has been gone."""
    hook = class_lookup(subject.type, "__delattr__")
    if isinstance(hook, Function):
        call(sim, hook, [subject, name], {})
        return True
    found = class_lookup(subject.type, name)
    if isinstance(found, Wrapped) and found.kind == "property":
        if found.deleter is None:
            text = f"property {name!r} of {subject.type.name!r} object has no deleter"
            text = text if sim.python >= (3, 11) else f"can't delete attribute {name!r}"
            sim.player.fail(AttributeError(text), RaisedByCode("attribute"))
        else:
            call(sim, found.deleter, [subject], {})
        return True
    if isinstance(found, Instance) and class_lookup(found.type, "__delete__") is not ABSENT:
        call(sim, sim.special(found, "__delete__"), [subject], {})
        return True
    return False


# -- branches and loops --------------------------------------------------------------------------------------------


@plays(ast.If)
def _if(player: Player, node: ast.If) -> Value:
    sim = _sim(player)
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
        return Return(_sim(player).join(left.value, right.value))
    for signal in (left, right):
        if isinstance(signal, Return):
            # The rest of the function may not be reached: it is played, but decides nothing.
            player.frame.returns.append(signal.value)
            player.maybe += 1
    if left is not None and left is right:
        return left
    return None


@plays(ast.While)
def _while(player: Player, node: ast.While) -> Value:
    sim = _sim(player)
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


@plays(ast.For)
def _for(player: Player, node: ast.For) -> Value:
    source = player.evaluate(node.iter)
    player.frame.line = node.iter.lineno
    return _loop(player, node, lambda: iterate(_sim(player), source))


@plays(ast.AsyncFor)
def _async_for(player: Player, node: ast.AsyncFor) -> Value:
    source = player.evaluate(node.iter)
    return _loop(player, node, lambda: async_iterate(_sim(player), source))


def _loop(player: Player, node: ast.For | ast.AsyncFor, items: Callable[[], Iterator[Value]]) -> Value:
    sim = _sim(player)
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


# -- exceptions ----------------------------------------------------------------------------------------------------


@plays(ast.Raise)
def _raise(player: Player, node: ast.Raise) -> Value:
    if node.exc is None:
        return _raise_again(player)
    error = player.evaluate(node.exc)
    cause = player.evaluate(node.cause) if node.cause is not None else None
    player.frame.line = node.lineno
    if isinstance(error, type | Class | External):
        error = call(_sim(player), error, [], {})
        player.frame.line = node.lineno
    if isinstance(cause, type | Class):
        cause = call(_sim(player), cause, [], {})
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


@plays(ast.Assert)
def _assert(player: Player, node: ast.Assert) -> Value:
    sim = _sim(player)
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
    return failed or not _may_be_caught(kind) or bool(_sim(player).is_instance(error, kind))


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
    return bool(_sim(player).is_instance(error, kind))


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
            assign(_sim(player), handler.name, raised.error)
        player.caught(raised)
        frame.handling.append(raised)
        try:
            return player.execute(handler.body)
        finally:
            frame.handling.remove(raised)
            if handler.name:
                unbind(_sim(player), handler.name)
    player.propagate(raised)
    return None


def _handle_parts(player: Player, handlers: list[ast.ExceptHandler], raised: Raised) -> Value:
    """`except*`: each handler takes its part of a group; what they raise and what is left goes on together."""
    sim, frame = _sim(player), player.frame
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
        assign(_sim(player), handler.name, part.error)
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
            unbind(_sim(player), handler.name)
    return None


STATEMENTS[ast.Try] = _try
if hasattr(ast, "TryStar"):
    STATEMENTS[ast.TryStar] = _try


@plays(ast.With, ast.AsyncWith)
def _with(player: Player, node: ast.With | ast.AsyncWith) -> Value:
    return _with_items(player, node, 0)


def _with_items(player: Player, node: ast.With | ast.AsyncWith, index: int) -> Value:
    if index == len(node.items):
        return player.execute(node.body)
    sim = _sim(player)
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
    sim = _sim(player)
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


# -- definitions ---------------------------------------------------------------------------------------------------


@plays(ast.FunctionDef, ast.AsyncFunctionDef)
def _function(player: Player, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Value:
    sim = _sim(player)
    decorators = [(player.evaluate(d), d) for d in node.decorator_list]
    player.frame.line = node.lineno
    defaults = default_values(player, node.args)
    with type_parameters(player, node):
        made = make_function(player, node, node.name, defaults)
        if sim.python < (3, 14):
            made.attributes["__annotations__"] = _annotations(sim, node)
    assign(sim, node.name, _decorated(player, made, decorators))
    return None


def _annotations(sim: Simulator, node: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, Value]:
    args = node.args
    listed = [*args.posonlyargs, *args.args, *([args.vararg] if args.vararg else []), *args.kwonlyargs]
    listed += [args.kwarg] if args.kwarg else []
    found = {arg.arg: sim.annotation(arg.annotation) for arg in listed if arg.annotation is not None}
    if node.returns is not None:
        found["return"] = sim.annotation(node.returns)
    return found


def _decorated(player: Player, value: Value, decorators: list[tuple[Value, ast.expr]]) -> Value:
    for decorator, node in reversed(decorators):
        player.frame.line = node.lineno
        player.sim.statement = node
        value = call(_sim(player), decorator, [value], {})
    return value


@plays(ast.ClassDef)
def _class(player: Player, node: ast.ClassDef) -> Value:
    sim = _sim(player)
    decorators = [(player.evaluate(d), d) for d in node.decorator_list]
    player.frame.line = node.lineno
    player.frame.line = _class_line(sim, node)
    with type_parameters(player, node):
        made = _made_class(player, node)
    assign(sim, node.name, _decorated(player, made, decorators))
    return None


def _made_class(player: Player, node: ast.ClassDef) -> Value:
    sim = _sim(player)
    bases, keywords = _class_arguments(player, node)
    player.frame.line = _class_line(sim, node)
    known, traits = resolve_bases(sim, bases)
    traits |= {"generic"} if getattr(node, "type_params", None) else frozenset()
    metaclass = winner(sim, keywords.get("metaclass"), known)
    if metaclass is ABSENT:
        return Unknown("a class that is not there")
    problem = class_problem(bases, known, traits)
    if problem is not None:
        return sim.player.fail(problem, RaisedByCode("call"))
    given = {key: value for key, value in keywords.items() if key != "metaclass"}
    owner = Owner(node.name)
    namespace = _class_body(player, node, prepared(sim, metaclass, node.name, known, given), owner)
    player.frame.line = _class_line(sim, node)
    if len(known) != len(bases) or any(a is not b for a, b in zip(known, bases, strict=False)):
        namespace.setdefault("__orig_bases__", tuple(bases))
    made = make_class(sim, node.name, known, keywords, namespace, traits)
    owner.cls = owner.cls if owner.cls is not None else made
    return made


def _class_line(sim: Simulator, node: ast.ClassDef) -> int:
    return node.decorator_list[0].lineno if node.decorator_list and sim.python < (3, 9) else node.lineno


def _class_arguments(player: Player, node: ast.ClassDef) -> tuple[list[Value], dict[str, Value]]:
    bases: list[Value] = []
    keywords: dict[str, Value] = {}
    for base in node.bases:
        if isinstance(base, ast.Starred):
            bases.extend(unpacked(_sim(player), player.evaluate(base.value)) or [Unknown("a base class")])
        else:
            bases.append(player.evaluate(base))
    for keyword in node.keywords:
        value = player.evaluate(keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, dict):
            keywords.update(value)
    return bases, keywords


def _class_body(player: Player, node: ast.ClassDef, namespace: dict[str, Value], owner: Owner) -> dict[str, Value]:
    frame = player.frame
    namespace["__module__"] = frame.module.namespace.get("__name__")
    namespace["__qualname__"] = qualified(frame, node.name)
    text = docstring(player.sim, node)
    if text is not None:
        namespace["__doc__"] = text
    active = Active(frame.module, node.name, namespace, frame.cell, player.maybe, line=node.lineno)
    active.is_class, active.node, active.owner = True, node, owner
    active.qualname = str(namespace["__qualname__"])
    player.stack.append(active)
    try:
        player.execute(node.body)
    finally:
        player.stack.pop()
    dict.__setitem__(namespace, "__seatrial_node__", node)
    dict.__setitem__(namespace, "__seatrial_owner__", owner)
    return namespace


# -- imports -------------------------------------------------------------------------------------------------------


@plays(ast.Import)
def _import(player: Player, node: ast.Import) -> Value:
    sim = _sim(player)
    sim.statement = node
    for alias in node.names:
        sim.requested = alias.name
        module = import_module(sim, alias.name, 0, ())
        player.frame.line = node.lineno
        if alias.asname is None:
            assign(sim, alias.name.partition(".")[0], module)
            continue
        for part in alias.name.split(".")[1:]:
            module = import_from(sim, module, part)
        assign(sim, alias.asname, module)
    return None


@plays(ast.ImportFrom)
def _import_from(player: Player, node: ast.ImportFrom) -> Value:
    sim = _sim(player)
    sim.statement, sim.requested = node, ""
    names = tuple(alias.name for alias in node.names)
    if node.module == "__future__" and node.level == 0:
        sim.note_future(player.frame.module, names)
    module = import_module(sim, node.module or "", node.level, names)
    player.frame.line = node.lineno
    sim.statement = node
    if names == ("*",):
        _bind_star(sim, module)
        return None
    for alias in node.names:
        assign(sim, alias.asname or alias.name, import_from(sim, module, alias.name))
    return None


def _bind_star(sim: Simulator, module: Value) -> None:
    names = star_names(sim, module)
    if names is None:
        sim.player.frame.module.namespace[UNKNOWN_NAMES] = True
        return
    for name, value in names:
        assign(sim, name, value)


# -- match ---------------------------------------------------------------------------------------------------------


@plays(ast.Match)
def _match(player: Player, node: ast.Match) -> Value:
    from seatrial.simulation.patterns import fits

    sim = _sim(player)
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


STATEMENTS["TypeAlias"] = play_type_alias  # a node that the Python that plays may not have
