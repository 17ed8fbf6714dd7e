"""Release that cannot be installed on this Python

## What it finds
Requirements whose releases have no wheel for the backend's Python: they were pinned for an older one, refuse it
outright, or are published as source that has to be compiled.

## Why it bites
Without a wheel the installer compiles the release from source. Sources of that time use what later Pythons no
longer have (`longintrepr.h`, `imp`, `distutils`), and slim images have no compiler: the installation stops.

## What is flagged
The first line, with all others of the kind as related places: one Python, one cause. A release whose newest wheel
is for a Python at least two versions back, that says itself that it does not run here, or whose C code an old Cython
generated, stops the start. Anything else may compile where a compiler and the libraries are, and is a warning.

## What is not
Releases that are pure Python, for which no wheel is needed, or whose set-up goes on without what it cannot compile
(SQLAlchemy, MarkupSafe, pymongo). Distributions for Windows only (see
`foreign-requirement`).

## Fix safety
`psycopg2` becomes `psycopg2-binary` of the same version: safe. So is a later release of the same major version.
Where a line has to jump to another major version, for review; the other way out is the Python that the lines were
written for.

## Reference
https://packaging.python.org/en/latest/discussions/package-formats/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from seatrial.issue import Applicability, Edit, Evidence, Fix, Related, Stage
from seatrial.project.manifest.compare import allows
from seatrial.project.manifest.declared import Requirement
from seatrial.provision.problems import InstallProblem
from seatrial.rules.case import Case
from seatrial.rules.dependencies.foreign_requirement import is_foreign
from seatrial.rules.installing import certainly_stops, place_of, problems, requirement_of, respecified, rewritten
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

# Distributions that are published as source, and what of the same code comes compiled. Source: their pages on PyPI.
_COMPILED = {"psycopg2": "psycopg2-binary"}


def check(case: Case) -> Iterator[Finding]:
    """One finding for the releases of other Pythons, one for what has to be compiled on any."""
    found = [it for it in problems(case, "build-needed", "no-wheel", "python-mismatch") if it.lines]
    found = [it for it in found if not is_foreign(case, it)]
    binary = [it for it in found if _is_compiled_elsewhere(it)]
    old = [it for it in found if it not in binary]
    if old:
        yield _finding(case, old, certain=any(certainly_stops(it, case.python) for it in old))
    for problem in binary:
        yield _finding(case, [problem], certain=False)


def _is_compiled_elsewhere(problem: InstallProblem) -> bool:
    return problem.lines[0].name in _COMPILED


def _minor(python: str) -> int:
    return int(python.split(".")[1])


def _finding(case: Case, found: Sequence[InstallProblem], *, certain: bool) -> Finding:
    fix = _fix(case, found)
    first = place_of(case, found[0].lines[0])
    others = [Related(place, it.message) for it in found[1:] if (place := place_of(case, it.lines[0])) != first]
    return Finding(
        location=first,
        reach=Reach.BOOT,
        stage=Stage.INSTALL,
        certain=certain,
        problem=_problem(case, found),
        cause=_cause(case, found),
        fix=fix,
        no_fix_reason=None if fix else _no_fix(case, found),
        related=tuple(dict.fromkeys(others)),
        evidence=tuple(Evidence(it.message, "uv's resolution") for it in found),
    )


def _problem(case: Case, found: Sequence[InstallProblem]) -> str:
    if len(found) == 1 or len({it.lines[0] for it in found}) == 1:
        return found[0].message
    names = ", ".join(dict.fromkeys(it.lines[0].text for it in found))
    return f"{len(found)} releases have no wheel for Python {_spelt(case)}: {names}."


def _spelt(case: Case) -> str:
    return ".".join(map(str, case.python))


def _cause(case: Case, found: Sequence[InstallProblem]) -> str:
    if _is_compiled_elsewhere(found[0]):
        return (
            "It is published as source only, and needs a C compiler and the client library's headers where installed."
        )
    broken = next((it.broken for it in found if it.broken), "")
    if broken:
        return broken
    pythons = _common(found)
    if not pythons:
        return "The release was made before this Python was, and is compiled when it is installed."
    return f"They were made before Python {_spelt(case)} was; all have wheels for Python {pythons[-1]}."


def _common(found: Sequence[InstallProblem]) -> list[str]:
    """The Pythons for which every release that says so has a wheel, oldest first."""
    sets = [set(it.pythons) for it in found if it.pythons]
    return sorted(set.intersection(*sets), key=_minor) if sets else []


def _no_fix(case: Case, found: Sequence[InstallProblem]) -> str:
    pythons = _common(found)
    way = f" Or run it on Python {pythons[-1]}." if pythons else ""
    if place_of(case, found[0].lines[0]).path.startswith(".."):
        return f"The manifest lies outside the audited folder.{way}"
    return f"No release that would do is known.{way}"


def _fix(case: Case, found: Sequence[InstallProblem]) -> Fix | None:
    edits: dict[Edit, str] = {}
    sure = True
    for problem in found:
        instead = dict(problem.instead)
        for line in problem.lines:
            requirement = requirement_of(case, line)
            if requirement is None:
                return None
            made = _edit(case, requirement, instead.get(line.name, ""))
            if made is None:
                return None
            edits[made[0]] = made[1]
            sure = sure and made[2]
    if not edits:
        return None
    pythons = _common(found)
    way = f" Or run it on Python {pythons[-1]}." if pythons else ""
    return Fix(
        Applicability.SAFE if sure else Applicability.REVIEW,
        f"Ask for {', '.join(edits.values())}.{way}",
        tuple(edits),
    )


def _edit(case: Case, requirement: Requirement, version: str) -> tuple[Edit, str, bool] | None:
    if requirement.key in _COMPILED:
        name = _COMPILED[requirement.key]
        marker = f" ; {requirement.marker}" if requirement.marker else ""
        text = f"{name}{requirement.specifier}{marker}"
        edit = rewritten(case, requirement, text)
        return (edit, text, True) if edit else None
    if not version or allows(requirement, version):
        return None
    edit = respecified(case, requirement, f"=={version}")
    pin = re.match(r"\d+", requirement.pinned or "")
    same = pin is not None and pin[0] == version.partition(".")[0]
    return (edit, f"{requirement.name}=={version}", same) if edit else None


_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DEP004",
    name="no-wheel",
    summary="A release cannot be installed on the backend's Python",
    check=check,
    fix="sometimes",
    requirements=("A3", "B1"),
    bad={**_PROJECT, "requirements.txt": "fastapi\nuvicorn\nhttptools==0.2.0\n"},
    good={**_PROJECT, "requirements.txt": "fastapi\nuvicorn\nhttptools==0.6.4\n"},
    expect=Expectation("requirements.txt", 3, stage=Stage.INSTALL),
)
