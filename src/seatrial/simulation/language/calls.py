"""Calling things: functions, generators, coroutines, classes, and what CPython itself provides."""

from __future__ import annotations

import ast
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent, greenlet

from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Builtin,
    Cell,
    Class,
    Coroutine,
    External,
    ExternalInstance,
    Function,
    Instance,
    LibraryError,
    Module,
    NativeMethod,
    Stream,
    Super,
    TypeForm,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.simulation.language.arguments import bind_arguments
from seatrial.simulation.language.lookup import among, class_lookup, handler_of, type_name
from seatrial.simulation.language.natively import natively
from seatrial.simulation.language.natives import native_method
from seatrial.simulation.language.objects import instantiate
from seatrial.simulation.language.scopes import scope_of
from seatrial.simulation.language.signals import Return
from seatrial.simulation.player import DEPTH, STEPS, Active, Guard, Player, Raised
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_ROUNDS = 2  # of a function within itself, each in a branch that may not be taken


def call(sim: Simulator, value: Value, args: list[Value], kwargs: dict[str, Value], partial: bool = False) -> Value:
    """`value(*args, **kwargs)`. `partial` says that some arguments came from something unknown."""
    handler = _CALLERS.get(type(value)) or (_instance if isinstance(value, Instance) else handler_of(value, _CALLERS))
    if handler is not None:
        return handler(sim, value, args, kwargs, partial)
    if isinstance(value, type):
        return sim.call_native_type(value, args, kwargs, partial)
    return sim.player.fail(TypeError(f"{type_name(value)!r} object is not callable"), RaisedByCode("call"))


