"""Service that has to answer while the backend starts

## What it finds
A database, cache or other service that is asked while the backend is imported or started, without anything that
would catch its silence: the process ends.

## Why it bites
Neon suspends a database that nobody uses and takes moments to wake it; platforms start services in any order; a
network hiccup at a deploy is enough. The start then ends with a refused connection, and the platform restarts it
until it gives up, where a server that waits, or answers 503 until the service is back, would have been there all
along.

## What is flagged
The line at which the start would end, were nothing there to answer.

## What is not
Connections that are opened by requests, and failures that are caught and lived with.

## Fix safety
No exact fix: whether to wait and try again for some seconds, or to start without and let `/health` say so, is a
decision. Either way the failure has to be said in one clear line.

## Reference
https://neon.com/docs/connect/connection-latency
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.boot import Outcome
from seatrial.issue import Location, Measure, Severity, Stage, Verdict
from seatrial.rules.case import Case
from seatrial.rules.observation import Starts
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Mishap, Reach, Refusal

_NAMES = {"sqlalchemy": "The database", "asyncpg": "The database"}  # others are their refusals' subjects


def check(case: Case) -> Iterator[Finding]:
    """One finding for each place at which the start would end."""
    alone = case.timeline.alone
    seen: set[Location] = set()
    for mishap in alone.mishaps if alone is not None else ():
        if _is_silence(mishap) and _place(case, mishap) not in seen:
            seen.add(_place(case, mishap))
            yield _finding(case, mishap)


def _is_silence(mishap: Mishap) -> bool:
    fault = mishap.fault
    reached = mishap.reach in (Reach.BOOT, Reach.STARTUP) and mishap.certain
    return reached and isinstance(fault, Refusal) and fault.kind == "unreachable"


def _place(case: Case, mishap: Mishap) -> Location:
    """Where the exception was raised first, where it is only raised again."""
    frame = mishap.failure.frames[-1] if mishap.failure.frames else None
    if frame is None or case.code.file(frame.path) is None:
        return mishap.location
    return Location(frame.path, frame.line)


def _finding(case: Case, mishap: Mishap) -> Finding:
    assert isinstance(mishap.fault, Refusal)
    name = _NAMES.get(mishap.fault.library, mishap.fault.subject)
    when = "is imported" if mishap.reach is Reach.BOOT else "starts"
    first = mishap.failure.message.split("\n")[0]
    return Finding(
        location=_place(case, mishap),
        reach=mishap.reach,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem=f"{name} has to answer while the backend {when}, or the process ends here.",
        cause=f"Nothing waits for it or lives without it: {mishap.failure.exception.rpartition('.')[2]}: {first}",
        no_fix_reason="Whether to try again for some seconds or to start without it is a decision; both need code.",
    )


def measure(case: Case) -> Iterator[Measure]:
    """Whether the backend starts while no service answers."""
    alone = case.timeline.alone
    if alone is not None and alone.boot.outcome is Outcome.SERVES:
        yield Measure("C8", Verdict.HOLDS, "it starts while neither database nor any other service answers")
    else:
        yield Measure("C8", Verdict.CANNOT_TELL, "a start without its services cannot be followed to the end")


_PROJECT = {
    "requirements.txt": "fastapi\npsycopg[binary]\nsqlalchemy\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql+psycopg://user:password@localhost:5432/app\n",
}
_MAIN = """\
import logging
import os
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import create_engine, text

engine = create_engine(os.environ["DATABASE_URL"])


@asynccontextmanager
async def lifespan(app: FastAPI):
{}
    yield


app = FastAPI(lifespan=lifespan)
"""
_CONNECT = '    with engine.connect() as connection:\n        connection.execute(text("select 1"))'
_CAUGHT = (
    '    try:\n        with engine.connect() as connection:\n            connection.execute(text("select 1"))\n'
    '    except Exception:\n        logging.exception("the database does not answer yet")'
)

RULE = Rule(
    code="DB011",
    name="needed-at-start",
    summary="A service has to answer while the backend starts",
    check=check,
    measure=measure,
    fix="never",
    requirements=("B11", "C8"),
    bad={**_PROJECT, "main.py": _MAIN.format(_CONNECT)},
    good={**_PROJECT, "main.py": _MAIN.format(_CAUGHT)},
    expect=Expectation("main.py", 13, stage=Stage.PRODUCTION, observation=Starts(exception="OperationalError")),
)
