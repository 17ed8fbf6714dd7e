"""How many arguments a built-in takes, asked of the real one."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from seatrial.libraries.values import Unknown, Value
from seatrial.simulation.language.lookup import type_name
from seatrial.simulation.language.wording import ABOUT_THE_NUMBER, reworded
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

Run = Callable[["Simulator", list[Value], dict[str, Value]], Value]
COUNTED = frozenset(
    {"callable", "delattr", "dir", "getattr", "globals", "hasattr", "hash", "id", "isinstance", "issubclass"}
    | {"iter", "len", "locals", "next", "setattr", "vars", "__import__", "aiter", "anext"}
)
COUNTED_TYPES = frozenset(
    {"list", "tuple", "set", "frozenset", "dict", "reversed", "filter", "map", "zip", "enumerate"}
    | {"super", "classmethod", "staticmethod", "property", "object"}
)
_NAMING = frozenset({"getattr", "hasattr", "setattr", "delattr"})


def counted(name: str, run: Run) -> Run:
    """The function, but for arguments of a number or of names that the real one refuses before it looks at them."""

    def checked(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
        refusal = refusal_of(name, len(args), tuple(kwargs))
        if not refusal and name in _NAMING and len(args) > 1 and not isinstance(args[1], str | Unknown):
            refusal = f"attribute name must be string, not {type_name(args[1])!r}"
        return refused(sim, refusal) if refusal else run(sim, args, kwargs)

    return checked


def refused(sim: Simulator, text: str) -> Value:
    """The TypeError of a call, in the words of the release that is played."""
    return sim.player.fail(reworded(TypeError(text), sim.python), RaisedByCode("call"))


@cache
def refusal_of(name: str, number: int, keywords: tuple[str, ...]) -> str:
    """What the real function says to so many arguments, here tried with objects that are good for nothing else."""
    inert = object()
    try:
        getattr(builtins, name)(*[inert] * number, **dict.fromkeys(keywords, inert))
    except TypeError as error:
        return str(error) if ABOUT_THE_NUMBER.match(str(error)) else ""
    except RuntimeError:  # super() here is in no method
        return ""
    return ""
