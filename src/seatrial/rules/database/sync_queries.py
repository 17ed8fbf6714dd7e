"""An async route asks the database by a synchronous session

## What it finds
An `async def` that FastAPI calls (an endpoint, a dependency) with a synchronous `Session` among its parameters, which
it uses.

## Why it bites
FastAPI runs an `async def` on the event loop, and a plain `def` in a thread. A synchronous session waits for the
database without letting others run: one slow query, a lock, a database that wakes up for five seconds, and no request
of anybody is answered, not even the health route. The service handles one query at a time.

## What is flagged
The functions, once for each file.

## What is not
Plain `def` functions, sessions of SQLAlchemy's asyncio part, and sessions that are only handed to `run_in_threadpool`
or `asyncio.to_thread`.

## Fix safety
Review: `async def` becomes `def` where nothing in the function is awaited; FastAPI then runs it in a thread, of which
there are 40. None where something is awaited.

## Reference
https://fastapi.tiangolo.com/async/#path-operation-functions
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Position, Related, Severity, Stage
from seatrial.project.syntax.sites import last_name
from seatrial.rules.asynchronous import EventLoop, Part
from seatrial.rules.case import Case
from seatrial.rules.code import FunctionNode
from seatrial.rules.observation import Blocked
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.sessions import QUERIES, is_sync_session, session_parameters
from seatrial.simulation.timeline import Reach

_THREADS = frozenset({"run_in_threadpool", "to_thread", "run_sync", "run_in_executor", "add_task", "submit"})
_WAITING = ast.Await | ast.AsyncFor | ast.AsyncWith


def check(case: Case) -> Iterator[Finding]:
    """One finding for each file and for each way out."""
    loop = EventLoop(case)
    found: dict[tuple[str, bool], list[Part]] = {}
    for part in loop.entries():
        sessions = session_parameters(case, part.file, part.node, is_sync_session)
        if sessions and _asks(loop, part, sessions):
            found.setdefault((part.file.path, _can_be_plain(case, part)), []).append(part)
    for (_, plain), parts in found.items():
        yield _finding(parts, plain)


def _asks(loop: EventLoop, part: Part, sessions: frozenset[str]) -> bool:
    """Whether the function queries by one of these sessions, or has another function do it."""
    for call in loop.calls(part):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if isinstance(owner, ast.Name) and owner.id in sessions and last_name(call.func) in QUERIES:
            return True
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        handed = any(isinstance(it, ast.Name) and it.id in sessions for it in given)
        if handed and last_name(call.func) not in _THREADS and loop.called(part, call) is not None:
            return True
    return False


def _can_be_plain(case: Case, part: Part) -> bool:
    """Whether nothing is awaited in the function, and the function by nobody."""
    for statement in part.node.body:
        for node in ast.walk(statement):
            waits = isinstance(node, _WAITING) or (isinstance(node, ast.comprehension) and node.is_async)
            inner = next((it for it in part.file.sites.around(node) if isinstance(it, FunctionNode)), None)
            if (waits and inner is part.node) or (isinstance(node, ast.Name) and node.id == "asyncio"):
                return False
    return next(case.code.holding(f"await {part.node.name}("), None) is None


def _finding(parts: list[Part], plain: bool) -> Finding:
    first, *others = parts
    more = f" So do others of this file ({len(others)})." if others else ""
    fix = Fix(Applicability.REVIEW, "Let FastAPI run it in a thread.", tuple(_edit(it) for it in parts))
    return Finding(
        location=_head(first),
        reach=Reach.REQUEST,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem=f"`{first.node.name}` asks the database on the event loop.{more}",
        cause=f"The session is synchronous: while the database works for {first.route}, nobody else is answered.",
        fix=fix if plain else None,
        no_fix_reason=None if plain else "It awaits other things: use an AsyncSession, or query in run_in_threadpool.",
        related=tuple(Related(_head(it), "here too") for it in others),
    )


def _head(part: Part) -> Location:
    """`async def name`."""
    start = part.file.position(part.node.lineno, part.node.col_offset)
    text = part.file.lines[start.line - 1]
    end = text.find(part.node.name, start.column - 1) + len(part.node.name) + 1
    return Location(part.file.path, start.line, start.column, start.line, end)


def _edit(part: Part) -> Edit:
    """Take `async` away, with the blanks behind it."""
    start = part.file.position(part.node.lineno, part.node.col_offset)
    text = part.file.lines[start.line - 1]
    return Edit(part.file.path, start, Position(start.line, text.index("def", start.column - 1) + 1), "")


_PROJECT = {
    "requirements.txt": "fastapi\npsycopg2-binary\nsqlalchemy==2.0.*\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql://user:password@localhost:5432/app\n",
}
_MAIN = """\
import os
from collections.abc import Iterator

from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine(os.environ["DATABASE_URL"], pool_pre_ping=True)
app = FastAPI()


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


@app.get("/report")
{}def report(session: Session = Depends(get_session)) -> str:
    return str(session.scalar(text("select pg_sleep(600)")))
"""

RULE = Rule(
    code="DB019",
    name="sync-queries",
    summary="An async route asks the database by a synchronous session",
    check=check,
    fix="sometimes",
    requirements=("A4", "B10"),
    bad={**_PROJECT, "main.py": _MAIN.format("async ")},
    good={**_PROJECT, "main.py": _MAIN.format("")},
    expect=Expectation(
        "main.py", 18, stage=Stage.PRODUCTION, observation=Blocked("/report", "database"), database=True
    ),
)
