"""SQLAlchemy's asyncio part without greenlet

## What it finds
Imports of `sqlalchemy.ext.asyncio` where greenlet is not installed.

## Why it bites
Up to 2.0 SQLAlchemy brought greenlet along on the usual machines; from 2.1 on it is an extra. An unpinned manifest
that names only `sqlalchemy` therefore stopped working: the import itself raises ImportError.

## What is flagged
The first import that asks for it. As a warning, the requirement on `sqlalchemy` that lets 2.1 in while a lock file, or
the environment that is there, still holds a release that brings greenlet: the next installation from scratch, or the
next lock, stops the start.

## What is not
Manifests that name `sqlalchemy[asyncio]`, greenlet, or something that brings it, and those that stay below 2.1.

## Fix safety
Safe: the extra is written to the requirement that is there, or greenlet declared beside it.

## Reference
https://docs.sqlalchemy.org/en/21/changelog/migration_21.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Position, Severity, Stage
from seatrial.project.manifest.compare import allows
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.databases import version_of
from seatrial.rules.declaring import declare
from seatrial.rules.grouping import grouped
from seatrial.rules.missing import Kind, kind_of, reach_behind
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import MissingModule, Reach

_PARTED = "2.1.0"
"""The first release of SQLAlchemy that leaves greenlet out (its changelog)."""
_UNWRITABLE = "The manifest is written in a way that no line can be added to exactly."
_ASYNCIO = "sqlalchemy.ext.asyncio"


def check(case: Case) -> Iterator[Finding]:
    """One finding: the first import; or else the requirement that is met by luck."""
    found = list(_missing(case))
    yield from found or _held_back(case)


def _held_back(case: Case) -> Iterator[Finding]:
    """The asyncio part is used, with a release that brings greenlet though the manifest would let another in."""
    release = version_of(case, "sqlalchemy")
    asked = next((it for it in case.manifest.declares("sqlalchemy") if not it.extras), None)
    if release is None or asked is None or release >= (2, 1) or not allows(asked, _PARTED) or _is_brought(case):
        return
    if not any(_imports(file) for file in case.code.holding(_ASYNCIO)):
        return
    spelt = ".".join(map(str, release))
    held = "The lock file" if case.manifest.lock is not None else "The environment that is there"
    fix = _fix(case)
    yield Finding(
        location=asked.location,
        reach=Reach.BOOT,
        stage=Stage.IMPORT,
        severity=Severity.WARNING,
        problem=f"greenlet is there only because SQLAlchemy {spelt} brings it; {_PARTED}, which is let in, does not.",
        cause=f"{held} keeps SQLAlchemy back. Made anew, it leaves `sqlalchemy.ext.asyncio` without greenlet.",
        fix=fix,
        no_fix_reason=None if fix else _UNWRITABLE,
    )


def _imports(file: CodeFile) -> bool:
    nodes = (site.node for site in file.imports if not site.for_types_only)
    return any(isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_ASYNCIO) for node in nodes)


def _is_brought(case: Case) -> bool:
    """Whether greenlet is declared, or another distribution than SQLAlchemy asks for it."""
    others = case.environment.distributions.items() if case.environment is not None else ()
    asked = (line for name, it in others if name != "sqlalchemy" for line in it.requires if "extra ==" not in line)
    return case.is_declared("greenlet") or any(re.match(r"greenlet\b", line, re.I) for line in asked)


def _missing(case: Case) -> Iterator[Finding]:
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
            no_fix_reason=None if fix else _UNWRITABLE,
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
