"""Async engine whose URL selects a driver that is not async

## What it finds
`create_async_engine` with a URL that names no driver (`postgresql://`), or one that is not async.

## Why it bites
Neon, Railway and nearly every other provider give `postgresql://…`. SQLAlchemy then loads psycopg2, and an async
engine refuses it: `InvalidRequestError: The asyncio extension requires an async driver`, or `ModuleNotFoundError`
where psycopg2 is not installed. From SQLAlchemy 2.1 on the same URL loads psycopg 3, which is async, where that is
installed.

## What is flagged
The engine, under the documented URL. Where the papers name the driver, and code does not see to it, the URL as it
is pasted from Neon's console is a hazard of production.

## What is not
Code that translates the URL before the engine is made.

## Fix safety
Safe where the start, played again with the change, passes: the engine is handed the URL with asyncpg as its driver
and without libpq's parameters; TLS that these ask for is kept and verified. For review where it cannot be played.

## Reference
https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Related
from seatrial.rules.case import Case
from seatrial.rules.databases import (
    Struck,
    engine_at,
    is_refusal,
    is_untranslated,
    proven,
    scheme_at,
    struck,
    translation,
)
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Mishap, Timeline


def check(case: Case) -> Iterator[Finding]:
    """One finding for each engine."""
    seen: set[tuple[str, int]] = set()
    for item in struck(case, _is_ours):
        place = (item.mishap.location.path, item.mishap.location.line)
        if place not in seen:
            seen.add(place)
            yield _finding(case, item)


def _is_ours(mishap: Mishap, timeline: Timeline) -> bool:
    return is_refusal(mishap, "sync-driver") or is_untranslated(mishap, timeline)


def _finding(case: Case, item: Struck) -> Finding:
    location = item.mishap.location
    engine = engine_at(case, location.path, location.line)
    fix = translation(case, engine) if engine is not None else None
    scheme = scheme_at(item.timeline, location) or "postgresql"
    return Finding(
        location=location,
        reach=item.mishap.reach,
        stage=item.stage,
        severity=item.severity,
        certain=item.mishap.certain,
        problem=f"The async engine is given `{scheme}://`, which selects a driver that is not async.",
        cause=f"Nothing puts the async driver into the URL before the engine is made: "
        f"{item.mishap.failure.exception.rpartition('.')[2]}: {item.mishap.failure.message} {item.phrase}".strip(),
        fix=proven(case, fix, item) if fix is not None else None,
        no_fix_reason=None
        if fix
        else "How the URL reaches the engine is written in a way that cannot be edited exactly.",
        related=tuple(_related(case)),
    )


def _related(case: Case) -> Iterator[Related]:
    for item in case.papers.documented:
        if item.value and item.value.startswith(("postgresql://", "postgres://")):
            yield Related(item.location, f"`{item.name}` is documented here without a driver")
            return


_PROJECT = {
    "requirements.txt": "asyncpg\nfastapi\npsycopg2-binary\nsqlalchemy[asyncio]<2.1\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql://user:password@localhost:5432/app\n",
    "main.py": (
        "import os\n\nfrom fastapi import FastAPI\nfrom sqlalchemy.ext.asyncio import create_async_engine\n\n"
        'engine = create_async_engine(os.environ["DATABASE_URL"])\napp = FastAPI()\n'
    ),
}

_TRANSLATED = """\
import os

from fastapi import FastAPI
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
engine = create_async_engine(url.difference_update_query(["sslmode", "channel_binding"]), connect_args={"ssl": True})
app = FastAPI()
"""

RULE = Rule(
    code="DB002",
    name="sync-driver",
    summary="An async engine is given a URL that selects a driver that is not async",
    check=check,
    fix="sometimes",
    requirements=("A4", "C3"),
    bad=_PROJECT,
    good={**_PROJECT, "main.py": _TRANSLATED},
    expect=Expectation("main.py", 6, exception="InvalidRequestError"),
)
