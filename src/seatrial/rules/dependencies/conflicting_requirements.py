"""Requirements that cannot be installed together

## What it finds
Requirements of which no set of releases meets all: two pins of which one's own dependencies forbid the other.

## Why it bites
The installer looks for a set of releases that meets every line, finds none, and installs nothing. It is usually a
manifest whose lines were pinned at different times, or by hand.

## What is flagged
The requirement that binds most, usually a pin; the others are related places. The sentence says what needs what.

## What is not
Versions that merely differ between manifests of which only one is installed (see `manifests-disagree`).

## Fix safety
The lines are changed to releases of which it is known, from resolving them, that they can be installed together.
Safe where only pins are let go, and each stays within its major version; otherwise for review, as the code may lean
on what the bound was for.

## Reference
https://pip.pypa.io/en/stable/topics/dependency-resolution/
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Evidence, Fix, Stage
from seatrial.project.manifest.compare import allows
from seatrial.provision.problems import InstallProblem
from seatrial.rules.case import Case
from seatrial.rules.installing import place_of, problems, related_to, requirement_of, respecified
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each set of requirements that cannot be met."""
    for problem in problems(case, "conflict"):
        if not problem.lines:
            continue
        fix = released(case, problem)
        yield Finding(
            location=place_of(case, problem.lines[0]),
            reach=Reach.BOOT,
            stage=Stage.INSTALL,
            problem=problem.message.partition(": ")[0].rstrip(".") + ".",
            cause=_cause(problem),
            fix=fix,
            no_fix_reason=None if fix else "No change of these lines alone is known to help.",
            related=related_to(case, problem.lines[1:]),
            evidence=(Evidence("uv says so", " ".join(problem.explanation.split())[:600]),),
        )


def _cause(problem: InstallProblem) -> str:
    why = problem.message.partition(": ")[2].rstrip(".")
    parts = [part.strip() for part in why.split(";") if part.strip()]
    return f"{'; '.join(parts)}." if parts else "Their own dependencies exclude each other."


def released(case: Case, problem: InstallProblem) -> Fix | None:
    """The lines with the versions that were found to install; None where that is not known or cannot be written."""
    edits, said, sure = [], [], True
    instead = dict(problem.instead)
    for line in problem.lines:
        requirement, version = requirement_of(case, line), instead.get(line.name, "")
        if requirement is None or not version:
            return None
        if allows(requirement, version):
            continue
        edit = respecified(case, requirement, f"=={version}")
        if edit is None:
            return None
        pin = requirement.pinned
        sure = sure and pin is not None and pin.partition(".")[0] == version.partition(".")[0]
        edits.append(edit)
        said.append(f"{requirement.name}=={version}")
    if not edits:
        return None
    applicability = Applicability.SAFE if sure else Applicability.REVIEW
    return Fix(applicability, f"Ask for {' and '.join(said)}.", tuple(edits))


_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DEP002",
    name="conflicting-requirements",
    summary="Requirements cannot be installed together",
    check=check,
    fix="sometimes",
    requirements=("A3", "B1"),
    bad={**_PROJECT, "requirements.txt": "fastapi==0.115.0\nstarlette==0.45.0\nuvicorn\n"},
    good={**_PROJECT, "requirements.txt": "fastapi==0.115.0\nstarlette==0.38.6\nuvicorn\n"},
    expect=Expectation("requirements.txt", 2, stage=Stage.INSTALL),
)
