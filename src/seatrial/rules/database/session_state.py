"""A setting of the session outlives its transaction on a shared connection

## What it finds
SQL that changes the session behind a pooler in transaction mode: `SET name = value`, `LISTEN`, a session's advisory
lock.

## Why it bites
The pooler hands the connection to the next client as soon as the transaction ends, with what was set on it. A
`SET app.tenant = 'alice'` then answers bob's query with alice's rows, and alice's own next query may run on a
connection on which nothing was set. What `LISTEN` waits for never comes, and a lock taken by `pg_advisory_lock`
stays with the connection: nobody who means it can give it back.

## What is flagged
Such a statement in a call of `text`, `execute`, `exec`, `scalar` or `fetch...`, where a documented URL is that of a
pooler: as an error. As a warning where it is a direct one of Neon, whose console gives the pooled one unless asked
otherwise.

## What is not
`SET LOCAL`, `SET TRANSACTION`, `set_config(..., true)`, `pg_advisory_xact_lock`, and migrations, for which Neon's
direct address is meant.

## Fix safety
Review: `SET` becomes `SET LOCAL`, which ends with the transaction; it has to stand in the same one as the queries that
need it. For the others there is none: they need the direct address.

## Reference
https://www.pgbouncer.org/features.html
https://neon.com/docs/connect/connection-pooling
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Position, Related, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.observation import Answers, Request
from seatrial.rules.poolers import neon, pooler
from seatrial.rules.rule import Expectation, Finding, Rule

_RUNS = ("text", "execute", "exec", "scalar", "scalars", "fetch", "fetchval", "fetchrow", "exec_driver_sql")
_SET = re.compile(
    r"\s*(SET\s+(?:SESSION\s+)?)(?!LOCAL\b|TRANSACTION\b|CONSTRAINTS\b|SESSION\b)[\w.]+\s*(?:=|\bTO\b)", re.I
)
_OTHER = re.compile(r"\s*(?:LISTEN\s+\w|SELECT\s+pg_(?:try_)?advisory_lock(?:_shared)?\s*\()", re.I)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each statement."""
    loaded = {module.path for module in case.timeline.loaded}
    found = [
        (file, text, is_set)
        for file in case.code.holding("SET ", "set ", "LISTEN ", "listen ", "advisory_lock")
        if file.path in loaded
        for text, is_set in _statements(file)
    ]
    through = pooler(case) if found else None
    place = through.location if through is not None else neon(case) if found else None
    for file, text, is_set in found if place is not None else ():
        assert place is not None
        yield _finding(case, file, text, is_set, through.kind if through is not None else "", place)


def _statements(file: CodeFile) -> Iterator[tuple[ast.Constant, bool]]:
    """The texts that begin such a statement, and whether it is a `SET`."""
    for name in _RUNS:
        for call in file.sites.calls.get(name, ()):
            given = call.args[0] if call.args else None
            first = given.values[0] if isinstance(given, ast.JoinedStr) and given.values else given
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                if _SET.match(first.value):
                    yield first, True
                elif _OTHER.match(first.value):
                    yield first, False


def _finding(case: Case, file: CodeFile, text: ast.Constant, is_set: bool, kind: str, place: Location) -> Finding:
    where = file.place(text)
    edit = _edit(file, text) if is_set else None
    return Finding(
        location=where,
        reach=case.reach_of(file.path, where.line),
        stage=Stage.PRODUCTION,
        severity=Severity.ERROR if kind else Severity.WARNING,
        problem="What this sets stays on a connection that the pooler hands to others.",
        cause=f"The database is reached through {kind} in transaction mode."
        if kind
        else "Neon's console gives the address of its pooler unless asked for the direct one.",
        fix=Fix(Applicability.REVIEW, "Let it end with the transaction.", (edit,)) if edit is not None else None,
        no_fix_reason=None if edit is not None else "It needs a connection of its own: the direct address.",
        related=(Related(place, "the documented address of the database"),),
    )


def _edit(file: CodeFile, text: ast.Constant) -> Edit | None:
    """`SET LOCAL ` for `SET ` in the text as it is written."""
    line = file.lines[text.lineno - 1]
    start = file.position(text.lineno, text.col_offset).column - 1
    match = re.compile(r"SET\s+(?:SESSION\s+)?", re.I).search(line, start)
    if match is None or text.lineno != text.end_lineno:
        return None
    return Edit(
        file.path, Position(text.lineno, match.start() + 1), Position(text.lineno, match.end() + 1), "SET LOCAL "
    )


_PROJECT = {
    "requirements.txt": "fastapi\npsycopg2-binary\nsqlalchemy==2.0.*\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql://user:password@pgbouncer:6432/app\n",
}
_MAIN = """\
import os

from fastapi import FastAPI
from sqlalchemy import create_engine, text

engine = create_engine(os.environ["DATABASE_URL"], pool_pre_ping=True)
app = FastAPI()


@app.get("/tasks/of/alice")
def tasks() -> str:
    with engine.begin() as connection:
        connection.execute(text("{} app.tenant = 'alice'"))
        return str(connection.scalar(text("select current_setting('app.tenant', true)")))


@app.get("/tenant")
def tenant() -> str:
    with engine.begin() as connection:
        return str(connection.scalar(text("select current_setting('app.tenant', true)")))
"""

RULE = Rule(
    code="DB022",
    name="session-state",
    summary="A setting of the session outlives its transaction on a shared connection",
    check=check,
    fix="sometimes",
    requirements=("C3",),
    bad={**_PROJECT, "main.py": _MAIN.format("set")},
    good={**_PROJECT, "main.py": _MAIN.format("SET LOCAL")},
    expect=Expectation(
        "main.py",
        13,
        stage=Stage.PRODUCTION,
        observation=Answers(Request("/tenant"), 200, contains="alice", before=(Request("/tasks/of/alice"),)),
        database=True,
        pooled=True,
    ),
)
