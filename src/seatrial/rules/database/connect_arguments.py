"""Connection parameters that the driver does not know

## What it finds
Parameters in a database's URL, in a DSN or in `connect_args` that the driver's `connect` refuses: above all libpq's
`sslmode` and `channel_binding` for asyncpg.

## Why it bites
Neon's console gives `?sslmode=require&channel_binding=require`. SQLAlchemy hands a URL's parameters to the driver
as keyword arguments, and asyncpg has none of these: `TypeError: connect() got an unexpected keyword argument
'sslmode'` at the first connection. In a DSN of asyncpg's own `sslmode` is understood, and `channel_binding` taken
for a setting of the server, which refuses it.

## What is flagged
The first connection that the start opens, else the engine, under the documented URL; under that of a database on
Neon where only production meets it.

## What is not
Code that takes the parameters out before the engine is made, and arguments of asyncpg's for an engine whose URL
selects another driver only by mistake (see `sync-driver`).

## Fix safety
Safe where the start, played again with the change, no longer hands them over: the parameters are taken out for
asyncpg, the TLS that they ask for is kept and the server's certificate verified. Never is TLS dropped.

## Reference
https://magicstack.github.io/asyncpg/current/api/index.html#asyncpg.connection.connect
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from seatrial.boot import Failure
from seatrial.issue import Fix, Location, Related, Stage
from seatrial.libraries.sqlalchemy_connections import refusal
from seatrial.libraries.sqlalchemy_drivers import driver_module
from seatrial.libraries.sqlalchemy_urls import Url
from seatrial.libraries.values import Value
from seatrial.rules.case import Case
from seatrial.rules.databases import (
    Struck,
    engine_at,
    is_refusal,
    is_untranslated,
    made,
    proven,
    struck,
    translation,
    version_of,
)
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Call, Mishap, Reach, Refusal, Timeline

_LIBRARIES = ("sqlalchemy", "asyncpg")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each engine or pool: its first connection."""
    seen: set[str] = set()

    def later(timeline: Timeline) -> Iterator[Mishap]:
        return _of_requests(case, timeline)

    for item in struck(case, lambda mishap, timeline: is_refusal(mishap, "connect-argument", _LIBRARIES), later):
        fault = item.mishap.fault
        assert isinstance(fault, Refusal)
        details = dict(fault.details)
        engine = details.get("engine") or f"{item.mishap.location.path}:{item.mishap.location.line}"
        if engine not in seen:
            seen.add(engine)
            yield _finding(case, item, fault, details)


def _of_requests(case: Case, timeline: Timeline) -> Iterator[Mishap]:
    """Engines that the start only makes: what their first connection will say to a request."""
    release = version_of(case, "sqlalchemy") or (2, 0)
    for call, url in made(timeline):
        module = driver_module(url, release) or ""
        given = dict(call.kwargs).get("connect_args")
        found = refusal(case.packages, case.python, module, url, given)
        if found is not None and not _is_meant_for_asyncpg(case, timeline, call, replace(url, query=()), given):
            place = call.location
            details = {"driver": module, "by": found.by, "engine": f"{place.path}:{place.line}"}
            fault = Refusal("sqlalchemy", "connect-argument", ",".join(found.names), tuple(details.items()))
            failure = Failure(Stage.REQUEST, found.exception, found.text, ())
            yield Mishap(failure, fault, Reach.REQUEST, place, call.certain)


def _is_meant_for_asyncpg(case: Case, timeline: Timeline, call: Call, url: Url, given: Value) -> bool:
    """Whether the driver alone is wrong: an async engine got one that is not, and the arguments fit the right one."""
    here = (call.location.path, call.location.line)
    refused = any(
        (it.location.path, it.location.line) == here
        and (is_refusal(it, "sync-driver") or is_untranslated(it, timeline))
        for it in timeline.mishaps
    )
    return refused and refusal(case.packages, case.python, "asyncpg", url, given) is None


def _finding(case: Case, item: Struck, fault: Refusal, details: dict[str, str]) -> Finding:
    names = ", ".join(f"`{name}`" for name in fault.subject.split(","))
    place = _place(details.get("engine", ""))
    fix = _fix(case, item, details, place)
    where = {"url": "the URL", "dsn": "the DSN", "connect_args": "`connect_args`"}[details["by"]]
    first = item.mishap.failure.message.split("\n")[0]
    return Finding(
        location=item.mishap.location,
        reach=item.mishap.reach,
        stage=item.stage,
        severity=item.severity,
        certain=item.mishap.certain,
        problem=f"{details['driver']} does not know {names}, which it is handed by {where}.",
        cause=f"The first connection ends with {item.mishap.failure.exception.rpartition('.')[2]}: {first}. "
        f"{item.phrase}".strip(),
        fix=fix,
        no_fix_reason=None if fix else "Which of the drivers the arguments are meant for is for a person to say.",
        related=(Related(place, "the engine is made here"),)
        if place is not None and place.line != item.mishap.location.line
        else (),
    )


def _place(text: str) -> Location | None:
    path, _, line = text.rpartition(":")
    return Location(path, int(line)) if path and line.isdigit() else None


def _fix(case: Case, item: Struck, details: dict[str, str], place: Location | None) -> Fix | None:
    if details["by"] != "url" or details["driver"] != "asyncpg" or place is None:
        return None
    engine = engine_at(case, place.path, place.line)
    fix = translation(case, engine) if engine is not None else None
    return proven(case, fix, item, lambda timeline: _of_requests(case, timeline)) if fix is not None else None


_PROJECT = {
    "requirements.txt": "asyncpg\nfastapi\nsqlalchemy[asyncio]\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql+asyncpg://user:password@localhost:5432/app?sslmode=require\n",
}
_MAIN = """\
import os
import ssl

from fastapi import FastAPI
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
engine = {}
app = FastAPI()


@app.get("/now")
async def now() -> str:
    async with engine.connect() as connection:
        return str(await connection.scalar(text("select now()")))
"""

RULE = Rule(
    code="DB004",
    name="connect-arguments",
    summary="The driver is handed connection parameters that it does not know",
    check=check,
    fix="sometimes",
    requirements=("A4", "C3"),
    bad={**_PROJECT, "main.py": _MAIN.format("create_async_engine(url)")},
    good={**_PROJECT, "main.py": _MAIN.format(
        'create_async_engine(\n    url.difference_update_query(["sslmode", "channel_binding"]), '
        'connect_args={"ssl": ssl.create_default_context()}\n)'
    )},
    expect=Expectation("main.py", 9, stage=Stage.REQUEST, request="/now", database=True),
)  # fmt: skip
