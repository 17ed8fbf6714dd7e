"""Required variable that no paper names

## What it finds
An environment variable without which the backend does not start, or does not answer, and which neither an example
(`.env.example`), nor compose, Dockerfile, platform files or README give a value.

## Why it bites
The author's own `.env` has it, and is rightly not committed. Everyone else meets a `ValidationError`, a `KeyError`
or a `raise ValueError`, one variable after the other, at the first start: on a colleague's machine, in CI, on the
platform.

## What is flagged
The place where it bites, once for each settings class or check, with every variable that it wants: the whole list
at once. Each is found by playing the start without it and with it. Those that wait behind another failure are named
too.

## What is not
A variable with a default, one that the code can do without, and one that any committed paper names with a value.

## Fix safety
Safe: lines are added to the example that is there, or to a new `.env.example`, with values that have the right form
and plainly stand for real ones. No code changes.

## Reference
https://docs.pydantic.dev/latest/concepts/pydantic_settings/
https://12factor.net/config
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from seatrial.issue import Applicability, Evidence, Fix, Location, Related
from seatrial.project.settings_environment import is_apart
from seatrial.project.settings_facts import EnvRead
from seatrial.rules.case import Case
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.spelling import misspelt
from seatrial.rules.templates import added, example_path, line_for
from seatrial.simulation.timeline import Mishap, Reach


@dataclass(frozen=True, slots=True)
class _Want:
    """Variables that one place wants."""

    location: Location
    reach: Reach
    certain: bool
    names: tuple[str, ...]
    mishaps: tuple[Mishap, ...] = ()


def check(case: Case) -> Iterator[Finding]:
    """One finding for each settings class or check."""
    told: set[str] = set()
    for want in (*_bitten(case), *_waiting(case)):
        names = tuple(name for name in want.names if name not in told and misspelt(case, name) is None)
        told.update(names)
        if names:
            yield _finding(case, want, names)


def _bitten(case: Case) -> Iterator[_Want]:
    """What stops the start, by place."""
    places: dict[Location, list[Mishap]] = {}
    for mishap in case.timeline.mishaps:
        if mishap.reads:
            places.setdefault(mishap.location, []).append(mishap)
    for location, mishaps in places.items():
        names = tuple(dict.fromkeys(name for mishap in mishaps for name in mishap.reads))
        certain = any(mishap.certain for mishap in mishaps)
        yield _Want(location, mishaps[0].reach, certain, names, tuple(mishaps))


def _waiting(case: Case) -> Iterator[_Want]:
    """What nothing reached yet: behind another failure, or in a function."""
    groups: dict[tuple[str, str], list[EnvRead]] = {}
    for read in case.papers.undocumented:
        if not is_apart(read.location.path):
            groups.setdefault((read.location.path, read.owner), []).append(read)
    for (path, _), reads in groups.items():
        reach = _reach(case, path)
        names = tuple(dict.fromkeys(read.name for read in reads))
        yield _Want(reads[0].location, reach, False, names)


def _reach(case: Case, path: str) -> Reach:
    if any(module.path == path for module in case.timeline.loaded):
        return Reach.REQUEST
    blocked = any(mishap.reach is Reach.BOOT and not mishap.reads for mishap in case.timeline.mishaps)
    return Reach.BOOT if blocked and path in case.code.names else Reach.UNREACHED


def _finding(case: Case, want: _Want, names: Sequence[str]) -> Finding:
    listed = _listed(names)
    lines = [line_for(case, name) for name in names]
    path = example_path(case)
    edits = added(case, lines, "Required: the backend does not start without these.")
    verb = "is" if len(names) == 1 else "are"
    return Finding(
        location=want.location,
        reach=want.reach,
        certain=want.certain,
        problem=f"{listed} {verb} required, and no paper says so.",
        cause=_cause(case, want),
        fix=Fix(Applicability.SAFE, f"Name {listed} in {path}.", edits),
        related=tuple(_related(case, want, names)),
        evidence=tuple(_evidence(case)),
    )


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _cause(case: Case, want: _Want) -> str:
    if not want.mishaps:
        place = f"{want.location.path}:{want.location.line}"
        return f"The code cannot do without it where {place} is used; only its author's own environment has it."
    failure = want.mishaps[0].failure
    first = failure.message.split("\n")[0]
    return f"Without it the start ends here: {failure.exception.rpartition('.')[2]}: {first}"


def _related(case: Case, want: _Want, names: Iterable[str]) -> Iterator[Related]:
    seen = {(want.location.path, want.location.line)}
    for name in names:
        for read in case.settings.of(name):
            place = (read.location.path, read.location.line)
            if place not in seen and not is_apart(read.location.path):
                seen.add(place)
                yield Related(read.location, f"`{name}` is read here")


def _evidence(case: Case) -> Iterator[Evidence]:
    papers = dict.fromkeys(item.location.path for item in case.papers.documented)
    if papers:
        yield Evidence("papers that were read for variables", ", ".join(papers))


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import FastAPI\nfrom pydantic_settings import BaseSettings\n\n\n"
        "class Settings(BaseSettings):\n    greeting: str\n    jwt_secret: str\n    page_size: int = 20\n\n\n"
        "settings = Settings()\napp = FastAPI(title=settings.greeting)\n"
    ),
}

RULE = Rule(
    code="CFG001",
    name="required-variable",
    summary="A variable is required, and no paper names it",
    check=check,
    fix="always",
    requirements=("A1", "A10", "B4", "B5"),
    bad=_PROJECT,
    good={**_PROJECT, ".env.example": "GREETING=Tasks\n# openssl rand -hex 32\nJWT_SECRET=change-me\n"},
    expect=Expectation("main.py", 11, exception="ValidationError"),
)
