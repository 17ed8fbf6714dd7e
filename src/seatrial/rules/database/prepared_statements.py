"""Prepared statements are kept where a pooler gives them to others

## What it finds
asyncpg, as it is by default, behind a pooler in transaction mode that does not keep prepared statements apart:
Supabase's, or a PgBouncer older than 1.21 or without `max_prepared_statements`.

## Why it bites
asyncpg prepares each statement under a name and uses it again. The pooler gives the next transaction another
connection, which does not know the name, or one that a process before has left the same name on: `prepared statement
"__asyncpg_stmt_1__" already exists` with every deployment, `does not exist` under load. Of 1,184 pieces of work 1,033
failed so.

## What is flagged
An engine of asyncpg without `statement_cache_size: 0` among its `connect_args`, where a documented URL is that of
such a pooler. `prepared_statement_cache_size: 0` alone is not enough, as asyncpg goes on to name its statements; nor is
a `prepared_statement_name_func` that makes up names: the statements of all clients pile up on the shared connections.
Before asyncpg 0.31 `statement_cache_size: 0` is not enough either, as what SQLAlchemy prepares has a name all the same
unless it is given an empty one.

## What is not
Neon's pooler, which keeps prepared statements apart (`max_prepared_statements=1000`), and direct connections.

## Fix safety
Safe: statements are sent without a name, which costs a part of a millisecond each and works everywhere. With an asyncpg
before 0.31 they are given the empty name, which SQLAlchemy can do since 2.0.13; with both older, nothing is offered.

## Reference
https://magicstack.github.io/asyncpg/current/faq.html#why-am-i-getting-prepared-statement-errors
https://www.pgbouncer.org/config.html#max_prepared_statements
https://supabase.com/docs/guides/troubleshooting/disabling-prepared-statements-qL8lEL
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Related, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.databases import version_of
from seatrial.rules.observation import Redeployed
from seatrial.rules.played import Written, add_keyword, argument
from seatrial.rules.poolers import Pooler, pooler, server_engines
from seatrial.rules.rule import Expectation, Finding, Rule

_CACHE = ("statement_cache_size", "0")
_NAME = ("prepared_statement_name_func", 'lambda: ""')
_UNNAMED = (0, 31)
"""The release of asyncpg that prepares without a name where it is given none (`named=name` in `Connection.prepare`)."""
_NAMES = (2, 0, 13)
"""A release of SQLAlchemy that takes `prepared_statement_name_func`."""


def check(case: Case) -> Iterator[Finding]:
    """One finding for each engine."""
    named = (version_of(case, "asyncpg") or _UNNAMED) < _UNNAMED
    for found, url in server_engines(case):
        if url.driver != "asyncpg" or not _prepares(found, named):
            continue
        through = pooler(case)
        if through is not None and not through.prepares:
            yield _finding(case, found, through, named)


def _prepares(found: Written, named: bool) -> bool:
    """Whether asyncpg keeps prepared statements under a name, as far as that is known."""
    given = argument(found.call, "connect_args", None)
    if given is None:
        return all(keyword.arg is not None for keyword in found.node.keywords)
    if not isinstance(given, dict):
        return False
    return given.get(_CACHE[0], 100) != 0 or (named and _NAME[0] not in given)


def _finding(case: Case, found: Written, through: Pooler, named: bool) -> Finding:
    wanted = (_CACHE, _NAME) if named else (_CACHE,)
    too_old = named and (version_of(case, "sqlalchemy") or _NAMES) < _NAMES
    edits = () if too_old else _edits(found, wanted)
    reason = f"Give the driver {_entries(wanted)} where its arguments are put together."
    return Finding(
        location=found.place,
        reach=found.call.reach,
        stage=Stage.PRODUCTION,
        severity=Severity.ERROR,
        problem="asyncpg's prepared statements do not survive the pooler.",
        cause=f"{through.kind} in transaction mode hands connections on with what others have prepared there.",
        fix=Fix(Applicability.SAFE, "Send statements without a name.", edits) if edits else None,
        no_fix_reason=None if edits else "Ask for asyncpg>=0.31, or for sqlalchemy>=2.0.13." if too_old else reason,
        related=(Related(through.location, "the documented address of the pooler"),),
    )


def _edits(found: Written, wanted: tuple[tuple[str, str], ...]) -> tuple[Edit, ...]:
    """The entries of `connect_args`, those that are there with another value in their place; empty if it is no dict."""
    given = found.keyword("connect_args")
    if given is None:
        added = add_keyword(found, f"connect_args={{{_entries(wanted)}}}")
        return (added,) if added is not None else ()
    if not isinstance(given.value, ast.Dict):
        return ()
    file, node = found.file, given.value
    there = {
        key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)
    }
    edits = [
        Edit(file.path, file.start(there[key]), file.end(there[key]), value)
        for key, value in wanted
        if key in there and file.source(there[key]) != value
    ]
    missing = _entries(tuple(entry for entry in wanted if entry[0] not in there))
    if missing and node.values:
        edits.append(Edit(file.path, file.end(node.values[-1]), file.end(node.values[-1]), f", {missing}"))
    elif missing:
        edits.append(Edit(file.path, file.start(node), file.end(node), f"{{{missing}}}"))
    return tuple(edits)


def _entries(wanted: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f'"{key}": {value}' for key, value in wanted)


_PROJECT = {
    "requirements.txt": "asyncpg\nfastapi\nsqlalchemy[asyncio]\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql+asyncpg://user:password@pgbouncer:6432/app\n",
}
_MAIN = """\
import os

from fastapi import FastAPI
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
url = url.difference_update_query(["sslmode", "channel_binding"])
engine = create_async_engine(url, pool_pre_ping=True{})
app = FastAPI()


@app.get("/health")
async def health() -> str:
    async with engine.connect() as connection:
        return str(await connection.scalar(text("select now()")))
"""

RULE = Rule(
    code="DB018",
    name="prepared-statements",
    summary="Prepared statements are kept where a pooler gives them to others",
    check=check,
    fix="sometimes",
    requirements=("A4", "C3"),
    bad={**_PROJECT, "main.py": _MAIN.format("")},
    good={**_PROJECT, "main.py": _MAIN.format(f", connect_args={{{_entries((_CACHE, _NAME))}}}")},
    expect=Expectation(
        "main.py", 9, stage=Stage.PRODUCTION, observation=Redeployed("/health"), database=True, pooled=True
    ),
)
