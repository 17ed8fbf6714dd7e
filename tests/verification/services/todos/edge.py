"""What stands before the endpoints: the limit of a body's size, headers, CORS, and how errors are told."""

from __future__ import annotations

import logging
import sqlite3

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .settings import Settings

LOG = logging.getLogger("todos")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class BodyLimit:
    """Answers 413 as soon as a body is known to be too large, declared or not."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = JSONResponse({"message": "The body is too large."}, 413)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self.most:
            await refusal(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            # A reader that is told of a departed client gives up, whatever it makes of it.
            return {"type": "http.disconnect"} if seen > self.most else message

        async def unless_refused(message: Message) -> None:
            if seen <= self.most:
                await send(message)

        try:
            await self.app(scope, counted, unless_refused)
        except ClientDisconnect:
            if seen <= self.most:
                raise
        if seen > self.most:
            await refusal(scope, receive, send)


class Headers:
    """Adds to every answer what browsers and caches have to know."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self.app = app
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cache-Control"] = "no-store"
                if self.secure:
                    headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
            await send(message)

        await self.app(scope, receive, with_headers)


def install(app: FastAPI, settings: Settings) -> None:
    """Put all of it around the application, the outermost last."""
    app.add_middleware(BodyLimit, most=settings.body_bytes)
    app.add_middleware(Headers, secure=settings.secure)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[settings.frontend],
        allow_credentials=True,
        allow_methods=METHODS,
        allow_headers=["content-type", "authorization"],
        max_age=600,
    )
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(sqlite3.OperationalError, _unavailable)
    app.add_exception_handler(Exception, _unexpected)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # The input is not repeated: it may hold what JSON cannot say.
    fields = [{"at": [str(it) for it in entry["loc"]], "message": entry["type"]} for entry in error.errors()]
    return JSONResponse({"message": "The request is not valid.", "errors": fields}, 422)


async def _unavailable(_request: Request, error: Exception) -> Response:
    LOG.warning("the database does not answer", exc_info=error)
    return JSONResponse({"message": "The service is not available."}, 503, headers={"Retry-After": "5"})


async def _unexpected(_request: Request, error: Exception) -> Response:
    LOG.error("unexpected", exc_info=error)
    return JSONResponse({"message": "Something went wrong."}, 500)
