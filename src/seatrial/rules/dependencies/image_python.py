"""Only the image's Python is old enough

## What it finds
A Dockerfile that names an older Python than is taken elsewhere today, where what is declared cannot be installed on
that one, or the code does not start with what it gets there.

## Why it bites
The Dockerfile's Python holds in its image. Whoever follows the README, and a platform that installs the backend itself,
take the Python that they have. Releases of the image's time have no wheels for it, and where nothing is pinned other
releases are taken: `postgresql://` loads another driver from SQLAlchemy 2.1 on, which Python 3.10 never gets.

## What is flagged
The first line that cannot be installed there, else the first statement that fails there and does not in the image; all
others are related. It stops the start where a README tells how to install or start the backend without the image. It
is a warning where everything is done by the image, and where a release has to be compiled and may well be.

## What is not
Backends with a version file, `requires-python` or another limit that keeps the newer Python out; faults that the
image's Python has as well, which are told as such.

## Fix safety
For review: a `.python-version` names the image's Python, for uv, pyenv and Railpack. The other way out, releases and
code for both, is a decision of the project.

## Reference
https://railpack.com/languages/python
https://docs.astral.sh/uv/concepts/python-versions/#python-version-files
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Applicability, Edit, Evidence, Fix, Location, Position, Related, Severity, Stage
from seatrial.project.launch.readme import readme_blocks
from seatrial.provision.problems import InstallProblem
from seatrial.rules.case import Ashore, Case
from seatrial.rules.installing import certainly_stops, place_of
from seatrial.rules.rule import Expectation, Finding, Rule, stage_of
from seatrial.simulation.timeline import Mishap, Reach

_BY_HAND = re.compile(
    r"\s*(?:pip3?\s+install|python3?\s+-m\s+(?:pip|venv|uvicorn)|(?:uv|poetry|pipenv)\s+(?:sync|run|install|pip)"
    r"|uvicorn\s|fastapi\s+(?:dev|run)|virtualenv\s)"
)


@dataclass(frozen=True, slots=True)
class _Stop:
    """What stops the installation or the start ashore, and there alone."""

    location: Location
    stage: Stage
    said: str


def check(case: Case) -> Iterator[Finding]:
    """At most one finding."""
    ashore = case.ashore
    if ashore is None:
        return
    obstacles = list(_obstacles(case, ashore))
    final = [it for it in obstacles if it.is_final]
    if obstacles:  # what is played there is not what would be installed
        stops = [_uninstallable(case, it) for it in (final or obstacles)]
        yield _finding(case, ashore, stops, certain=bool(final))
    elif ashore.environment.origin == "resolved" and (stops := list(_failing(case, ashore))):
        yield _finding(case, ashore, stops, certain=True)


def _obstacles(case: Case, ashore: Ashore) -> Iterator[InstallProblem]:
    """What stops the installation there, or may do so where nothing can be compiled, and is no obstacle here."""
    there = ashore.environment.interpreter.minor
    known = {_lines(it) for it in (case.environment.problems if case.environment is not None else ()) if it.is_final}
    for problem in ashore.environment.problems:
        bites = problem.is_final or (problem.kind == "build-needed" and certainly_stops(problem, there))
        if problem.lines and bites and _lines(problem) not in known:
            yield problem


def _lines(problem: InstallProblem) -> frozenset[str]:
    return frozenset(line.text for line in problem.lines)


def _uninstallable(case: Case, problem: InstallProblem) -> _Stop:
    why = f" {problem.broken}" if problem.broken else ""
    return _Stop(place_of(case, problem.lines[0]), Stage.INSTALL, problem.message + why)


def _failing(case: Case, ashore: Ashore) -> Iterator[_Stop]:
    known = {(it.location.path, it.location.line) for it in case.timeline.mishaps}
    for mishap in ashore.play().mishaps:
        if _stops(mishap) and (mishap.location.path, mishap.location.line) not in known:
            said = mishap.failure.message.partition("\n")[0]
            name = mishap.failure.exception.rpartition(".")[2]
            yield _Stop(mishap.location, stage_of(mishap.reach), f"{name}: {said}" if said else name)


def _stops(mishap: Mishap) -> bool:
    started = mishap.reach in (Reach.BOOT, Reach.STARTUP)
    return started and mishap.certain and not mishap.reads and bool(mishap.location.path)


def _finding(case: Case, ashore: Ashore, stops: list[_Stop], *, certain: bool) -> Finding:
    first, image, way = stops[0], case.manifest.python[0], _by_hand(case)
    python = ".".join(map(str, ashore.environment.interpreter.minor))
    place = f"{image.location.path}:{image.location.line}"
    installs = "the installation stops" if certain else "the installation needs a compiler"
    what = installs if first.stage is Stage.INSTALL else "the start ends"
    without = f", and {way.path}:{way.line} does without it" if way is not None else ""
    return Finding(
        location=first.location,
        reach=Reach.BOOT,
        stage=first.stage,
        severity=Severity.BLOCKER if way is not None and certain else Severity.WARNING,
        problem=f"On Python {python} {what}: {first.said}".rstrip(".") + ".",
        cause=f"{place} names Python {image.specifier} for the image alone{without}.",
        fix=_fix(case),
        related=tuple(dict.fromkeys(Related(it.location, it.said) for it in stops[1:])),
        evidence=(Evidence(f"Python {python} with what is declared, as it resolves there", "uv's resolution"),),
    )


def _by_hand(case: Case) -> Location | None:
    """Where a README says how to install or start the backend without its image."""
    documents = case.code.documents
    for folder in documents.folders(case.base):
        for name, is_folder in documents.names(folder).items():
            if is_folder or not name.lower().startswith("readme"):
                continue
            path = posixpath.normpath(posixpath.join(folder, name))
            for block in readme_blocks(documents.text(path) or ""):
                for number, line in enumerate(block.text.split("\n"), block.line):
                    if _BY_HAND.match(line):
                        return Location(path, number)
    return None


def _fix(case: Case) -> Fix:
    minor = ".".join(map(str, case.python))
    path = posixpath.normpath(posixpath.join(case.base, ".python-version"))
    edit = Edit(path, Position(1, 1), Position(1, 1), f"{minor}\n")
    said = f"Name {minor} in {path}, or take releases and code that newer versions of Python know too."
    return Fix(Applicability.REVIEW, said, (edit,))


_PROJECT = {
    "Dockerfile": (
        "FROM python:3.9-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
        'COPY main.py .\nCMD ["sh", "-c", "exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}"]\n'
    ),
    "README.md": "# Tasks\n\n```sh\npip install -r requirements.txt\nuvicorn main:app\n```\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DEP021",
    name="image-python",
    summary="What is declared fits the image's Python alone",
    check=check,
    fix="always",
    requirements=("A3", "A8"),
    bad={**_PROJECT, "requirements.txt": "fastapi\nuvicorn\nhttptools==0.2.0\n"},
    good={**_PROJECT, "requirements.txt": "fastapi\nuvicorn\nhttptools==0.6.4\n"},
    expect=Expectation("requirements.txt", 3, stage=Stage.INSTALL, image_python=True),
)
