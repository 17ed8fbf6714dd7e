"""The start goes on although the tables could not be made

## What it finds
`create_all` in the lifespan, a startup handler or at import, inside a `try` whose handler takes whatever goes wrong
and goes on.

## Why it bites
The database is away for the ten seconds of a deployment: the tables are not made, a line goes to the log, and the
server says that it has started. The platform sends it everybody's requests, and each that needs a table is answered
with 500, for as long as the process lives: nothing tries again once the database is back. Had the start failed, the
platform would have kept the old version, or started this one again.

## What is flagged
The handler: `except Exception`, a bare `except` or that of SQLAlchemy's errors, without `raise` or an exit, round the
call or round the call of the function that makes it; where a documented URL is that of a database server.

## What is not
Handlers that try again (in a loop), that raise under some condition, or that end the process; a connection that is
only tried out, as the pool makes new ones by itself.

## Fix safety
Review: `raise` is put at the end of the handler, so that the start fails. Better still is to try again for some
seconds before (DB011 tells why), or to make the tables by a migration that runs before the server.

## Reference
https://fastapi.tiangolo.com/advanced/events/#lifespan
https://docs.railway.com/deployments/restart-policy
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Location, Related, Severity, Stage
from seatrial.project.syntax.nodes import walk
from seatrial.project.syntax.sites import last_name
from seatrial.rules.asynchronous import EventLoop, Part
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, FunctionNode
from seatrial.rules.edits import insert_after
from seatrial.rules.observation import Starts
from seatrial.rules.poolers import names_server
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_BROAD = frozenset({"Exception", "BaseException", "SQLAlchemyError", "DBAPIError", "OperationalError", "OSError"})
_ENDS = frozenset({"exit", "_exit", "quit", "kill", "abort"})
_HOPS = 4  # from the function that makes the tables up to the start


def check(case: Case) -> Iterator[Finding]:
    """One finding for each place where tables are made."""
    loaded = {module.path for module in case.timeline.loaded}
    loop = EventLoop(case)
    seen: set[ast.AST] = set()
    files = [file for file in case.code.holding("create_all") if file.path in loaded]
    for file in files if files and names_server(case) else ():
        for node in _makers(file):
            held = {it: where for where, it in _handlers(case, loop, file, node, 0) if it not in seen}
            seen.update(held)
            if held:
                yield _finding(list(held.items()), file.place(node))


def _makers(file: CodeFile) -> Iterator[ast.Attribute]:
    """`metadata.create_all`, called or handed to `run_sync`."""
    for node in walk(file.tree):
        if isinstance(node, ast.Attribute) and node.attr == "create_all":
            yield node


def _handlers(
    case: Case, loop: EventLoop, file: CodeFile, node: ast.expr, hops: int
) -> Iterator[tuple[CodeFile, ast.ExceptHandler]]:
    """The handlers round a place that swallow what fails there, on its way from the start."""
    function = file.sites.function_of(node)
    swallows = _swallower(file, node, function)
    if function is None or _is_startup(file, function):
        if swallows is not None and (function is not None or not _is_script(file, node)):
            yield file, swallows
        return
    for caller, call in _callers(case, loop, function) if hops < _HOPS else ():
        if swallows is not None and _starts_there(case, loop, caller, call, hops + 1):
            yield file, swallows
        yield from _handlers(case, loop, caller, call, hops + 1)


def _starts_there(case: Case, loop: EventLoop, file: CodeFile, node: ast.expr, hops: int) -> bool:
    """Whether the start comes to a place."""
    function = file.sites.function_of(node)
    if function is None or _is_startup(file, function):
        return function is not None or not _is_script(file, node)
    callers = _callers(case, loop, function) if hops < _HOPS else ()
    return any(_starts_there(case, loop, caller, call, hops + 1) for caller, call in callers)


def _callers(case: Case, loop: EventLoop, function: FunctionNode) -> Iterator[tuple[CodeFile, ast.Call]]:
    loaded = {module.path for module in case.timeline.loaded}
    for file in case.code.holding(f"{function.name}("):
        for call in file.sites.calls.get(function.name, ()) if file.path in loaded else ():
            owner = file.sites.function_of(call)
            part = Part(file, owner if owner is not None else function, "")
            found = loop.called(part, call)
            if found is not None and found.node is function and owner is not function:
                yield file, call


def _is_startup(file: CodeFile, function: FunctionNode) -> bool:
    """A lifespan, or a handler of the event `startup`."""
    said = " ".join(ast.unparse(it) for it in function.decorator_list)
    return "asynccontextmanager" in said or "startup" in said or function.name == "lifespan"


def _is_script(file: CodeFile, node: ast.AST) -> bool:
    """Whether it stands under `if __name__ == "__main__"`."""
    return any(isinstance(it, ast.If) and "__name__" in ast.unparse(it.test) for it in file.sites.around(node))


def _swallower(file: CodeFile, node: ast.AST, function: FunctionNode | None) -> ast.ExceptHandler | None:
    """The handler of the innermost `try` round a place in its function that goes on after everything."""
    inner: ast.AST = node
    for outer in file.sites.around(node):
        if outer is function or isinstance(outer, ast.For | ast.AsyncFor | ast.While):
            return None
        if isinstance(outer, ast.Try) and inner in outer.body:
            return next((it for it in outer.handlers if _is_broad(it) and not _ends(it)), None)
        inner = outer
    return None


def _is_broad(handler: ast.ExceptHandler) -> bool:
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(one is None or last_name(one) in _BROAD for one in types)


def _ends(handler: ast.ExceptHandler) -> bool:
    """Whether it passes the failure on, perhaps, or ends the process."""
    nodes = [node for statement in handler.body for node in ast.walk(statement)]
    return any(
        isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and last_name(node.func) in _ENDS) for node in nodes
    )


def _finding(handlers: list[tuple[ast.ExceptHandler, CodeFile]], made: Location) -> Finding:
    places = [_head(file, handler) for handler, file in handlers]
    edits = [insert_after(file, handler.body[-1], "raise") for handler, file in handlers]
    whole = tuple(edit for edit in edits if edit is not None)
    fix = Fix(Applicability.REVIEW, "Let the start fail.", whole) if len(whole) == len(edits) else None
    return Finding(
        location=places[0],
        reach=Reach.STARTUP,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem="The server starts even where its tables could not be made.",
        cause="The handler goes on after whatever goes wrong, and nothing tries again when the database is back.",
        fix=fix,
        no_fix_reason=None if fix else "The handler is written on one line.",
        related=(Related(made, "the tables are made here"), *(Related(it, "so does this") for it in places[1:])),
    )


def _head(file: CodeFile, handler: ast.ExceptHandler) -> Location:
    """The line of the `except`."""
    start = file.position(handler.lineno, handler.col_offset)
    return Location(file.path, start.line, start.column, start.line, len(file.lines[start.line - 1]) + 1)


_PROJECT = {
    "requirements.txt": "fastapi\npsycopg2-binary\nsqlalchemy==2.0.*\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql://user:password@localhost:5432/app\n",
}
_MAIN = """\
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import Column, Integer, MetaData, Table, create_engine

metadata = MetaData()
tasks = Table("tasks", metadata, Column("id", Integer, primary_key=True))
engine = create_engine(os.environ["DATABASE_URL"], pool_pre_ping=True)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    try:
        metadata.create_all(engine)
    except Exception:
        logging.exception("the tables could not be made")
{}    yield


app = FastAPI(lifespan=lifespan)


@app.get("/tasks")
def count() -> int:
    with engine.connect() as connection:
        return len(connection.execute(tasks.select()).all())
"""

RULE = Rule(
    code="APP014",
    name="swallowed-failure",
    summary="The start goes on although the tables could not be made",
    check=check,
    fix="sometimes",
    requirements=("B11", "C8"),
    bad={**_PROJECT, "main.py": _MAIN.format("")},
    good={**_PROJECT, "main.py": _MAIN.format("        raise\n")},
    expect=Expectation(
        "main.py",
        18,
        stage=Stage.PRODUCTION,
        observation=Starts((("DATABASE_URL", "postgresql://user:password@127.0.0.1:9/app"),)),
        database=True,
    ),
)
