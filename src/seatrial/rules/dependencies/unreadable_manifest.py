"""Manifest that the installer cannot read

## What it finds
A manifest or lock file that is no TOML or JSON, is in an encoding that installers do not take, includes a file that
is not there, or holds a line that is no requirement.

## Why it bites
The installer stops at the first such place and installs nothing.

## What is flagged
The place, in the files that are installed.

## What is not
Files that nothing installs, and includes from the network or from outside the project.

## Fix safety
Safe where a single `=` was meant as `==`. What else was meant is for a person to say.

## Reference
https://packaging.python.org/en/latest/specifications/dependency-specifiers/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Position, Stage
from seatrial.project.manifest.declared import Problem
from seatrial.rules.case import Case
from seatrial.rules.installing import place_of, problems
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_SINGLE = re.compile(r"(\s*['\"]?[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?\s*)=(?=\s*v?\d[\w.]*\s*(?:$|[;#'\",]))")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each place."""
    seen = set()
    for problem in case.manifest.problems:
        if _is_installed(case, problem) and not problem.message.startswith("computed") and _stops(problem):
            seen.add((problem.location.path, problem.location.line))
            yield _finding(case, problem.location, _sentence(problem), _cause(problem))
    for refused in problems(case, "invalid-requirement"):
        place = place_of(case, refused.lines[0]) if refused.lines else None
        if place is not None and (place.path, place.line) not in seen:
            yield _finding(case, place, refused.message, "It is not written as a requirement is.")


def _is_installed(case: Case, problem: Problem) -> bool:
    lock = case.manifest.lock
    return problem in (lock.problems if lock else ()) or any(problem in it.problems for it in case.manifest.installed)


def _stops(problem: Problem) -> bool:
    return problem.kind != "computed" and "is not read:" not in problem.message


def _sentence(problem: Problem) -> str:
    return f"{problem.location.path} cannot be installed from: {problem.message.rstrip('.')}."


def _cause(problem: Problem) -> str:
    causes = {
        "unreadable": "Installers take UTF-8, or UTF-16 that says so with a byte order mark.",
        "syntax": "The file does not parse.",
        "include": "The file that it names is not in the repository.",
    }
    return causes.get(problem.kind, "It is not written as a requirement is.")


def _finding(case: Case, place: Location, problem: str, cause: str) -> Finding:
    edit = _doubled(case, place)
    return Finding(
        location=place,
        reach=Reach.BOOT,
        stage=Stage.INSTALL,
        problem=problem,
        cause=cause,
        fix=Fix(Applicability.SAFE, "Pin with `==`.", (edit,)) if edit else None,
        no_fix_reason=None if edit else "What was meant cannot be told.",
    )


def _doubled(case: Case, place: Location) -> Edit | None:
    """`name=1.0` as `name==1.0`."""
    if place.path.startswith("..") or not place.path.endswith((".txt", ".in")):
        return None
    lines = (case.code.text(place.path) or "").splitlines()
    match = _SINGLE.match(lines[place.line - 1]) if place.line <= len(lines) else None
    if match is None:
        return None
    column = match.end(1) + 1
    return Edit(place.path, Position(place.line, column), Position(place.line, column + 1), "==")


_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DEP006",
    name="unreadable-manifest",
    summary="A manifest cannot be read by its installer",
    check=check,
    fix="sometimes",
    requirements=("A3", "B1"),
    bad={**_PROJECT, "requirements.txt": "fastapi=0.115.14\nuvicorn\n"},
    good={**_PROJECT, "requirements.txt": "fastapi==0.115.14\nuvicorn\n"},
    expect=Expectation("requirements.txt", 1, stage=Stage.INSTALL),
)
