"""Nothing is pinned

## What it finds
A manifest that gives no upper bound to any of its requirements, and no lock file beside it.

## Why it bites
Each installation takes whatever is newest on that day. The deployment of an unchanged backend can fail tomorrow: of
94 public FastAPI backends that were started as a newcomer would, releases that moved under an unpinned manifest are
among the most frequent reasons that they did not start.

## What is flagged
The first requirement, once for the manifest.

## What is not
A manifest that pins or bounds at least one of its requirements (`==`, `~=`, `<`, `^`), constraints, any lock file
beside it, and a compiled requirements file.

## Fix safety
For review: each requirement is pinned at the release that it was judged with. What the dependencies bring along stays
open; a lock file (`uv lock`) pins that, too.

## Reference
https://pip.pypa.io/en/stable/topics/repeatable-installs/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.project.manifest.declared import Requirement
from seatrial.rules.case import Case
from seatrial.rules.installing import respecified
from seatrial.rules.observation import Drifts
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_BOUNDED = re.compile(r"(?:==|~=|<)")


def check(case: Case) -> Iterator[Finding]:
    """At most one finding."""
    asked = [it for it in case.manifest.requirements if it.name and it.url is None]
    open_to_all = not any(_BOUNDED.search(it.specifier) for it in (*asked, *case.manifest.constraints))
    if not asked or not open_to_all or case.manifest.locks:
        return
    fix = _fix(case, asked)
    path = asked[0].location.path
    many = f"none of its {len(asked)} requirements has" if len(asked) > 1 else "its requirement does not have"
    yield Finding(
        location=asked[0].location,
        reach=Reach.BOOT,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem=f"Nothing in {path} is pinned: {many} an upper bound, and there is no lock file.",
        cause="Whatever is newest on the day of an installation is what runs then.",
        fix=fix,
        no_fix_reason=None if fix else "Make a lock file (`uv lock`), or compile the requirements (`uv pip compile`).",
    )


def _fix(case: Case, asked: Sequence[Requirement]) -> Fix | None:
    """Pins at the versions of the environment; None where one of them is not known or cannot be written exactly."""
    edits: list[Edit] = []
    for requirement in asked:
        version = case.environment.versions.get(requirement.key) if case.environment is not None else None
        if version is None and requirement.marker:
            continue  # for another platform or Python
        edit = respecified(case, requirement, f"=={version}") if version and "+" not in version else None
        if edit is None:
            return None
        edits.append(edit)
    explanation = "Pin what is declared at the releases that it was judged with; a lock file pins the rest, too."
    return Fix(Applicability.REVIEW, explanation, tuple(edits)) if edits else None


_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DEP018",
    name="nothing-pinned",
    summary="Nothing is pinned",
    check=check,
    fix="sometimes",
    requirements=("B1", "B2"),
    bad={**_PROJECT, "requirements.txt": "fastapi\nuvicorn\n"},
    good={**_PROJECT, "requirements.txt": "fastapi==0.115.6\nuvicorn==0.34.0\n"},
    expect=Expectation("requirements.txt", 1, stage=Stage.PRODUCTION, observation=Drifts("2025-01-01")),
)
