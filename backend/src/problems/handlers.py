"""Exceptions -> problem documents. Each class is named: a handler of `Exception` would run outside the middleware, and
Starlette raises the exception once more after it, upon which uvicorn cuts the connection.
"""

from __future__ import annotations

import logging

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from src.database.failures import DatabaseUnavailable
from src.problems.problem import Problem, answer

log = logging.getLogger(__name__)

DETAILS = {
    404: "There is nothing here.",
    405: "This cannot be done here: see the Allow header.",
}


async def on_problem(_request: Request, problem: Problem) -> Response:
    """What a route found wrong."""
    return answer(problem.status, problem.detail, problem.headers)


async def on_http_exception(_request: Request, error: HTTPException) -> Response:
    """What the framework found wrong."""
    detail = DETAILS.get(error.status_code) or str(error.detail)
    return answer(error.status_code, detail, dict(error.headers) if error.headers else None)


async def on_invalid(_request: Request, error: RequestValidationError) -> Response:
    """What does not fit the schema: places and reasons, without repeating what was sent."""
    errors = [{"loc": list(map(place, one["loc"])), "msg": one["msg"], "type": one["type"]} for one in error.errors()]
    return answer(422, "The request does not have the form that is documented.", errors=errors)


def place(part: str | int) -> str | int:
    """A part of a path to a value. Names of fields may come from the client: they are told in a printable form."""
    return part if isinstance(part, int) else part.encode("utf-8", "replace").decode()[:100]


async def on_unavailable(_request: Request, error: DatabaseUnavailable) -> Response:
    """The database is away for longer than requests wait."""
    log.warning("the database is not available", extra={"error": type(error.__cause__).__name__})
    return unavailable(error.retry_after_s)


async def on_database_error(_request: Request, error: SQLAlchemyError) -> Response:
    """A failure that no second try mends: a fault of ours."""
    log.error("the database refused", exc_info=error)
    return answer(500, "Something went wrong. It has been noted.")


def unavailable(retry_after_s: int) -> Response:
    """503, with the time after which to come back."""
    return answer(503, "The service cannot do this at the moment. Try again.", {"Retry-After": str(retry_after_s)})


def install(app: FastAPI) -> None:
    """Register them."""
    app.add_exception_handler(Problem, on_problem)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, on_http_exception)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, on_invalid)  # type: ignore[arg-type]
    app.add_exception_handler(DatabaseUnavailable, on_unavailable)  # type: ignore[arg-type]
    for kind in (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        app.add_exception_handler(kind, on_database_error)  # type: ignore[arg-type]
