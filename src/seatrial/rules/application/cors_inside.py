"""A middleware answers before CORS has its say

## What it finds
A middleware that is added after `CORSMiddleware` and answers some requests by itself: a limiter's 429, a 401 of an
authentication.

## Why it bites
What is added last stands outermost. Its answers never pass the `CORSMiddleware` and have none of its headers, so the
browser hides them from the front end, which sees a "CORS error" instead of "too many requests" or "sign in again". If
it refuses what has no token, it refuses every preflight as well, since a browser sends none with it: then no call of
the front end works at all.

## What is flagged
The `CORSMiddleware`, where a later middleware of the same application returns a response that it made itself:
a class or function of the backend, or slowapi's.

## What is not
Middleware that only changes the answers of what is within, and answers made by `HTTPException` in a route.

## Fix safety
Review: the `CORSMiddleware` is added behind the other, and so stands outside it.

## Reference
https://fastapi.tiangolo.com/advanced/middleware/
https://starlette.dev/middleware/#corsmiddleware
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Related, Severity, Stage
from seatrial.project.syntax.sites import last_name
from seatrial.rules.asynchronous import EventLoop
from seatrial.rules.case import Case
from seatrial.rules.code import FunctionNode
from seatrial.rules.observation import Answers, Request
from seatrial.rules.played import APPLICATION, Written, written
from seatrial.rules.reorder import move_down
from seatrial.rules.rule import Expectation, Finding, Rule

_SLOWAPI = ("SlowAPIMiddleware", "SlowAPIASGIMiddleware")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each CORSMiddleware."""
    loop = EventLoop(case)
    added = list(written(case, *(f"{app}.{name}" for app in APPLICATION for name in ("add_middleware", "middleware"))))
    for index, found in enumerate(added):
        given = _class(found)
        if given is None or last_name(given) != "CORSMiddleware":
            continue
        outer = [it for it in added[index + 1 :] if _same_place(found, it) and _answers(loop, it)]
        if outer:
            yield _finding(found, outer)


def _class(found: Written) -> ast.expr | None:
    return found.node.args[0] if found.node.args and not isinstance(found.node.args[0], ast.Constant) else None


def _same_place(one: Written, other: Written) -> bool:
    """Whether both are added to one application, at one level of one file."""
    return (
        one.file is other.file
        and ast.unparse(one.node.func).partition(".")[0] == ast.unparse(other.node.func).partition(".")[0]
        and _block(one) is not None
        and _block(one) is _block(other)
    )


def _block(found: Written) -> ast.AST | None:
    """What the statement of a call stands in."""
    statement = found.file.sites.statement_of(found.node)
    return found.file.sites.parent_of(statement) if statement is not None else None


def _answers(loop: EventLoop, found: Written) -> bool:
    """Whether a middleware makes answers of its own."""
    given = _class(found)
    if given is None:  # a decorator: the function below it
        function = found.file.sites.parent_of(found.node)
        return isinstance(function, FunctionNode) and _makes_response(function)
    if last_name(given) in _SLOWAPI:
        return True
    defined = loop.defined(found.file, given)
    body = defined[1].body if defined is not None and isinstance(defined[1], ast.ClassDef) else []
    methods = (it for it in body if isinstance(it, FunctionNode) and it.name in ("dispatch", "__call__"))
    return any(_makes_response(it) for it in methods)


def _makes_response(function: FunctionNode) -> bool:
    """Whether it makes a response, other than of one that it was given from within."""
    handlers = {node for it in ast.walk(function) if isinstance(it, ast.ExceptHandler) for node in ast.walk(it)}
    calls = (it for it in ast.walk(function) if isinstance(it, ast.Call) and it not in handlers)
    return any(last_name(it.func).endswith("Response") and not _reuses(it) for it in calls)


def _reuses(call: ast.Call) -> bool:
    return any(isinstance(it, ast.Name) and "resp" in it.id.lower() for part in _parts(call) for it in ast.walk(part))


def _parts(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _finding(found: Written, outer: list[Written]) -> Finding:
    first, last = _statement(found), _statement(outer[-1])
    edits = move_down(found.file, first, last) if first is not None and last is not None else None
    names = ", ".join(dict.fromkeys(_name(it) for it in outer))
    return Finding(
        location=found.place,
        reach=found.call.reach,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem=f"Answers of {names} reach no browser: they never pass the CORSMiddleware.",
        cause="What is added last stands outermost, and answers without those that were added before it.",
        fix=Fix(Applicability.REVIEW, "Add the CORSMiddleware last.", edits) if edits else None,
        no_fix_reason=None if edits else "How the middleware is added cannot be edited exactly.",
        related=tuple(Related(it.place, "added later, so outside") for it in outer),
    )


def _statement(found: Written) -> ast.stmt | None:
    return found.file.sites.statement_of(found.node)


def _name(found: Written) -> str:
    given = _class(found)
    statement = _statement(found)
    return f"`{last_name(given)}`" if given is not None else f"`{getattr(statement, 'name', 'a middleware')}`"


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_HEAD = """\
import os

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class TokenMiddleware(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        if request.url.path.startswith("/tasks") and "authorization" not in request.headers:
            return JSONResponse({"detail": "Sign in again"}, status_code=401)
        return await call_next(request)


app = FastAPI()
"""
_CORS = 'app.add_middleware(CORSMiddleware, allow_origins=[os.environ.get("FRONT", "https://app.example.com")])\n'
_TOKEN = "app.add_middleware(TokenMiddleware)\n"

RULE = Rule(
    code="APP015",
    name="cors-inside",
    summary="A middleware answers before CORS has its say",
    check=check,
    fix="sometimes",
    requirements=("A5", "C4"),
    bad={**_PROJECT, "main.py": _HEAD + _CORS + _TOKEN},
    good={**_PROJECT, "main.py": _HEAD + _TOKEN + _CORS},
    expect=Expectation(
        "main.py",
        18,
        stage=Stage.PRODUCTION,
        observation=Answers(
            Request("/tasks", headers=(("Origin", "https://app.example.com"),)),
            status=401,
            lacks=("access-control-allow-origin",),
        ),
    ),
)
