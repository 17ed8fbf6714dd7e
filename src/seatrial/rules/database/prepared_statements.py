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
such a pooler. `prepared_statement_cache_size: 0` alone is not enough, as asyncpg goes on to name its statements; a
`prepared_statement_name_func` is not either: the statements of all clients pile up on the shared connections.

## What is not
Neon's pooler, which keeps prepared statements apart (`max_prepared_statements=1000`), and direct connections.

## Fix safety
Safe: statements are sent without a name, which costs a part of a millisecond each and works everywhere.

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
from seatrial.rules.observation import Redeployed
from seatrial.rules.played import Written, add_keyword, argument
from seatrial.rules.poolers import Pooler, pooler, server_engines
from seatrial.rules.rule import Expectation, Finding, Rule


def check(case: Case) -> Iterator[Finding]:
    """One finding for each engine."""
    for found, url in server_engines(case):
        if url.driver != "asyncpg" or not _prepares(found):
            continue
        through = pooler(case)
        if through is not None and not through.prepares:
            yield _finding(found, through)


def _prepares(found: Written) -> bool:
    """Whether asyncpg keeps prepared statements, as far as that is known."""
    given = argument(found.call, "connect_args", None)
    if given is None:
        return all(keyword.arg is not None for keyword in found.node.keywords)
    return isinstance(given, dict) and given.get("statement_cache_size", 100) != 0


def _finding(found: Written, through: Pooler) -> Finding:
    edit = _edit(found)
    return Finding(
        location=found.place,
        reach=found.call.reach,
        stage=Stage.PRODUCTION,
        severity=Severity.ERROR,
        problem="asyncpg's prepared statements do not survive the pooler.",
        cause=f"{through.kind} in transaction mode hands connections on with what others have prepared there.",
        fix=Fix(Applicability.SAFE, "Send statements without a name.", (edit,)) if edit is not None else None,
        no_fix_reason=None
        if edit is not None
        else 'Give the driver "statement_cache_size": 0 where its arguments are put together.',
        related=(Related(through.location, "the documented address of the pooler"),),
    )


def _edit(found: Written) -> Edit | None:
    given = found.keyword("connect_args")
    if given is None:
        return add_keyword(found, 'connect_args={"statement_cache_size": 0}')
    if not isinstance(given.value, ast.Dict):
        return None
    for key, value in zip(given.value.keys, given.value.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == "statement_cache_size":
            return Edit(found.file.path, found.file.start(value), found.file.end(value), "0")
    if not given.value.values:
        return Edit(
            found.file.path, found.file.start(given.value), found.file.end(given.value), '{"statement_cache_size": 0}'
        )
    end = found.file.end(given.value.values[-1])
    return Edit(found.file.path, end, end, ', "statement_cache_size": 0')


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
    good={**_PROJECT, "main.py": _MAIN.format(', connect_args={"statement_cache_size": 0}')},
    expect=Expectation(
        "main.py", 9, stage=Stage.PRODUCTION, observation=Redeployed("/health"), database=True, pooled=True
    ),
)
