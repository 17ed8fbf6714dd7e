"""Call of an async session that nobody waits for

## What it finds
`session.execute(...)`, `session.commit()` and the like of an `AsyncSession`, without `await`.

## Why it bites
The call gives a coroutine, and nothing happens: a commit that is not awaited is lost without a word but a warning in
the log, and the result of a query that is not awaited has none of a result's methods (`AttributeError: 'coroutine'
object has no attribute 'scalars'`).

## What is flagged
The call, in an `async def` whose parameter is annotated as an `AsyncSession`, directly or by an alias of `Annotated`.

## What is not
Coroutines that are returned, handed on (`asyncio.gather`) or kept under a name; `session.add` and what else does not
wait.

## Fix safety
Safe: `await` is put before the call, in brackets where more follows.

## Reference
https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Stage
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, FunctionNode
from seatrial.rules.edits import replace
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.sessions import is_async_session, session_parameters

_WAITED = (
    "execute scalar scalars stream stream_scalars get get_one exec commit rollback flush refresh delete merge close"
).split()


def check(case: Case) -> Iterator[Finding]:
    """One finding for each call."""
    for file in case.code.holding(*(f".{name}(" for name in _WAITED)):
        for name in _WAITED:
            for call in file.sites.calls.get(name, ()):
                function = _function(file, call)
                if function is not None and _is_session(case, file, function, call) and _is_lost(file, call):
                    yield _finding(case, file, call, name)


def _function(file: CodeFile, call: ast.Call) -> ast.AsyncFunctionDef | None:
    inner = file.sites.function_of(call)
    return inner if isinstance(inner, ast.AsyncFunctionDef) else None


def _is_session(case: Case, file: CodeFile, function: FunctionNode, call: ast.Call) -> bool:
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id in session_parameters(case, file, function, is_async_session)


def _is_lost(file: CodeFile, call: ast.Call) -> bool:
    """Whether the coroutine is thrown away, or asked for an attribute that it has not."""
    parent = file.sites.parent_of(call)
    return isinstance(parent, ast.Expr | ast.Attribute)


def _finding(case: Case, file: CodeFile, call: ast.Call, name: str) -> Finding:
    more = isinstance(file.sites.parent_of(call), ast.Attribute)
    text = f"(await {file.source(call)})" if more else f"await {file.source(call)}"
    place = file.place(call)
    return Finding(
        location=place,
        reach=case.reach_of(file.path, place.line),
        problem=f"`{name}` of an async session is not awaited.",
        cause="The result of the query is asked of a coroutine."
        if more
        else "The coroutine is thrown away: nothing runs.",
        fix=Fix(Applicability.SAFE, "Wait for it.", (replace(file, call, text),)),
    )


_PROJECT = {
    "requirements.txt": "aiosqlite\nfastapi\nsqlalchemy[asyncio]\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

sessions = async_sessionmaker(create_async_engine("sqlite+aiosqlite://"))
app = FastAPI()


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


@app.get("/health")
async def health(db: Annotated[AsyncSession, Depends(session)]) -> str:
    return str({}.scalar())
"""

RULE = Rule(
    code="DB008",
    name="missing-await",
    summary="A call of an async session is not awaited",
    check=check,
    fix="always",
    requirements=("A4",),
    bad={**_PROJECT, "main.py": _MAIN.format("""db.execute(text("select 'well'"))""")},
    good={**_PROJECT, "main.py": _MAIN.format("""(await db.execute(text("select 'well'")))""")},
    expect=Expectation("main.py", 19, stage=Stage.REQUEST, request="/health"),
)
