"""Attributes of an object that a commit has expired

## What it finds
An object that an `async def` hands out or reads after `await session.commit()`, without `await session.refresh(...)`,
where the sessions are made without `expire_on_commit=False`.

## Why it bites
A commit expires every attribute. Reading one then asks the database, in a place that cannot wait: `MissingGreenlet:
greenlet_spawn has not been called`. The row is there, and the answer is 500.

## What is flagged
The statement that reads it, once for each function.

## What is not
Factories with `expire_on_commit=False`, objects that are refreshed in between, objects that the function did not add.

## Fix safety
Safe: `expire_on_commit=False` is given to the factory, as SQLAlchemy advises for asyncio.

## Reference
https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Related, Stage
from seatrial.project.syntax.sites import last_name
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.observation import Answers, Request
from seatrial.rules.played import Written, put_keyword, written
from seatrial.rules.rule import Expectation, Finding, Rule

_MAKERS = (
    "sqlalchemy.ext.asyncio.session.async_sessionmaker",
    "sqlalchemy.orm.session.sessionmaker",
    "sqlalchemy.ext.asyncio.session.AsyncSession",
    "sqlmodel.ext.asyncio.session.AsyncSession",
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each function."""
    makers = [found for found in written(case, *_MAKERS) if _is_async(found)]
    if len(makers) != 1 or dict(makers[0].call.kwargs).get("expire_on_commit", True) is not True:
        return
    for file in case.code.holding(".commit("):
        for function in file.sites.functions:
            statement = _read_late(file, function) if isinstance(function, ast.AsyncFunctionDef) else None
            if statement is not None:
                yield _finding(case, makers[0], file, statement)


def _is_async(found: Written) -> bool:
    return found.call.callee != _MAKERS[1] or last_name(getattr(found.keyword("class_"), "value", ast.Constant(0))) == (
        "AsyncSession"
    )


def _read_late(file: CodeFile, function: ast.AsyncFunctionDef) -> ast.stmt | None:
    """The first statement behind a commit, in its block, that reads an object which the function added."""
    for call in file.sites.calls.get("commit", ()):
        statement = file.sites.statement_of(call)
        if statement is None or file.sites.function_of(call) is not function or not _waits(file, call):
            continue
        block = _block(file, statement)
        added = {it for before in block[: block.index(statement)] for it in _given(before, "add")}
        for behind in block[block.index(statement) + 1 :]:
            added -= set(_given(behind, "refresh"))
            if any(isinstance(it, ast.Name) and it.id in added and _is_read(file, it) for it in ast.walk(behind)):
                return behind
    return None


def _waits(file: CodeFile, call: ast.Call) -> bool:
    return isinstance(file.sites.parent_of(call), ast.Await)


def _block(file: CodeFile, statement: ast.stmt) -> list[ast.stmt]:
    parent = file.sites.parent_of(statement)
    blocks = (getattr(parent, name, []) for name in ("body", "orelse", "finalbody"))
    return next((block for block in blocks if isinstance(block, list) and statement in block), [statement])


def _given(statement: ast.stmt, method: str) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and last_name(node.func) == method:
            yield from (it.id for it in node.args if isinstance(it, ast.Name))


def _is_read(file: CodeFile, name: ast.Name) -> bool:
    parent = file.sites.parent_of(name)
    return isinstance(parent, ast.Return) or (isinstance(parent, ast.Attribute) and parent.value is name)


def _finding(case: Case, maker: Written, file: CodeFile, statement: ast.stmt) -> Finding:
    place = file.place(statement)
    edit = put_keyword(maker, "expire_on_commit", "False")
    return Finding(
        location=place,
        reach=case.reach_of(file.path, place.line),
        problem="This reads what the commit before it has expired.",
        cause="The sessions expire their objects with every commit, and an async one cannot load them again unasked.",
        fix=Fix(Applicability.SAFE, "Let the objects stay as they are.", (edit,)) if edit is not None else None,
        no_fix_reason=None if edit is not None else "How the factory is called cannot be edited exactly.",
        related=(Related(maker.place, "the sessions are made here"),),
    )


_PROJECT = {
    "requirements.txt": "aiosqlite\nfastapi\nsqlalchemy[asyncio]\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]


engine = create_async_engine("sqlite+aiosqlite://")
sessions = async_sessionmaker(engine{})


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/tasks")
async def add(title: str) -> str:
    async with sessions() as session:
        task = Task(title=title)
        session.add(task)
        await session.commit()
        return task.title
"""

RULE = Rule(
    code="DB009",
    name="expired-attributes",
    summary="An object is read after the commit that expired it",
    check=check,
    fix="sometimes",
    requirements=("A4",),
    bad={**_PROJECT, "main.py": _MAIN.format("")},
    good={**_PROJECT, "main.py": _MAIN.format(", expire_on_commit=False")},
    expect=Expectation(
        "main.py", 38, stage=Stage.REQUEST, observation=Answers(Request("/tasks?title=sail", "POST"), status=500)
    ),
)
