"""Synchronous sessions of an async engine

## What it finds
`sessionmaker(engine)` or `Session(engine)` where the engine is async, without `class_=AsyncSession`.

## Why it bites
Everything goes well until a session is used: `async with` refuses a synchronous session, and a query asks the async
engine for what it does not have (`AttributeError`), or waits where nothing can (`MissingGreenlet`). Every request
that needs the database answers 500.

## What is flagged
The call that makes the factory or the session.

## What is not
`async_sessionmaker`, and `sessionmaker(engine, class_=AsyncSession)`.

## Fix safety
Safe where the file uses what it makes by `async with` or `await`: the factory becomes `async_sessionmaker`. For
review otherwise, as the code that uses the sessions has to wait too.

## Reference
https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.async_sessionmaker
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Stage
from seatrial.libraries.values import ExternalInstance
from seatrial.rules.case import Case
from seatrial.rules.edits import imported, replace
from seatrial.rules.played import Written, written
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_MAKERS = ("sqlalchemy.orm.session.sessionmaker", "sqlalchemy.orm.sessionmaker")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each factory."""
    for found in written(case, *_MAKERS):
        given = [*found.call.args, *dict(found.call.kwargs).values()]
        bound = [it for it in given if isinstance(it, ExternalInstance) and it.type.name.endswith(".AsyncEngine")]
        if not bound or "class_" in dict(found.call.kwargs) or len(found.call.args) > 1:
            continue
        fix = _fix(found)
        yield Finding(
            location=found.place,
            reach=Reach.REQUEST,
            problem="The sessions are synchronous, and their engine is async.",
            cause="`sessionmaker` makes `Session`, unless it is told `class_=AsyncSession`.",
            fix=fix,
            no_fix_reason=None if fix else "The name `sessionmaker` is used in a way that cannot be edited exactly.",
        )


def _fix(found: Written) -> Fix | None:
    if not isinstance(found.node.func, ast.Name) or found.keyword("autocommit") is not None:
        return None
    waits = "async with" in found.file.text or "await " in found.file.text
    edits = [replace(found.file, found.node.func, "async_sessionmaker")]
    added = imported(found.file, "from sqlalchemy.ext.asyncio import async_sessionmaker")
    edits += [added] if added is not None else []
    kind = Applicability.SAFE if waits else Applicability.REVIEW
    return Fix(kind, "Make async sessions: what uses them waits for each of their calls.", tuple(edits))


_PROJECT = {
    "requirements.txt": "aiosqlite\nfastapi\nsqlalchemy[asyncio]\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import {first}create_async_engine
{second}
engine = create_async_engine("sqlite+aiosqlite://")
sessions = {maker}(engine)
app = FastAPI()


@app.get("/health")
async def health() -> str:
    async with sessions() as session:
        return str(await session.scalar(text("select 'well'")))
"""

RULE = Rule(
    code="DB007",
    name="sync-session",
    summary="Sessions of an async engine are made synchronous",
    check=check,
    fix="sometimes",
    requirements=("A4",),
    bad={**_PROJECT, "main.py": _MAIN.format(
        first="", second="from sqlalchemy.orm import sessionmaker\n", maker="sessionmaker"
    )},
    good={**_PROJECT, "main.py": _MAIN.format(first="async_sessionmaker, ", second="", maker="async_sessionmaker")},
    expect=Expectation("main.py", 7, stage=Stage.REQUEST, request="/health"),
)  # fmt: skip
