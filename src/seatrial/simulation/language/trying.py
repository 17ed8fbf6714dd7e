"""Playing something of which one wants to know which exception of the program it ends with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from seatrial.libraries.values import ABSENT, Stream, Undecided, Unknown, Value
from seatrial.simulation.player import Raised

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

CONCRETE = frozenset({  # operators of which CPython itself looks at the result
    "__len__", "__index__", "__int__", "__float__", "__hash__", "__bool__", "__str__", "__repr__", "__format__",
    "__iter__", "__contains__", "__complex__", "__bytes__", "__length_hint__", "__fspath__",
})  # fmt: skip


def call_hook(sim: Simulator, hook: Value, args: list[Value]) -> Value:
    """Call a `__getattr__`: its AttributeError means that there is no such attribute."""
    return sim.catching(lambda: sim.call(hook, args, {}), AttributeError)


def get_or_catch(sim: Simulator, value: Value, name: str) -> Value:
    """As `get`, where an AttributeError from a property counts as absent."""
    return sim.catching(lambda: sim.get(value, name), AttributeError)


def catching(sim: Simulator, run: Callable[[], Value], kind: type[BaseException]) -> Value:
    """What `run` gives; ABSENT when the program raises an exception of this kind inside."""
    answer = sim.tried(run, lambda error: sim.is_instance(error, kind) is True)
    return ABSENT if isinstance(answer, Raised) else answer


def tried(sim: Simulator, run: Callable[[], Value], catches: Callable[[Value], bool] = lambda _: True) -> Value:
    """What `run` gives, or the exception that the program raises inside, where `catches` says so."""
    player = sim.player
    depth, guards, maybe = len(player.stack), len(player.guards), player.maybe
    try:
        with player.guarded(catches):
            return run()
    except Raised as raised:
        if not catches(raised.error):
            raise
        del player.stack[depth:], player.guards[guards:]
        player.maybe = maybe
        return raised


def operate(sim: Simulator, value: Value, name: str, args: tuple[Value, ...]) -> Value:
    """Play an operator for CPython: what the program raises is raised as a Python exception."""
    return sim.for_host(lambda: sim.call(sim.special(value, name), list(args), {}), name)


def for_host(sim: Simulator, run: Callable[[], Value], name: str) -> Value:
    """Play something that CPython called: what the program raises is raised as a Python exception."""
    answer = sim.tried(run)
    if isinstance(answer, Raised):
        if not isinstance(answer.error, BaseException):
            raise Undecided("an exception that nobody knows")
        sim.crossing = answer
        raise answer.error
    if isinstance(answer, Unknown) and name in CONCRETE:
        raise Undecided(answer.why)
    return host_iterator(sim, answer) if name == "__iter__" else answer


def taken_from_host(sim: Simulator, error: BaseException) -> Raised | None:
    """The program's own exception that went through CPython, if this is one."""
    crossing = sim.crossing
    if crossing is None or crossing.error is not error:
        return None
    sim.crossing = None
    return crossing


def outcome(
    sim: Simulator, run: Callable[[], Value], kinds: tuple[type[BaseException], ...]
) -> tuple[Value, Value | None]:
    """(what `run` gives, None), or (Unknown, the exception) when the program raises one of these kinds in it."""
    depth, guards, maybe = len(sim.player.stack), len(sim.player.guards), sim.player.maybe
    try:
        with sim.player.guarded(lambda error: sim.is_instance(error, kinds) is True):
            return run(), None
    except Raised as raised:
        if sim.is_instance(raised.error, kinds) is not True:
            raise
        del sim.player.stack[depth:], sim.player.guards[guards:]
        sim.player.maybe = maybe
        return Unknown("refused by a validator"), raised.error


def to_native(sim: Simulator, value: Value) -> Value:
    """A value that CPython can call, for `map`, `sorted` and their kind."""
    if value is None or (isinstance(value, type) and value in (int, str, float, bool, len)):
        return value
    return lambda *args, **kwargs: sim.call(value, list(args), kwargs)


def within(sim: Simulator, manager: Value, run: Callable[[], Value]) -> Value:
    """`with manager: return run()`."""
    enter, leave = sim.protocol(manager, asynchronous=False)
    sim.call(enter, [], {})
    answer = sim.tried(run)
    error = answer.error if isinstance(answer, Raised) else None
    swallowed = sim.maybe_truth(sim.call(leave, [None if error is None else sim.class_of(error), error, None], {}))
    if isinstance(answer, Raised):
        return None if swallowed else sim.player.propagate(answer)
    return answer


def host_iterator(sim: Simulator, value: Value) -> Value:
    """An iterator of the program as one that CPython can use."""
    if isinstance(value, Stream):
        return iter(value)
    return value
