"""Keeps requests within what the process can bear, and failures within the request."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.edge.address import client_address
from src.edge.bodies import Bodies, Gone, NoRoom
from src.edge.limits import Limiter
from src.observability.metrics import Metrics
from src.problems.handlers import unavailable
from src.problems.problem import Problem, answer

log = logging.getLogger(__name__)

HEALTH = "/health"


@dataclass(slots=True)
class Guard:
    """Turns away what is too much (503), too often (429) or too large (413), and answers 500 for what nobody foresaw.

    An exception that left the application here would make the server cut the connection: Starlette raises it once more
    after it has answered.
    """

    app: ASGIApp
    limiter: Limiter
    metrics: Metrics
    bodies: Bodies
    in_flight_limit: int
    address_header: bytes | None
    in_flight: int = 0

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
        address = scope["client_address"] = client_address(scope, self.address_header)
        if scope["path"].startswith(HEALTH):
            return await self.app(scope, receive, send)
        size = self.size_of(scope)
        if size > self.bodies.limit:
            return await too_large()(scope, receive, send)
        try:
            with self.metrics.in_flight.track_inprogress():
                if size == 0:
                    with self.place():
                        await self.limiter.admit_address(address)
                        return await self.app(scope, receive, send)
                with self.bodies.kept(address, size):
                    await self.with_body(scope, receive, send)
        except NoRoom:
            self.metrics.refused.labels("overload").inc()
            await unavailable(1)(scope, receive, send)
        except Gone:
            pass

    async def with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request, wait for its body, and only then take a place among those at work."""
        address = scope["client_address"]
        with self.bodies.arriving(address):
            await self.limiter.admit_address(address)
            whole = await self.bodies.whole(receive)
        with self.place():
            await self.app(scope, whole, send)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among the requests at work.

        Raises:
            NoRoom: there is none.
        """
        if self.in_flight >= self.in_flight_limit:
            raise NoRoom
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    def size_of(self, scope: Scope) -> int:
        """Bytes that the request says its body has; the most that is allowed, where it does not say."""
        if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            return 0
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        if length.isdecimal():
            return int(length[:20])
        return self.bodies.limit if "transfer-encoding" in headers else 0


def too_large() -> ASGIApp:
    """413; what follows of the request is not read, so the connection ends."""
    return answer(413, "The request is larger than allowed.", {"Connection": "close"})
