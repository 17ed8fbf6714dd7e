"""The table of standard library functions that the play provides itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seatrial.libraries.values import Builtin, Class, Instance, Value, Wrapped

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

Run = Callable[[Any, list[Value], dict[str, Value]], Value]
FUNCTIONS: dict[str, Run] = {}


def function(*names: str) -> Callable[[Run], Run]:
    """Register what plays these functions, by their dotted names."""

    def register(run: Run) -> Run:
        for name in names:
            FUNCTIONS[name] = run
        return run

    return register


def argument(args: list[Value], kwargs: dict[str, Value], position: int, name: str, default: Value = None) -> Value:
    """An argument that may be given by position or by name."""
    return args[position] if len(args) > position else kwargs.get(name, default)


def object_with(sim: Simulator, module: str, name: str, methods: dict[str, Run]) -> Instance:
    """An object of a standard library class, with methods that do not need to be told which object it is."""
    members: dict[str, Value] = {key: Wrapped("staticmethod", Builtin(key, run)) for key, run in methods.items()}
    cls = Class(name, name, module, (), members, mro=())
    cls.mro = (cls, object)
    return Instance(cls, sim)
