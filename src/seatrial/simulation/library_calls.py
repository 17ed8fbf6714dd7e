"""Binding a call of a library to the parameters that its installed source declares, with CPython's TypeErrors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from seatrial.issue import Location, Stage
from seatrial.libraries.behaviour import LibraryCall
from seatrial.libraries.values import ABSENT, External, Function, Unknown, Value
from seatrial.project.packages.installed import Packages
from seatrial.project.packages.signatures import Signature
from seatrial.simulation.language.arguments import bind_arguments, declared
from seatrial.simulation.player import Raised
from seatrial.simulation.timeline import RaisedByCode, Reach

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def bound(sim: Simulator, call: LibraryCall, order: tuple[str, ...]) -> dict[str, Value]:
    """The arguments by parameter name, without `self` and what was left to its default.

    A call that does not fit raises its TypeError; the play goes on with what can be named all the same.
    """
    found = sim.signature(call.callee.name)
    if found is None or not found.certain:
        return _by_order(sim, call, order)
    template = _template(call, found, method=_is_method(sim, call))
    given = [Unknown("self"), *call.args] if call.callee.kind == "class" else call.args
    names = bind_arguments(template, given, call.kwargs, sim.python, partial=call.partial)
    if isinstance(names, TypeError):
        sim.player.fail(names, RaisedByCode("call"), sim.statement)
        return _by_order(sim, call, tuple(one.name for one in found.parameters if one.kind in ("positional", "either")))
    rest = next((one.name for one in found.parameters if one.kind == "keywords"), "")
    extra = names.pop(rest, {})
    names.pop("self", None)
    kept = {name: value for name, value in names.items() if value is not ABSENT}
    return {**kept, **extra} if isinstance(extra, dict) else kept


def signature(packages: Packages | None, dotted: str) -> Signature | None:
    """The parameters of something by its canonical name; None where its source does not say."""
    parts = dotted.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:cut])
        if packages is not None and packages.finder.resolve(module) is not None:
            return packages.signature(module, ".".join(parts[cut:]))
    return None


def misfit(
    packages: Packages, dotted: str, positional: int, keywords: Sequence[str], python: tuple[int, int], *, partial: bool
) -> str | None:
    """The message of the TypeError that a call of a library's function or class by its canonical name raises.

    None where it fits, or its source does not say for certain what it takes. `partial`: more arguments come from
    something unknown (`*rows`, `**options`).
    """
    found = signature(packages, dotted)
    if found is None or not found.certain:
        return None
    module, _, name = dotted.rpartition(".")
    surface = packages.surface(module)
    kind = surface.names[name].kind if surface is not None and name in surface.names else ""
    if kind not in ("class", "def"):
        return None
    values: list[Value] = [Unknown("an argument")] * positional
    named: dict[str, Value] = dict.fromkeys(keywords, Unknown("an argument"))
    call = LibraryCall(External(dotted, kind), values, named, partial)
    given = [Unknown("self"), *values] if kind == "class" else values
    template = _template(call, found, method=kind == "class")
    names = bind_arguments(template, given, named, python, partial=partial)
    return str(names) if isinstance(names, TypeError) else None


def attempt(sim: Simulator, run: Callable[[], Value], place: Location) -> bool:
    """Play what every request would play again, asked for at a place: an exception does not end the start."""
    player = sim.player
    depth, guards, maybe = len(player.stack), len(player.guards), player.maybe
    try:
        with player.guarded(lambda _: True):
            run()
    except Raised as raised:
        del player.stack[depth:], player.guards[guards:]
        player.maybe = maybe
        stage, player.stage = player.stage, Stage.REQUEST
        latent, player.latent = player.latent, Reach.REQUEST
        player.note(raised, place)
        player.stage, player.latent = stage, latent
        return False
    return True


def _by_order(sim: Simulator, call: LibraryCall, order: tuple[str, ...]) -> dict[str, Value]:
    args = call.args if call.callee.kind == "class" or not _is_method(sim, call) else call.args[1:]
    return {**dict(zip(order, args, strict=False)), **call.kwargs}


def check_call(sim: Simulator, call: LibraryCall) -> None:
    """The TypeError of a call that does not fit the source of a library's class or function."""
    if call.callee.kind == "class" or (call.callee.kind == "def" and not _is_method(sim, call)):
        bound(sim, call, ())


def _is_method(sim: Simulator, call: LibraryCall) -> bool:
    owner = call.callee.name.rpartition(".")[0]
    return call.callee.kind == "class" or sim.find_outside(owner) is None


def _template(call: LibraryCall, found: Signature, *, method: bool) -> Function:
    name = "__init__" if call.callee.kind == "class" else call.callee.name.rpartition(".")[2]
    qualname = f"{found.owner.rpartition('.')[2]}.{name}" if method else name
    return declared(found, name, qualname, method=method)
