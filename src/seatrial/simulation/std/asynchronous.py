"""`contextlib` and `asyncio`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.libraries.values import ABSENT, Builtin, Coroutine, Instance, Stream, Unknown, Value
from seatrial.simulation.language.calls import await_value
from seatrial.simulation.language.lookup import full_type_name
from seatrial.simulation.player import Raised
from seatrial.simulation.std.decorators import update_wrapper
from seatrial.simulation.std.table import Run, argument, function, object_with
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


@function("contextlib.contextmanager", "contextlib.asynccontextmanager")
def _contextmanager(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    made_from = args[0]

    def make(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        return _manager(sim, lambda: sim.call(made_from, inner, more))

    made = Builtin("contextmanager", make, kind="function", binds=True)
    return update_wrapper(sim, [made, made_from], {})


def _manager(sim: Simulator, make: object) -> Value:
    """`_GeneratorContextManager` over what the decorated function gives."""
    stream = make()  # type: ignore[operator]
    if not isinstance(stream, Stream):
        return Unknown("a context manager") if isinstance(stream, Unknown) else _no_generator(sim, stream)
    enter, leave = _enter(sim, stream), _leave(sim, stream)
    if stream.asynchronous:
        methods = {"__aenter__": _awaited(enter), "__aexit__": _awaited(leave)}
        return object_with(sim, "contextlib", "_AsyncGeneratorContextManager", methods)
    made = object_with(sim, "contextlib", "_GeneratorContextManager", {"__enter__": enter, "__exit__": leave})
    made.type.namespace["__call__"] = Builtin(
        "__call__", lambda w, inner, k: _decorating(sim, inner[1], make), binds=True
    )
    return made


def _no_generator(sim: Simulator, value: Value) -> Value:
    """The manager of a function that is no generator: entering it calls `next` on what there is."""
    text = f"{sim.type_name(value)!r} object is not an iterator"

    def enter(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        return sim.player.fail(TypeError(text), RaisedByCode("call"))

    methods: dict[str, Run] = {"__enter__": enter, "__exit__": lambda w, a, k: None}
    return object_with(sim, "contextlib", "_GeneratorContextManager", methods)


def _decorating(sim: Simulator, wrapped: Value, make: object) -> Value:
    def run(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        return sim.within(_manager(sim, make), lambda: sim.call(wrapped, inner, more))

    made = Builtin("inner", run, kind="function", binds=True)
    return update_wrapper(sim, [made, wrapped], {})


def _enter(sim: Simulator, stream: Stream) -> Run:
    def enter(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        item = stream.advance(None, None)
        if item is ABSENT:
            return sim.player.fail(RuntimeError("generator didn't yield"), RaisedByCode("call"))
        return item

    return enter


def _leave(sim: Simulator, stream: Stream) -> Run:
    def leave(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        error = args[1] if len(args) > 1 else None
        if error is None:
            if stream.advance(None, None) is not ABSENT:
                sim.player.fail(RuntimeError("generator didn't stop"), RaisedByCode("call"))
            return False
        answer = sim.tried(lambda: stream.advance(None, Raised(error, (), RaisedByCode("raise"))))
        if isinstance(answer, Raised):
            if answer.error is error or _is_wrapped_stop(error, answer.error):
                return False
            return sim.player.propagate(answer)
        if answer is not ABSENT:
            return sim.player.fail(RuntimeError("generator didn't stop after throw()"), RaisedByCode("call"))
        return True

    return leave


def _is_wrapped_stop(error: Value, raised: Value) -> bool:
    """A StopIteration thrown into a generator comes back as a RuntimeError; the manager lets the first one through."""
    return isinstance(error, StopIteration) and isinstance(raised, RuntimeError)


def _awaited(run: Run) -> Run:
    return lambda sim, args, kwargs: Coroutine(lambda: run(sim, args, kwargs), "__aenter__")


@function("contextlib.suppress")
def _suppress(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    kinds = tuple(args)

    def leave(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        if len(inner) < 2 or inner[1] is None:
            return False
        for kind in kinds:
            if kind is None or isinstance(kind, str | int | float | list | dict):
                text = "issubclass() arg 2 must be a class, a tuple of classes, or a union"
                return sim.player.fail(TypeError(text), RaisedByCode("call"))
            if sim.is_instance(inner[1], (kind,)) is True:
                return True
        return False

    return object_with(sim, "contextlib", "suppress", {"__enter__": lambda w, a, k: None, "__exit__": leave})


@function("contextlib.nullcontext")
def _nullcontext(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = argument(args, kwargs, 0, "enter_result")

    def enter(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        return value

    def leave(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        return None

    methods: dict[str, Run] = {"__enter__": enter, "__exit__": leave}
    if sim.python >= (3, 10):
        methods |= {"__aenter__": _awaited(enter), "__aexit__": _awaited(leave)}
    return object_with(sim, "contextlib", "nullcontext", methods)


@function("contextlib.closing")
def _closing(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    thing = args[0]

    def leave(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        close = sim.get(thing, "close")
        return sim.attribute_error(thing, "close") if close is ABSENT else sim.call(close, [], {}) and None

    return object_with(sim, "contextlib", "closing", {"__enter__": lambda w, a, k: thing, "__exit__": leave})


@function("contextlib.ExitStack")
def _exit_stack(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    leaving: list[Value] = []

    def enter_context(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        enter, leave = (sim.special_or_attribute(inner[0], name) for name in ("__enter__", "__exit__"))
        if (enter is ABSENT or leave is ABSENT) and not isinstance(inner[0], Unknown) and sim.python >= (3, 11):
            text = f"{full_type_name(inner[0])!r} object does not support the context manager protocol"
            return sim.player.fail(TypeError(text), RaisedByCode("call"))
        enter, leave = sim.protocol(inner[0], asynchronous=False)
        if enter is None:
            return Unknown("what a context manager gives")
        entered = sim.call(enter, [], {})
        leaving.append(leave)
        return entered

    def callback(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        leaving.append(Builtin("callback", lambda w, a, k: sim.call(inner[0], inner[1:], more) and None))
        return inner[0]

    def leave_all(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        given = list(inner) or [None, None, None]
        swallowed = False
        while leaving:
            if sim.maybe_truth(sim.call(leaving.pop(), given, {})) and given[1] is not None:
                given, swallowed = [None, None, None], True
        return swallowed

    methods: dict[str, Run] = {
        "enter_context": enter_context, "callback": callback, "__exit__": leave_all, "close": leave_all,
    }  # fmt: skip
    made = object_with(sim, "contextlib", "ExitStack", methods)
    made.type.namespace["__enter__"] = Builtin("__enter__", lambda w, inner, k: inner[0], binds=True)
    return made


# -- asyncio -------------------------------------------------------------------------------------------------------


@function("asyncio.run", "asyncio.runners.run")
def _run(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    first = argument(args, kwargs, 0, "main")
    if isinstance(first, Coroutine):
        if sim.player.frame.is_async:
            text = "asyncio.run() cannot be called from a running event loop"
            return sim.player.fail(RuntimeError(text), RaisedByCode("call"))
        return await_value(sim, first)
    if isinstance(first, Unknown | Instance):
        return Unknown("an awaited value")
    text = f"a coroutine was expected, got {first!r}"
    if sim.python >= (3, 14):
        text = "An asyncio.Future, a coroutine or an awaitable is required"
    return sim.player.fail((TypeError if sim.python >= (3, 14) else ValueError)(text), RaisedByCode("call"))


@function("asyncio.wait_for", "asyncio.shield", "asyncio.tasks.wait_for", "asyncio.tasks.shield")
def _wait_for(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[0]


@function("asyncio.gather", "asyncio.tasks.gather")
def _gather(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    keep = kwargs.get("return_exceptions") is True

    def one(value: Value) -> Value:
        if not keep:
            return await_value(sim, value)
        answer = sim.tried(lambda: await_value(sim, value))
        return answer.error if isinstance(answer, Raised) else answer

    return Coroutine(lambda: [one(arg) for arg in args], "gather")


@function("asyncio.sleep", "asyncio.tasks.sleep")
def _sleep(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Coroutine(lambda: argument(args, kwargs, 1, "result"), "sleep")
