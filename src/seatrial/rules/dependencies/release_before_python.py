"""A release cannot be imported on the backend's Python

## What it finds
pydantic before 1.10 beside FastAPI, on Python 3.11 or later. It installs without complaint.

## Why it bites
FastAPI describes its schema by a model with a field that is called `not` outside. Old releases of pydantic make a
parameter of that name, and Python refuses keywords as names of parameters since 3.11: `import fastapi` ends with
`ValueError: 'not' is not a valid parameter name`.

## What is flagged
The first import of FastAPI that the start reaches.

## What is not
Python up to 3.10, for which these releases were made. Releases that cannot even be installed (see `no-wheel`).

## Fix safety
Safe where the manifest declares pydantic itself: the last releases of pydantic 1 take the same code. The other way out
is the Python that the manifest was written for.

## Reference
https://docs.python.org/3/whatsnew/3.11.html
https://docs.pydantic.dev/latest/changelog/
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Evidence, Fix
from seatrial.rules.case import Case
from seatrial.rules.declaring import declare
from seatrial.rules.grouping import grouped
from seatrial.rules.installing import respecified
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Refusal

_MENDED = ">=1.10.19,<2"  # the first that knows Python 3.13


def check(case: Case) -> Iterator[Finding]:
    """One finding for the backend, at the import that fails first."""
    groups = grouped(case.timeline, Refusal, lambda fault: fault.subject if fault.kind == "keyword-parameter" else None)
    for group in groups:
        release = (case.environment.versions if case.environment is not None else {}).get(group.fault.subject, "")
        python = ".".join(map(str, case.python))
        fix = _fix(case, group.fault.subject)
        yield Finding(
            location=group.location,
            reach=group.reach,
            certain=group.first.certain,
            problem=f"FastAPI cannot be imported on Python {python} with {group.fault.subject} {release}.",
            cause="The release was made for Python 3.10 and earlier, which took keywords as names of parameters.",
            fix=fix,
            no_fix_reason=None if fix else "The manifest is written in a way that no other release can be asked for.",
            related=group.related,
            evidence=(Evidence("What is declared leads to it", f"{group.fault.subject} {release}"),),
        )


def _fix(case: Case, name: str) -> Fix | None:
    declared = case.manifest.declares(name)
    if declared:
        edit = respecified(case, declared[0], _MENDED)
        edits: tuple[Edit, ...] = (edit,) if edit else ()
        path, then = declared[0].location.path, ""
    else:
        added = declare(case, f"{name}{_MENDED}")
        edits, path, then = (added.edits, added.path, added.then) if added else ((), "", "")
    if not edits:
        return None
    return Fix(Applicability.SAFE, f"Ask for {name}{_MENDED} in {path}. {then}".strip(), edits)


_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DEP020",
    name="release-before-python",
    summary="A release cannot be imported on the backend's Python",
    check=check,
    fix="sometimes",
    requirements=("A3", "B1"),
    bad={**_PROJECT, "requirements.txt": "fastapi==0.85.0\nuvicorn\npydantic==1.9.2\n"},
    good={**_PROJECT, "requirements.txt": "fastapi==0.85.0\nuvicorn\npydantic>=1.10.19,<2\n"},
    expect=Expectation("main.py", 1, exception="ValueError"),
)
