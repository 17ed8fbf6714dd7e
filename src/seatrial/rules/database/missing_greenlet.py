"""SQLAlchemy's asyncio part without greenlet

## What it finds
Imports of `sqlalchemy.ext.asyncio` where greenlet is not installed.

## Why it bites
Up to 2.0 SQLAlchemy brought greenlet along on the usual machines; from 2.1 on it is an extra. An unpinned manifest
that names only `sqlalchemy` therefore stopped working: the import itself raises ImportError.

## What is flagged
The first import that asks for it.

## What is not
Manifests that name `sqlalchemy[asyncio]`, greenlet, or something that brings it.

## Fix safety
Safe: the extra is written to the requirement that is there, or greenlet declared beside it.

## Reference
https://docs.sqlalchemy.org/en/21/changelog/migration_21.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Position
from seatrial.rules.case import Case
from seatrial.rules.declaring import declare
from seatrial.rules.grouping import grouped
from seatrial.rules.missing import Kind, kind_of, reach_behind
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import MissingModule


def check(case: Case) -> Iterator[Finding]:
    """One finding: the first import."""
    if not case.manifest.requirements and case.manifest.lock is None:
        return
    for group in grouped(case.timeline, MissingModule, lambda fault: _key(case, fault)):
        fix, reach = _fix(case), reach_behind(case, group.reach)
        yield Finding(
            location=group.location,
            reach=reach,
            certain=group.first.certain and reach is group.reach,
            problem="greenlet is not installed, and SQLAlchemy's asyncio part needs it.",
            cause="SQLAlchemy 2.1 no longer installs it by itself: it comes with `sqlalchemy[asyncio]`.",
            fix=fix,
            no_fix_reason=None if fix else "The manifest is written in a way that no line can be added to exactly.",
            related=group.related,
        )


def _key(case: Case, fault: MissingModule) -> str | None:
    return fault.name if fault.name == "greenlet" and kind_of(case, fault) is Kind.DRIVER else None


def _fix(case: Case) -> Fix | None:
    explanation = "Declare `sqlalchemy[asyncio]`"
    for requirement in case.manifest.declares("sqlalchemy"):
        place = requirement.location
        line = ((case.code.text(place.path) or "").splitlines() or [""])[place.line - 1 : place.line]
        match = re.match(r"[\"']?sqlalchemy(?=[\s=<>!~;,\"']|$)", line[0][place.column - 1 :], re.I) if line else None
        if (
            match is not None
            and not requirement.extras
            and not line[0][place.column - 1 :].lower().startswith("sqlalchemy =")
        ):
            end = Position(place.line, place.column + match.end())
            return Fix(
                Applicability.SAFE, f"{explanation} in {place.path}.", (Edit(place.path, end, end, "[asyncio]"),)
            )
    added = declare(case, "greenlet")
    return (
        Fix(Applicability.SAFE, f"Declare greenlet in {added.path}. {added.then}".strip(), added.edits)
        if added
        else None
    )


_PROJECT = {
    "requirements.txt": "aiosqlite\nfastapi\nsqlalchemy>=2.1\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import FastAPI\nfrom sqlalchemy.ext.asyncio import create_async_engine\n\n"
        'engine = create_async_engine("sqlite+aiosqlite:///app.db")\napp = FastAPI()\n'
    ),
}

RULE = Rule(
    code="DB005",
    name="missing-greenlet",
    summary="SQLAlchemy's asyncio part is used without greenlet",
    check=check,
    fix="sometimes",
    requirements=("A3", "A4", "B1"),
    bad=_PROJECT,
    good={**_PROJECT, "requirements.txt": "aiosqlite\nfastapi\nsqlalchemy[asyncio]>=2.1\nuvicorn\n"},
    expect=Expectation("main.py", 2, exception="ImportError"),
)
