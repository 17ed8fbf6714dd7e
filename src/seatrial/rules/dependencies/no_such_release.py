"""Distribution or version that does not exist

## What it finds
A requirement that no release meets: the version was never published (or was withdrawn), or no distribution has this
name.

## Why it bites
The installer stops at it and installs nothing. Such lines are typed from memory, invented by a language model, or
name a module of the standard library.

## What is flagged
The line of the manifest.

## What is not
Distributions of a private index that is configured; an index that does not answer.

## Fix safety
A line that names a module of the standard library is taken out: safe. So is another release of the same major
version, the newest that goes with the rest. A later major version, and taking out any other line, is for review.

## Reference
https://packaging.python.org/en/latest/specifications/version-specifiers/
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from seatrial.issue import Applicability, Evidence, Fix, Stage
from seatrial.provision.problems import InstallProblem, Line
from seatrial.rules.case import Case
from seatrial.rules.dependencies.conflicting_requirements import released
from seatrial.rules.distributions import normalised, requirement_for
from seatrial.rules.installing import place_of, problems, related_to, removed, requirement_of, rewritten
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each such requirement."""
    for problem in problems(case, "no-such-version", "no-such-distribution"):
        if not problem.lines:
            continue
        fix = _fix(case, problem)
        yield Finding(
            location=place_of(case, problem.lines[0]),
            reach=Reach.BOOT,
            stage=Stage.INSTALL,
            problem=problem.message,
            cause=_cause(problem),
            fix=fix,
            no_fix_reason=None if fix else "What was meant cannot be told.",
            related=related_to(case, problem.lines[1:]),
            evidence=(Evidence("uv says so", " ".join(problem.explanation.split())[:600]),),
        )


def _is_standard(line: Line) -> bool:
    return line.name.replace("-", "_") in sys.stdlib_module_names


def _cause(problem: InstallProblem) -> str:
    if _is_standard(problem.lines[0]) and problem.kind == "no-such-distribution":
        return "It is a module of Python's standard library, which nothing has to install."
    if problem.kind == "no-such-distribution":
        return "The package index has nothing of this name."
    instead = dict(problem.instead).get(problem.lines[0].name)
    return f"The release that goes with the rest is {instead}." if instead else "The package index has no such release."


def _fix(case: Case, problem: InstallProblem) -> Fix | None:
    if problem.kind == "no-such-version":
        return released(case, problem)
    requirement = requirement_of(case, problem.lines[0])
    if requirement is None:
        return None
    meant = requirement_for(requirement.name.replace("-", "_"))
    if normalised(meant) != requirement.key:
        edit = rewritten(case, requirement, meant)
        return Fix(Applicability.SAFE, f"Ask for {meant}.", (edit,)) if edit else None
    edit = removed(case, requirement)
    if edit is None:
        return None
    applicability = Applicability.SAFE if _is_standard(problem.lines[0]) else Applicability.REVIEW
    return Fix(applicability, f"Take {requirement.name} out.", (edit,))


_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DEP003",
    name="no-such-release",
    summary="A requirement asks for a distribution or version that does not exist",
    check=check,
    fix="sometimes",
    requirements=("A3", "B1"),
    bad={**_PROJECT, "requirements.txt": "fastapi==0.115.999\nuvicorn\n"},
    good={**_PROJECT, "requirements.txt": "fastapi==0.115.14\nuvicorn\n"},
    expect=Expectation("requirements.txt", 1, stage=Stage.INSTALL),
)
