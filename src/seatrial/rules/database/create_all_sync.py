"""`create_all` given an async engine

## What it finds
`metadata.create_all` called with an async engine or connection.

## Why it bites
`create_all` is synchronous and asks its engine for what only a synchronous one has: `AttributeError: 'AsyncEngine'
object has no attribute '_run_ddl_visitor'`. Where that happens while the server starts, it does not.

## What is flagged
The call, where the start comes to it.

## What is not
`await connection.run_sync(metadata.create_all)`.

## Fix safety
Safe in an `async def`: the call becomes `run_sync` on a connection. For review elsewhere nothing can be written: the
function has to become one that can wait.

## Reference
https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncConnection.run_sync
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Stage
from seatrial.rules.case import Case
from seatrial.rules.databases import in_function, is_refusal
from seatrial.rules.edits import alone_on_its_lines, replace
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Mishap


def check(case: Case) -> Iterator[Finding]:
    """One finding for each call."""
    seen: set[tuple[str, int]] = set()
    for mishap in case.timeline.mishaps:
        place = (mishap.location.path, mishap.location.line)
        if is_refusal(mishap, "sync-call") and place not in seen:
            seen.add(place)
            fix = _fix(case, mishap)
            yield Finding(
                location=mishap.location,
                reach=mishap.reach,
                certain=mishap.certain,
                problem="`create_all` is handed an async engine, and is synchronous.",
                cause=f"It ends with AttributeError: {mishap.failure.message}.",
                fix=fix,
                no_fix_reason=None if fix else "It does not stand in an `async def`, where it could wait.",
            )


def _fix(case: Case, mishap: Mishap) -> Fix | None:
    file, line = case.code.file(mishap.location.path), mishap.location.line
    function = in_function(file, line) if file is not None else None
    if file is None or not isinstance(function, ast.AsyncFunctionDef):
        return None
    for call in file.sites.calls.get("create_all", ()):
        statement = file.sites.statement_of(call)
        given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "bind")]
        if call.lineno <= line <= (call.end_lineno or 0) and isinstance(statement, ast.Expr) and len(given) == 1:
            if statement.value is not call or not alone_on_its_lines(file, statement):
                return None
            function_text, bind = file.source(call.func), file.source(given[0])
            if "AsyncConnection" in mishap.failure.message:
                text = f"await {bind}.run_sync({function_text})"
            else:
                indent = " " * (file.start(statement).column - 1)
                text = (
                    f"async with {bind}.begin() as connection:\n{indent}    await connection.run_sync({function_text})"
                )
            return Fix(Applicability.SAFE, "Run it on a connection that waits.", (replace(file, statement, text),))
    return None


_PROJECT = {
    "requirements.txt": "aiosqlite\nfastapi\nsqlalchemy[asyncio]\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("sqlite+aiosqlite://")
metadata = MetaData()


@asynccontextmanager
async def lifespan(app: FastAPI):
{}
    yield


app = FastAPI(lifespan=lifespan)
"""
_WAITING = """\
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)"""

RULE = Rule(
    code="DB006",
    name="create-all-without-run-sync",
    summary="`create_all` is handed an async engine",
    check=check,
    fix="sometimes",
    requirements=("A4", "A8"),
    bad={**_PROJECT, "main.py": _MAIN.format("    metadata.create_all(engine)")},
    good={**_PROJECT, "main.py": _MAIN.format(_WAITING)},
    expect=Expectation("main.py", 13, stage=Stage.STARTUP, exception="AttributeError"),
)
