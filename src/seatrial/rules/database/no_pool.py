"""Every request makes a connection of its own to the database

## What it finds
An engine with `NullPool` in a server that stays up, for a database on another machine.

## Why it bites
A connection costs several round trips: TCP, TLS and the proof of the password. With `NullPool` each request pays for
them, and throws the connection away: 27 ms instead of 0.6 ms for one row on one and the same machine, and 5 to 7 ms
of the server's own processor. Neon being "serverless" does not ask for it: that is said of the database, and it is for
a server that lives no longer than a request that `NullPool` is meant.

## What is flagged
The engine, where a server that stays up makes it for PostgreSQL.

## What is not
Backends on functions that come and go (`vercel.json`, Mangum, Serverless Framework), SQLite, and scripts such as
Alembic's, which connect once.

## Fix safety
Review: the default pool keeps five connections, asked before use (`pool_pre_ping`). Tests that run several event
loops may have been the reason for `NullPool`.

## Reference
https://docs.sqlalchemy.org/en/20/core/pooling.html#switching-pool-implementations
https://neon.com/docs/connect/connection-latency
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.observation import Differs
from seatrial.rules.played import Written
from seatrial.rules.poolers import pool_class, server_engines
from seatrial.rules.rule import Expectation, Finding, Rule

_FUNCTIONS = frozenset(
    {"vercel.json", "now.json", "serverless.yml", "serverless.yaml", "zappa_settings.json", "samconfig.toml"}
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each engine."""
    engines = [found for found, _ in server_engines(case) if pool_class(found) == "NullPool"]
    for found in engines if engines and not _comes_and_goes(case) else ():
        yield _finding(found)


def _comes_and_goes(case: Case) -> bool:
    """Whether the backend runs as a function that lives as long as a request."""
    documents = case.code.documents
    names = {name for folder in documents.folders(case.base) for name in documents.names(folder)}
    return bool(names & _FUNCTIONS) or next(case.code.holding("mangum", "Mangum"), None) is not None


def _finding(found: Written) -> Finding:
    keyword = found.keyword("poolclass")
    fix = None
    if keyword is not None and found.keyword("pool_pre_ping") is None:
        start, end = found.file.position(keyword.lineno, keyword.col_offset), found.file.end(keyword.value)
        edit = Edit(found.file.path, start, end, "pool_pre_ping=True")
        fix = Fix(Applicability.REVIEW, "Keep connections, and ask them before use.", (edit,))
    return Finding(
        location=found.place,
        reach=found.call.reach,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem="Every request makes a connection of its own to the database, and throws it away.",
        cause="`NullPool` keeps none, in a server that stays up between requests.",
        fix=fix,
        no_fix_reason=None if fix else "Where the pool is chosen cannot be edited exactly.",
    )


_PROJECT = {
    "requirements.txt": "fastapi\npsycopg2-binary\nsqlalchemy==2.0.*\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql://user:password@localhost:5432/app\n",
}
_MAIN = """\
import os

from fastapi import FastAPI
from sqlalchemy import {}create_engine, text

engine = create_engine(os.environ["DATABASE_URL"], {})
app = FastAPI()


@app.get("/connection")
def connection() -> int:
    with engine.connect() as opened:
        return int(opened.scalar(text("select pg_backend_pid()")))
"""

RULE = Rule(
    code="DB021",
    name="no-pool",
    summary="Every request makes a connection of its own to the database",
    check=check,
    fix="sometimes",
    requirements=("C3", "B11"),
    bad={**_PROJECT, "main.py": _MAIN.format("NullPool, ", "poolclass=NullPool")},
    good={**_PROJECT, "main.py": _MAIN.format("", "pool_pre_ping=True")},
    expect=Expectation("main.py", 6, stage=Stage.PRODUCTION, observation=Differs("/connection"), database=True),
)
