"""The variables that a backend cannot do without, by the place that wants them, and the lines that name them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from seatrial.issue import Applicability, Fix, Location, Related
from seatrial.project.settings_environment import is_apart
from seatrial.project.settings_facts import EnvDocumented, EnvRead, Source
from seatrial.rules.case import Case
from seatrial.rules.spelling import misspelt
from seatrial.rules.templates import added, example_path, line_for
from seatrial.simulation.timeline import Mishap, Reach

HEADING = "Required: the backend does not start without these."
_SET = frozenset({Source.TEMPLATE, Source.COMMITTED, Source.COMPOSE, Source.DOCKERFILE, Source.PLATFORM, Source.GIVEN})


@dataclass(frozen=True, slots=True)
class Want:
    """Variables that one place wants. `told` are the papers that mention them, where any does."""

    location: Location
    reach: Reach
    certain: bool
    names: tuple[str, ...]
    mishaps: tuple[Mishap, ...] = ()
    told: tuple[EnvDocumented, ...] = ()


def unknown(case: Case) -> tuple[Want, ...]:
    """Those that no paper names, one entry for each settings class or check; each variable once."""
    named: set[str] = set()
    found: list[Want] = []
    for want in (*_bitten(case), *_waiting(case)):
        names = tuple(name for name in want.names if name not in named and misspelt(case, name) is None)
        named.update(names)
        if names:
            found.append(replace(want, names=names))
    return tuple(found)


def unlisted(case: Case) -> Want | None:
    """Those that are only mentioned, in a README or a workflow, and that nothing sets which a newcomer would copy."""
    reads = [read for read in case.settings.reads if read.required and _is_served(case, read)]
    wanted = [read for read in reads if not _is_set(case, read) and misspelt(case, read.name) is None]
    told = [item for item in case.papers.documented if any(read.accepts(item.name) for read in wanted)]
    known = [read for read in wanted if any(read.accepts(item.name) for item in told)]
    if not known:
        return None
    names = tuple(dict.fromkeys(read.name for read in known))
    return Want(known[0].location, Reach.BOOT, True, names, told=tuple(told))


def named_by(case: Case, want: Want) -> Fix:
    """The lines of the example that name what this place wants, and what the others want whom the start meets.

    All of them get the same edits: whoever follows one does not meet the next variable at the next start.
    """
    path = example_path(case)
    names = list(want.names) if want.reach is Reach.UNREACHED else everything(case)
    lines = [line_for(case, name) for name in names]
    others = [name for name in names if name not in want.names]
    further = f" That goes with {listed(others)}, which the start wants as well." if others else ""
    return Fix(Applicability.SAFE, f"Name {listed(want.names)} in {path}.{further}", added(case, lines, HEADING))


def everything(case: Case) -> list[str]:
    """The names of all variables that the start or a request wants, and that nothing sets which could be copied."""
    mentioned = unlisted(case)
    wants = [want for want in unknown(case) if want.reach is not Reach.UNREACHED]
    names = [*(mentioned.names if mentioned else ()), *(name for want in wants for name in want.names)]
    return list(dict.fromkeys(names))


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: `A`, `B` and `C`."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _bitten(case: Case) -> Iterator[Want]:
    """What stops the start, by place."""
    places: dict[Location, list[Mishap]] = {}
    for mishap in case.timeline.mishaps:
        if mishap.reads:
            places.setdefault(mishap.location, []).append(mishap)
    for location, mishaps in places.items():
        names = tuple(dict.fromkeys(name for mishap in mishaps for name in mishap.reads))
        certain = any(mishap.certain for mishap in mishaps)
        yield Want(location, mishaps[0].reach, certain, names, tuple(mishaps))


def _waiting(case: Case) -> Iterator[Want]:
    """What nothing reached yet: behind another failure, or in a function."""
    groups: dict[tuple[str, str], list[EnvRead]] = {}
    for read in case.papers.undocumented:
        if not is_apart(read.location.path):
            groups.setdefault((read.location.path, read.owner), []).append(read)
    for (path, _), reads in groups.items():
        reach = _reach(case, path)
        names = tuple(dict.fromkeys(read.name for read in reads))
        yield Want(reads[0].location, reach, False, names)


def _reach(case: Case, path: str) -> Reach:
    if _is_loaded(case, path):
        return Reach.REQUEST
    blocked = any(mishap.reach is Reach.BOOT and not mishap.reads for mishap in case.timeline.mishaps)
    return Reach.BOOT if blocked and path in case.code.names else Reach.UNREACHED


def _is_loaded(case: Case, path: str) -> bool:
    return any(module.path == path for module in case.timeline.loaded)


def _is_served(case: Case, read: EnvRead) -> bool:
    return not is_apart(read.location.path) and _is_loaded(case, read.location.path)


def _is_set(case: Case, read: EnvRead) -> bool:
    """Whether a newcomer who copies what is committed has it set."""
    given = (item for item in case.papers.documented if item.active and item.source in _SET)
    return any(read.accepts(item.name) for item in given)


def readers(case: Case, want: Want) -> Iterator[Related]:
    """The other places that read what is wanted."""
    seen = {(want.location.path, want.location.line)}
    for name in want.names:
        for read in case.settings.of(name):
            place = (read.location.path, read.location.line)
            if place not in seen and not is_apart(read.location.path):
                seen.add(place)
                yield Related(read.location, f"`{name}` is read here")
