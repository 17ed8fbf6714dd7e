"""Keeps requests within what the process can bear, and failures within the request."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.edge.address import client_address
from src.edge.limits import Limiter
from src.observability.metrics import Metrics
from src.problems.handlers import unavailable
from src.problems.problem import Problem, answer

log = logging.getLogger(__name__)

HEALTH = "/health"
# For a whole body: who sends nothing more holds a place that others wait for.
BODY_PATIENCE_S = 30.0


@dataclass(slots=True)
class Guard:
    """Turns away what is too much (503), too often (429) or too large (413), and answers 500 for what nobody foresaw.

    An exception that left the application here would make the server cut the connection: Starlette raises it once more
    after it has answered.
    """

    app: ASGIApp
    limiter: Limiter
    metrics: Metrics
    body_limit: int
    bodies_limit: int
    in_flight_limit: int
    address_header: bytes | None
    in_flight: int = 0
    bodies: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.admit(scope, receive, watch)
        except Problem as problem:
            await answer(problem.status, problem.detail, problem.headers)(scope, receive, send)
        except Exception:
            log.exception("a fault that nobody foresaw")
            if started:
                raise
            await answer(500, "Something went wrong. It has been noted.")(scope, receive, send)

    async def admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or say why not. Whether the service lives is always answered."""
        scope["client_address"] = client_address(scope, self.address_header)
        if scope["path"].startswith(HEALTH):
            return await self.app(scope, receive, send)
        size = self.size_of(scope)
        if size > self.body_limit:
            return await too_large()(scope, receive, send)
        if self.in_flight >= self.in_flight_limit or self.bodies + size > self.bodies_limit:
            self.metrics.refused.labels("overload").inc()
            return await unavailable(1)(scope, receive, send)
        self.in_flight += 1
        self.bodies += size
        self.metrics.in_flight.inc()
        try:
            await self.limiter.admit_address(scope["client_address"])
            await self.app(scope, self.bounded(scope, receive), send)
        finally:
            self.in_flight -= 1
            self.bodies -= size
            self.metrics.in_flight.dec()

    def size_of(self, scope: Scope) -> int:
        """Bytes that the request says its body has; the most that is allowed, where it does not say."""
        if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            return 0
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        if length.isdigit():
            return int(length[:20])
        return self.body_limit if "transfer-encoding" in headers else 0

    def bounded(self, scope: Scope, receive: Receive) -> Receive:
        """The request's body, ending in 413 where it grows over the limit without having said so, and in 408 where it
        does not come.
        """
        if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            return receive
        left = self.body_limit
        deadline: float | None = asyncio.get_running_loop().time() + BODY_PATIENCE_S

        async def take() -> Message:
            nonlocal left, deadline
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, "The request did not come in time.", {"Connection": "close"}) from None
            left -= len(message.get("body", b""))
            if not message.get("more_body", False):
                deadline = None
            if left < 0:
                # FastAPI lets this class through while it reads a body, and makes 400 of others.
                raise HTTPException(413, "The request is larger than allowed.", {"Connection": "close"})
            return message

        return take


def too_large() -> ASGIApp:
    """413; what follows of the request is not read, so the connection ends."""
    return answer(413, "The request is larger than allowed.", {"Connection": "close"})
