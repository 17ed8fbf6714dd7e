"""A connection is used again without asking whether it still lives

## What it finds
An engine for a PostgreSQL server that keeps connections and neither asks them before use (`pool_pre_ping`) nor
renews them in time (`pool_recycle`).

## Why it bites
Neon suspends a database after five minutes without a query and ends its connections. The pool does not know: the
first requests after a quiet time, each with such a connection, are answered with 500 (`connection is closed`, `SSL
SYSCALL error: EOF detected`), while a health route that asks no database stays green. A restart, a failover or a
firewall that forgets idle connections does the same to any server.

## What is flagged
An engine without `pool_pre_ping=True`, unless `pool_recycle` is 300 seconds or less: as a warning where a documented
URL is one of Neon's, else as a note.

## What is not
Engines without a pool (`NullPool`), SQLite, and arguments whose values are not to be known.

## Fix safety
Safe: a connection is asked first, which takes one round trip. Review where `pool_pre_ping=False` is written.

## Reference
https://docs.sqlalchemy.org/en/20/core/pooling.html#disconnect-handling-pessimistic
https://neon.com/docs/connect/connection-latency
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Location, Measure, Related, Severity, Stage, Verdict
from seatrial.rules.case import Case
from seatrial.rules.observation import Interrupted
from seatrial.rules.played import Written, argument, put_keyword
from seatrial.rules.poolers import neon, pool_class, server_engines
from seatrial.rules.rule import Expectation, Finding, Rule

SUSPEND_S = 300  # after so many seconds without a query Neon suspends a database


def check(case: Case) -> Iterator[Finding]:
    """One finding for each engine."""
    engines = [found for found, _ in server_engines(case) if pool_class(found) in ("", *_KEEPING) and _trusts(found)]
    suspended = neon(case) if engines else None
    for found in engines:
        yield _finding(found, suspended)


_KEEPING = ("QueuePool", "AsyncAdaptedQueuePool", "SingletonThreadPool", "FallbackAsyncAdaptedQueuePool")


def _trusts(found: Written) -> bool:
    """Whether its connections are neither asked nor renewed in time."""
    recycled = argument(found.call, "pool_recycle", -1)
    in_time = not isinstance(recycled, int) or 0 <= recycled <= SUSPEND_S
    spread = any(keyword.arg is None for keyword in found.node.keywords) and not found.call.kwargs
    return argument(found.call, "pool_pre_ping", False) is False and not in_time and not spread


def _finding(found: Written, suspended: Location | None) -> Finding:
    edit = put_keyword(found, "pool_pre_ping", "True")
    said = found.keyword("pool_pre_ping") is not None
    safety = Applicability.REVIEW if said else Applicability.SAFE
    why = "Neon suspends the database after five idle minutes" if suspended else "A restart or failover of the database"
    return Finding(
        location=found.place,
        reach=found.call.reach,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING if suspended else Severity.NOTE,
        problem="Connections are used again without asking whether they still live.",
        cause=f"{why}{' and' if suspended else ''} ends them, and the next requests fail with 500.",
        fix=Fix(safety, "Ask a connection before it is used.", (edit,)) if edit is not None else None,
        no_fix_reason=None if edit is not None else "How the engine is made cannot be edited exactly.",
        related=(Related(suspended, "the database is on Neon"),) if suspended is not None else (),
    )


def measure(case: Case) -> Iterator[Measure]:
    """The engines whose connections are asked before use, or renewed before the server ends them."""
    for found, _ in server_engines(case):
        if argument(found.call, "pool_pre_ping", False) is True:
            yield Measure("C3", Verdict.HOLDS, "a connection is asked before it is used", found.place)
        elif pool_class(found) == "NullPool":
            yield Measure("C3", Verdict.HOLDS, "no connection is kept", found.place)


_PROJECT = {
    "requirements.txt": "fastapi\npsycopg2-binary\nsqlalchemy==2.0.*\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql://user:password@ep-calm-sea-123456.eu-central-1.aws.neon.tech/app\n",
}
_MAIN = """\
import os

from fastapi import FastAPI
from sqlalchemy import create_engine, text

engine = create_engine(os.environ["DATABASE_URL"]{})
app = FastAPI()


@app.get("/health")
def health() -> str:
    with engine.connect() as connection:
        return str(connection.scalar(text("select now()")))
"""

RULE = Rule(
    code="DB016",
    name="idle-connections",
    summary="A connection is used again without asking whether it still lives",
    check=check,
    measure=measure,
    fix="sometimes",
    requirements=("C3", "C8"),
    bad={**_PROJECT, "main.py": _MAIN.format("")},
    good={**_PROJECT, "main.py": _MAIN.format(", pool_pre_ping=True")},
    expect=Expectation("main.py", 6, stage=Stage.PRODUCTION, observation=Interrupted("/health"), database=True),
)
