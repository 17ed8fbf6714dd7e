"""Whether a call of a standard library function fits its parameters, by its source in the backend's own Python."""

from __future__ import annotations

import inspect
import sys
from functools import cache
from typing import TYPE_CHECKING

from seatrial.libraries.values import Value
from seatrial.simulation.language.arguments import bind_arguments, declared
from seatrial.simulation.language.wording import ABOUT_THE_NUMBER, reworded

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_WITHOUT_SIGNATURE = frozenset(  # in C, and harmless to ask
    {"functools.reduce", "typing.TypeVar", "typing.ParamSpec", "typing.TypeVarTuple"}
)


def misfit(
    sim: Simulator, dotted: str, is_class: bool, args: list[Value], kwargs: dict[str, Value]
) -> TypeError | None:
    """The TypeError of a call that does not fit; None where it fits, or nobody knows."""
    if _fits_here(dotted, args, kwargs):
        return None
    found = sim.signature(dotted)
    if found is None:
        return _refusal_here(dotted, len(args), tuple(kwargs), sim.python)
    if not found.certain:
        return None
    name = found.owner.rpartition(".")[2]
    own, qualname = ("__init__", f"{name}.__init__") if is_class else (name, name)
    template = declared(found, own, qualname, method=is_class)
    given = [None, *args] if is_class else args
    names = bind_arguments(template, given, kwargs, sim.python)
    return names if isinstance(names, TypeError) else None


def _fits_here(dotted: str, args: list[Value], kwargs: dict[str, Value]) -> bool:
    """A cheap first look: whether the call fits the function of the same name in the Python that plays."""
    try:
        _signature_here(dotted).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return False
    return True


@cache
def _signature_here(dotted: str) -> inspect.Signature:
    module, _, name = dotted.rpartition(".")
    return inspect.signature(getattr(sys.modules.get(module), name, None))  # type: ignore[arg-type]


def _refusal_here(dotted: str, number: int, keywords: tuple[str, ...], python: tuple[int, int]) -> TypeError | None:
    """What a function written in C says of a call that does not fit it: it is asked, with nothing of use in hand."""
    inert = object()
    args, kwargs = [inert] * number, dict.fromkeys(keywords, inert)
    if dotted not in _WITHOUT_SIGNATURE and (not _has_signature(dotted) or _fits_here(dotted, args, kwargs)):
        return None
    module, _, name = dotted.rpartition(".")
    try:
        getattr(sys.modules[module], name)(*args, **kwargs)
    except TypeError as error:
        refusal = reworded(error, python)
        return refusal if isinstance(refusal, TypeError) and ABOUT_THE_NUMBER.search(str(refusal)) else None
    return None


def _has_signature(dotted: str) -> bool:
    try:
        return _signature_here(dotted) is not None
    except (TypeError, ValueError):
        return False