def _function(sim: Simulator, value: Function, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    names = bind_arguments(value, args, kwargs, sim.python, partial=partial)
    if isinstance(names, TypeError):
        return sim.player.fail(names, RaisedByCode("call"))
    scope = scope_of(value.node)
    cell = Cell(names, scope.locals, value.cell)
    asynchronous = isinstance(value.node, ast.AsyncFunctionDef)
    if scope.is_generator:
        return stream(sim, value, cell, asynchronous)
    if asynchronous:
        return Coroutine(lambda: _coroutine(sim, value, cell), value.qualname)
    return run_function(sim, value, cell)


def _active(sim: Simulator, function: Function, cell: Cell) -> Active:
    node = function.node
    positional = [*node.args.posonlyargs, *node.args.args]
    first = cell.names.get(positional[0].arg, ABSENT) if positional else ABSENT
    active = Active(function.module, function.name, function.module.namespace, cell, sim.player.maybe)
    active.line = node.lineno
    active.owner, active.qualname = function.owner, function.qualname
    active.subject = first
    active.node = node
    active.is_async = isinstance(node, ast.AsyncFunctionDef)
    return active


def run_function(sim: Simulator, function: Function, cell: Cell) -> Value:
    """Play a function's body to its end and give what it returns."""
    player = sim.player
    if len(player.stack) > DEPTH:
        return too_deep(sim)
    maybe = player.maybe
    if maybe > 1 and _goes_round(player, function):
        return Unknown("how deep this calls itself is not known")
    active = _active(sim, function, cell)
    player.stack.append(active)
    try:
        return _body(sim, function, active)
    finally:
        player.stack.pop()
        player.maybe = maybe


def _coroutine(sim: Simulator, function: Function, cell: Cell) -> Value:
    """As `run_function`, but no StopIteration may leave it (PEP 479)."""
    guards = sim.player.guards
    depth = len(guards)
    guards.append(Guard(lambda error: _is_stop(sim, error, False), sim.player.maybe))
    try:
        return run_function(sim, function, cell)
    except Raised as raised:
        if not _is_stop(sim, raised.error, False):
            raise
        stop = raised
    finally:
        del guards[depth:]
    return sim.player.fail(RuntimeError("coroutine raised StopIteration"), stop.fault)


def _goes_round(player: Player, function: Function) -> bool:
    """Whether a function calls itself again and again where only a condition that nobody knows would end it.

    Each round would be played in each branch of the one before: what takes a start an instant takes a play for ever.
    """
    node, maybe = function.node, player.maybe
    return sum(active.node is node and active.maybe < maybe for active in player.stack) >= _ROUNDS


def _body(sim: Simulator, function: Function, active: Active) -> Value:
    node = function.node
    if isinstance(node, ast.Lambda):
        return sim.player.evaluate(node.body)
    signal = sim.player.execute(node.body)
    result = signal.value if isinstance(signal, Return) else None
    for earlier in active.returns:
        result = sim.join(earlier, result)
    return result


def too_deep(sim: Simulator) -> Value:
    """The RecursionError of calls without end. After it the play cannot go on as if it were mended."""
    answer = sim.player.fail(RecursionError("maximum recursion depth exceeded"), RaisedByCode("call"))
    sim.player.steps = STEPS  # nothing caught it
    return answer


def stream(sim: Simulator, function: Function, cell: Cell, asynchronous: bool) -> Stream:
    """A generator: played in a greenlet of its own, one `yield` at a time."""
    active = _active(sim, function, cell)
    return make_stream(sim, active, function.qualname, lambda: _body(sim, function, active), asynchronous)


def make_stream(sim: Simulator, active: Active, name: str, body: Callable[[], Value], asynchronous: bool) -> Stream:
    """A stream that plays `body` in the given frame."""
    player = sim.player
    runner = greenlet(lambda *_: body())
    saved_stack, saved_guards = [active], [Guard(lambda error: _is_stop(sim, error, asynchronous), player.maybe)]
    active.run = runner

    def advance(value: Value, error: BaseException | None) -> Value:
        made.begun = True
        if made.finished:
            return ABSENT
        if len(player.stack) > DEPTH:
            made.finished = True
            return too_deep(sim)
        stop: Raised | None = None
        base, guards, maybe = len(player.stack), len(player.guards), player.maybe
        player.stack.extend(saved_stack)
        player.guards.extend(saved_guards)
        runner.parent = getcurrent()
        try:
            if error is not None and not runner:
                made.finished = True
                raise error
            answer = runner.switch((value, error))
        except Raised as raised:
            made.finished = True
            stop = raised
        except BaseException:
            made.finished = True
            raise
        finally:
            saved_stack[:] = player.stack[base:]
            saved_guards[:] = player.guards[guards:]
            del player.stack[base:], player.guards[guards:]
            player.maybe = maybe
        if stop is not None:
            return _leave_generator(sim, stop, asynchronous)
        if runner.dead:
            made.finished = True
            made.result = answer
            return ABSENT
        return answer

    made = Stream(advance, name, asynchronous)
    return made


def _is_stop(sim: Simulator, error: Value, asynchronous: bool) -> bool:
    """Whether an exception may not leave a generator as it is."""
    return sim.is_instance(error, (StopIteration, StopAsyncIteration) if asynchronous else StopIteration) is True


def _leave_generator(sim: Simulator, raised: Raised, asynchronous: bool) -> Value:
    """An exception leaves a generator: a StopIteration becomes a RuntimeError (PEP 479)."""
    if not _is_stop(sim, raised.error, asynchronous):
        raise raised
    kind = "StopIteration" if sim.is_instance(raised.error, StopIteration) else "StopAsyncIteration"
    text = f"{'async ' if asynchronous else ''}generator raised {kind}"
    return sim.player.fail(RuntimeError(text), raised.fault)


def yield_value(sim: Simulator, value: Value) -> Value:
    """`yield value`, from inside the greenlet of the running generator."""
    runner = sim.player.frame.run
    if runner is None or getcurrent() is not runner:
        return Unknown("yield outside a generator")
    assert runner.parent is not None  # a generator is only ever switched to from somewhere
    sent, error = runner.parent.switch(value)
    if isinstance(error, Raised):
        return sim.player.propagate(
            Raised(error.error, (*sim.player.frames(), *error.frames), error.fault, error.place)
        )
    if error is not None:
        return sim.player.fail(error)
    return sent


def stream_method(sim: Simulator, value: Stream, name: str) -> Value:
    """`send`, `throw`, `close`, `__next__` and their asynchronous twins."""

    def step(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        error = args[0] if name in ("throw", "athrow") and args else None
        if isinstance(error, type) and issubclass(error, BaseException):
            error = error()
        raised = Raised(error, (), RaisedByCode("raise")) if error is not None else None
        if name in ("send", "asend") and not value.begun and args and args[0] is not None:
            kind = "async generator" if value.asynchronous else "generator"
            text = f"can't send non-None value to a just-started {kind}"
            return sim.player.fail(TypeError(text), RaisedByCode("call"))
        item = value.advance(args[0] if args and raised is None else None, raised)
        if item is not ABSENT:
            return item
        stop = (
            StopAsyncIteration()
            if value.asynchronous
            else StopIteration(*([value.result] if value.result is not None else []))
        )
        return sim.player.fail(stop, RaisedByCode("call"))

    def close(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        value.finished = True
        return None

    if name in ("close", "aclose"):
        return Builtin(name, close if name == "close" else lambda w, a, k: Coroutine(lambda: close(w, a, k), name))
    if name in ("send", "throw", "__next__"):
        return Builtin(name, step)
    if name in ("asend", "athrow", "__anext__"):
        return Builtin(name, lambda w, a, k: Coroutine(lambda: step(w, a, k), name))
    if name in ("__iter__", "__aiter__"):
        return Builtin(name, lambda w, a, k: value)
    kind = types.AsyncGeneratorType if value.asynchronous else types.GeneratorType
    return Unknown(name) if hasattr(kind, name) else ABSENT


def await_value(sim: Simulator, value: Value) -> Value:
    """`await value`: a coroutine is played where it is awaited."""
    if isinstance(value, Coroutine):
        if value.done:
            return sim.player.fail(RuntimeError("cannot reuse already awaited coroutine"), RaisedByCode("call"))
        value.done = True
        return value.start()
    if isinstance(value, Instance):
        method = sim.special(value, "__await__")
        if isinstance(method, Unknown):
            return method
        if method is not ABSENT:
            iterator = sim.call(method, [], {})
            if isinstance(iterator, Stream):
                for _ in iterator:
                    pass
                return iterator.result
            return Unknown("an awaited object")
    if isinstance(value, ExternalInstance):
        method = sim.special(value, "__await__")
        return Unknown("an awaited value") if isinstance(method, Unknown) else sim.call(method, [], {})
    if isinstance(value, Unknown | External):
        return Unknown("an awaited value")
    text = f"object {type_name(value)} can't be used in 'await' expression"
    if sim.python >= (3, 14):
        text = f"{type_name(value)!r} object can't be awaited"
    return sim.player.fail(TypeError(text), RaisedByCode("call"))


def _bound(sim: Simulator, value: Bound, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    return call(sim, value.function, [value.subject, *args], kwargs, partial)


def _class(sim: Simulator, value: Class, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    meta = value.metaclass
    if isinstance(meta, Class):
        hook = class_lookup(meta, "__call__")
        if isinstance(hook, Function | Builtin):
            return call(sim, hook, [value, *args], kwargs, partial)
    if len(args) == 1 and among(type, value.mro) and class_lookup(value, "__new__") is ABSENT:
        return sim.class_of(args[0])
    return instantiate(sim, value, args, kwargs, partial)


def _instance(sim: Simulator, value: Instance, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    method = sim.special(value, "__call__")
    if method is ABSENT or method is None:
        return sim.player.fail(TypeError(f"{value.type.name!r} object is not callable"), RaisedByCode("call"))
    return call(sim, method, args, kwargs, partial)


def _builtin(sim: Simulator, value: Builtin, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    if partial and not value.attributes.get("partial"):
        return Unknown(f"{value.name} of unknown arguments")
    return natively(sim, lambda: value.run(sim, args, kwargs), "call", value.name)


def _external(sim: Simulator, value: External, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    return sim.call_library(value, args, kwargs, partial)


def _type_form(sim: Simulator, value: TypeForm, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    return call(sim, value.origin, args, kwargs, partial)


def _unknown(sim: Simulator, value: Unknown, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    # A decorator that cannot be seen through most probably gives back what it was given.
    hint = args[0] if len(args) == 1 and not kwargs and isinstance(args[0], Function | Class) else None
    return Unknown(f"what {value.why or 'something unknown'} returns", hint)


def _not_callable(sim: Simulator, value: Value, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    return sim.player.fail(TypeError(f"{type_name(value)!r} object is not callable"), RaisedByCode("call"))


def _wrapped(sim: Simulator, value: Wrapped, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    if value.kind == "staticmethod" and sim.python >= (3, 10):
        return call(sim, value.function, args, kwargs, partial)
    return _not_callable(sim, value, args, kwargs, partial)


def _external_instance(
    sim: Simulator, value: ExternalInstance, args: list[Value], kwargs: dict[str, Value], partial: bool
) -> Value:
    return sim.call_library_instance(value, args, kwargs, partial)


_Caller = Callable[[Any, Any, list[Value], dict[str, Value], bool], Value]
_CALLERS: dict[type, _Caller] = {
    Function: _function,
    Bound: _bound,
    Class: _class,
    Builtin: _builtin,
    NativeMethod: native_method,
    External: _external,
    ExternalInstance: _external_instance,
    TypeForm: _type_form,
    Unknown: _unknown,
    Module: _not_callable,
    Super: _not_callable,
    Coroutine: _not_callable,
    Stream: _not_callable,
    Wrapped: _wrapped,
    LibraryError: _not_callable,
}
