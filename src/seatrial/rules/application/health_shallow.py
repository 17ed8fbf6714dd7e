"""Health route that never asks the database

## What it finds
Health routes of backends with a database, none of which touches it.

## Why it bites
`{"status": "ok"}` is true of a process that cannot serve a single request: with its database gone, the platform
keeps sending requests to it, and nobody is told. Half of the backends that were looked at answer so.

## What is flagged
The first health route, where none of them reaches a session, an engine or a connection, directly or by what it
depends on and calls.

## What is not
Routes that say by their name that they are about the process only (`live`, `ping`), as long as another asks;
functions whose dependencies cannot be read.

## Fix safety
For review: the route opens a connection, runs `SELECT 1`, and answers 503 where that fails. Where an `async def`
would have to use an engine that blocks, nothing is written.

## Reference
https://docs.railway.com/deployments/healthchecks
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Measure, Severity, Stage, Verdict
from seatrial.project.syntax.sites import last_name
from seatrial.rules.application.health_missing import HEALTH
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, FunctionNode
from seatrial.rules.edits import imported, insert_before
from seatrial.rules.endpoints import Endpoint, endpoints
from seatrial.rules.engines import NamedEngine, has_database, named_engines
from seatrial.rules.observation import Answers, Request
from seatrial.rules.resolving import meaning_of
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_TOUCHES = ("session", "engine", "connect", "execute", "database", "db", "pool", "cursor", "postgres", "uow")
_DEPTH = 3
_ASK = """\
try:
    {enter} {engine}.connect() as connection:
        {wait}connection.execute(text("SELECT 1"))
except Exception as error:
    raise HTTPException(503, "The database does not answer") from error"""


def check(case: Case) -> Iterator[Finding]:
    """One finding: the first of the health routes."""
    if not has_database(case):
        return
    found = [it for it in endpoints(case) if HEALTH.search(it.route.path) and "GET" in it.route.methods]
    if not found or any(_asks(case, it.file, it.node) for it in found):
        return
    first = next((it for it in found if "health" in it.route.path.lower()), found[0])
    fix = _fix(case, first)
    yield Finding(
        location=first.file.place(first.decorator) if first.decorator is not None else first.route.location,
        reach=Reach.REQUEST,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem=f"`{first.route.path}` answers well whether the database does or not.",
        cause="Neither the function nor anything that it depends on or calls touches the database.",
        fix=fix,
        no_fix_reason=None if fix else "Which session this function could ask with is not plain to see.",
    )


def _asks(case: Case, file: CodeFile, node: FunctionNode, depth: int = 0) -> bool:
    """Whether a function, or one of the backend's that it names, has to do with the database."""
    for part in ast.walk(node):
        name = last_name(part) if isinstance(part, ast.Name | ast.Attribute) else getattr(part, "arg", None) or ""
        if any(word in name.lower() for word in _TOUCHES) and not isinstance(part, ast.FunctionDef):
            return True
    if depth == _DEPTH:
        return False
    return any(_asks(case, *found, depth + 1) for found in _called(case, file, node))


def _called(case: Case, file: CodeFile, node: FunctionNode) -> Iterator[tuple[CodeFile, FunctionNode]]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name | ast.Attribute):
            meaning = meaning_of(case.code, file, part)
            other = case.code.module(meaning.module) if meaning is not None and meaning.symbol else None
            for function in other.sites.functions if other is not None and meaning is not None else ():
                if other is not None and meaning is not None and function.name == meaning.symbol:
                    yield other, function


def _fix(case: Case, found: Endpoint) -> Fix | None:
    engines = list(named_engines(case))
    first = found.node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(found.node.body) > 1:
        first = found.node.body[1]
    if len(engines) != 1 or first.lineno == found.node.lineno:
        return None
    engine, awaits = engines[0], isinstance(found.node, ast.AsyncFunctionDef)
    if engine.is_async is not awaits:
        return None
    asked = _ASK.format(enter="async with" if awaits else "with", engine=engine.name, wait="await " if awaits else "")
    edit = insert_before(found.file, first, asked)
    if edit is None:
        return None
    edits = (edit, *_imports(found, engine))
    return Fix(Applicability.REVIEW, "Ask the database, and answer 503 where it is silent.", edits)


def _imports(found: Endpoint, engine: NamedEngine) -> Iterator[Edit]:
    wanted = ["from fastapi import HTTPException", "from sqlalchemy import text"]
    if engine.file.path != found.file.path:
        wanted.append(f"from {engine.module} import {engine.name}")
    for statement in wanted:
        if statement.rpartition(" ")[2] not in found.file.bindings and (edit := imported(found.file, statement)):
            yield edit


def measure(case: Case) -> Iterator[Measure]:
    """The health route that has to do with the database."""
    routes = [it for it in endpoints(case) if HEALTH.search(it.route.path) and "GET" in it.route.methods]
    deep = [it for it in routes if has_database(case) and _asks(case, it.file, it.node)]
    for it in deep:
        yield Measure("C5", Verdict.HOLDS, f"{it.route.path} touches the database", it.route.location)
    if not deep:
        yield Measure("C5", Verdict.CANNOT_TELL, "there is no health route that could ask a database")


_PROJECT = {
    "requirements.txt": "fastapi\npsycopg[binary]\nsqlalchemy\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql+psycopg://user:password@localhost:5432/app\n",
}
_HEAD = """\
import os

from fastapi import FastAPI{}
from sqlalchemy import create_engine{}

engine = create_engine(os.environ["DATABASE_URL"], pool_pre_ping=True)
app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
"""
_OK = '    return {"status": "ok"}\n'
_ASKED = """\
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except Exception as error:
        raise HTTPException(503, "The database does not answer") from error
"""

RULE = Rule(
    code="APP012",
    name="shallow-health",
    summary="The health route never asks the database",
    check=check,
    measure=measure,
    fix="sometimes",
    requirements=("B10", "C5", "D2"),
    bad={**_PROJECT, "main.py": _HEAD.format("", "") + _OK},
    good={**_PROJECT, "main.py": _HEAD.format(", HTTPException", ", text") + _ASKED + _OK},
    expect=Expectation("main.py", 10, stage=Stage.PRODUCTION, observation=Answers(Request("/health"), status=200)),
)
