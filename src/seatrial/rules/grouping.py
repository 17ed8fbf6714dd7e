"""One root cause, one issue: mishaps that say the same wrong thing become one group, the first that bites leading."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from seatrial.issue import Location, Related
from seatrial.simulation.timeline import Mishap, Reach, Timeline

FaultT = TypeVar("FaultT")


@dataclass(frozen=True, slots=True)
class Group(Generic[FaultT]):
    """The mishaps of one root cause, in the order in which they would bite, with the faults behind them."""

    mishaps: tuple[Mishap, ...]
    faults: tuple[FaultT, ...]

    @property
    def first(self) -> Mishap:
        """The one that bites first."""
        return self.mishaps[0]

    @property
    def fault(self) -> FaultT:
        """What is behind the first."""
        return self.faults[0]

    @property
    def reach(self) -> Reach:
        """From where the first is reached."""
        return self.first.reach

    @property
    def location(self) -> Location:
        """Where the first lies."""
        return self.first.location

    @property
    def places(self) -> tuple[Location, ...]:
        """Every place, each once."""
        return tuple(dict.fromkeys(mishap.location for mishap in self.mishaps))

    @property
    def related(self) -> tuple[Related, ...]:
        """The other places, with what CPython would say there."""
        messages = {mishap.location: mishap.failure.message for mishap in reversed(self.mishaps)}
        return tuple(Related(place, messages[place]) for place in self.places if place != self.location)


def grouped(
    timeline: Timeline, kind: type[FaultT], key: Callable[[FaultT], Hashable | None]
) -> tuple[Group[FaultT], ...]:
    """The mishaps whose fault is of this kind, by root cause; a key of None leaves a mishap out."""
    found: dict[Hashable, list[tuple[Mishap, FaultT]]] = {}
    for mishap in _in_order(timeline.mishaps):
        if isinstance(mishap.fault, kind):
            name = key(mishap.fault)
            if name is not None:
                found.setdefault(name, []).append((mishap, mishap.fault))
    return tuple(Group(*_unzipped(members)) for members in found.values())


def _in_order(mishaps: Iterable[Mishap]) -> list[Mishap]:
    """The certain ones first among those equally reached, else as the timeline has them."""
    order = tuple(Reach)
    return sorted(mishaps, key=lambda mishap: (order.index(mishap.reach), not mishap.certain))


def _unzipped(members: list[tuple[Mishap, FaultT]]) -> tuple[tuple[Mishap, ...], tuple[FaultT, ...]]:
    return tuple(mishap for mishap, _ in members), tuple(fault for _, fault in members)
