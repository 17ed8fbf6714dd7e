"""Database driver that is not declared

## What it finds
A driver that SQLAlchemy loads for the URL of the database, and that nothing declares.

## Why it bites
No line of the backend imports a driver: the URL selects it, and SQLAlchemy imports it while the engine is made.
`postgresql://` without a driver's name means psycopg2 up to SQLAlchemy 2.0 and psycopg (version 3) from 2.1 on, so
that a manifest which names only psycopg2 and does not pin SQLAlchemy stopped working with its next release.

## What is flagged
The engine that asks for the driver, under the documented URL; under the URL of a database on Neon where only
production meets it.

## What is not
Async engines whose URL names no driver: there the URL is wrong, and no driver missing.

## Fix safety
Safe: one line is added to the manifest that production installs; a driver that is declared stays. The other ways
out are a URL that names the driver (`postgresql+psycopg2://`) and `sqlalchemy<2.1`.

## Reference
https://docs.sqlalchemy.org/en/21/changelog/migration_21.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Location, Related
from seatrial.project.settings_facts import Kind as SettingKind
from seatrial.rules.case import Case
from seatrial.rules.databases import Struck, is_untranslated, scheme_at, struck
from seatrial.rules.declaring import declare
from seatrial.rules.distributions import requirement_for
from seatrial.rules.missing import Kind, kind_of
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Mishap, MissingModule, Reach, Timeline


def check(case: Case) -> Iterator[Finding]:
    """One finding for each driver."""
    if not case.manifest.requirements and case.manifest.lock is None:
        return  # not one line is missing, but the whole paper
    found: dict[str, list[Struck]] = {}
    for item in struck(case, lambda mishap, timeline: _is_driver(case, mishap, timeline)):
        found.setdefault(_module(item), []).append(item)
    for module, items in found.items():
        yield _finding(case, module, items)
    if not found:
        yield from _hidden(case)


_MAKES = re.compile(r"\bcreate_engine\(")


def _hidden(case: Case) -> Iterator[Finding]:
    """Engines that cannot be followed as SQLAlchemy itself is not declared: today's release is what will be added."""
    lacking = {it.fault.name for it in case.timeline.mishaps if isinstance(it.fault, MissingModule)}
    old = case.manifest.declares("psycopg2-binary") or case.manifest.declares("psycopg2")
    if not lacking & {"sqlalchemy", "sqlmodel"} or not old or case.is_declared("psycopg"):
        return
    urls = any(read.kind is SettingKind.DATABASE_URL for read in case.settings.reads)
    for module in case.timeline.loaded if urls else ():
        text = case.code.text(module.path) or ""
        found = _MAKES.search(text)
        if found is not None and "psycopg2:" not in text:
            place = Location(module.path, text.count("\n", 0, found.start()) + 1)
            yield _drifted(case, place)
            return


def _drifted(case: Case, place: Location) -> Finding:
    added = declare(case, "psycopg[binary]")
    explanation = _explanation("psycopg", "psycopg[binary]", added.path, added.then) if added else ""
    return Finding(
        location=place,
        reach=Reach.BOOT,
        certain=False,
        problem="`psycopg` is not declared, the driver that `postgresql://` loads with today's SQLAlchemy.",
        cause=f"{_cause(case, 'psycopg', 'postgresql')} SQLAlchemy itself is not installed yet, so today's would be.",
        fix=Fix(Applicability.REVIEW, explanation, added.edits) if added else None,
        no_fix_reason=None if added else "The manifest is written in a way that no line can be added to exactly.",
    )


def _is_driver(case: Case, mishap: Mishap, timeline: Timeline) -> bool:
    fault = mishap.fault
    if not isinstance(fault, MissingModule) or kind_of(case, fault) is not Kind.DRIVER or fault.name == "greenlet":
        return False
    return not is_untranslated(mishap, timeline)


def _module(item: Struck) -> str:
    assert isinstance(item.mishap.fault, MissingModule)
    return item.mishap.fault.name


def _finding(case: Case, module: str, items: list[Struck]) -> Finding:
    first = items[0]
    requirement = requirement_for(module)
    added = declare(case, requirement)
    scheme = scheme_at(first.timeline, first.mishap.location)
    places = {item.mishap.location: item.mishap.failure.message for item in items[1:]}
    return Finding(
        location=first.mishap.location,
        reach=first.mishap.reach,
        stage=first.stage,
        severity=first.severity,
        certain=first.mishap.certain,
        problem=f"`{module}` is not installed, the driver that {_url(scheme)} loads.",
        cause=f"{_cause(case, module, scheme)} {first.phrase}".strip(),
        fix=Fix(Applicability.SAFE, _explanation(module, requirement, added.path, added.then), added.edits)
        if added
        else None,
        no_fix_reason=None if added else "The manifest is written in a way that no line can be added to exactly.",
        related=tuple(Related(place, message) for place, message in places.items() if place != first.mishap.location),
    )


def _url(scheme: str) -> str:
    return f"`{scheme}://`" if scheme else "the database's URL"


def _cause(case: Case, module: str, scheme: str) -> str:
    files = ", ".join(document.path for document in case.manifest.installed)
    if module == "psycopg" and scheme == "postgresql":
        old = case.manifest.declares("psycopg2-binary") or case.manifest.declares("psycopg2")
        said = f"; {old[0].location.path}:{old[0].location.line} declares only `{old[0].name}`" if old else ""
        return f"Since SQLAlchemy 2.1 a `postgresql://` URL loads psycopg 3, no longer psycopg2{said}."
    return f"{files or 'No manifest'} does not declare it, and no code imports it: the URL alone selects it."


def _explanation(module: str, requirement: str, path: str, then: str) -> str:
    text = f"Declare {requirement} in {path}. {then}".strip()
    if module == "psycopg":
        text += " Or let the URL name the driver that is there (`postgresql+psycopg2://`), or pin `sqlalchemy<2.1`."
    return text


_PROJECT = {
    "requirements.txt": "fastapi\npsycopg2-binary\nsqlalchemy>=2.1\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql://user:password@localhost:5432/app\n",
    "main.py": (
        "import os\n\nfrom fastapi import FastAPI\nfrom sqlalchemy import create_engine\n\n"
        'engine = create_engine(os.environ["DATABASE_URL"])\napp = FastAPI()\n'
    ),
}

RULE = Rule(
    code="DB001",
    name="missing-driver",
    summary="The driver that the database's URL selects is not declared",
    check=check,
    fix="sometimes",
    requirements=("A3", "A4", "B1"),
    bad=_PROJECT,
    good={**_PROJECT, "requirements.txt": "fastapi\npsycopg[binary]\nsqlalchemy>=2.1\nuvicorn\n"},
    expect=Expectation("main.py", 6, exception="ModuleNotFoundError"),
)
