"""The outermost of the edge: gives a request its number, and its answer the headers; counts and logs both."""

from __future__ import annotations

import logging
import re
import time
import uuid
from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.observability.context import REQUEST_ID
from src.observability.metrics import Metrics

log = logging.getLogger("src.access")

FIT = re.compile(rb"[A-Za-z0-9_.:-]{8,128}")
POLICY = b"content-security-policy"
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
PRODUCTION_HEADERS = ((b"strict-transport-security", b"max-age=63072000; includeSubDomains"),)
NOTHING_LOADS = (POLICY, b"default-src 'none'; frame-ancestors 'none'")


@dataclass(slots=True)
class Draining:
    """Whether the server is on its way down: answers then tell clients to take another connection."""

    on: bool = False


@dataclass(slots=True)
class Envelope:
    """See the module."""

    app: ASGIApp
    metrics: Metrics
    draining: Draining
    production: bool
    headers: list[tuple[bytes, bytes]] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = [*HEADERS, *(PRODUCTION_HEADERS if self.production else ())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request_id = number_of(scope)
        token = REQUEST_ID.set(request_id)
        encoded = (b"x-request-id", request_id.encode())
        began = time.perf_counter()
        status = 499

        async def envelop(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], *self.headers, encoded]
                if not any(name == POLICY for name, _ in message["headers"]):
                    headers.append(NOTHING_LOADS)
                if self.draining.on:
                    headers.append((b"connection", b"close"))
                message["headers"] = headers
                vary(message)
            await send(message)

        try:
            await self.app(scope, receive, envelop)
        finally:
            self.note(scope, status, time.perf_counter() - began)
            REQUEST_ID.reset(token)

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count the answer and log it; 499 where the client went away before there was one."""
        route = getattr(scope.get("route"), "path", "")
        self.metrics.answered(scope["method"] if route else "-", route, status, seconds)
        if log.isEnabledFor(logging.INFO):
            said = {
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "ms": round(seconds * 1000, 2),
                "client": scope.get("client_address", "-"),
            }
            log.info("answered", extra=said)


def number_of(scope: Scope) -> str:
    """The number that came with the request, if it is one; otherwise a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and FIT.fullmatch(value):
            return str(value.decode())
    return uuid.uuid4().hex


def vary(message: Message) -> None:
    """Say to caches that answers differ by origin, also where one was refused."""
    if not any(name == b"vary" for name, _ in message["headers"]):
        message["headers"].append((b"vary", b"Origin"))
    elif not any(name == b"vary" and b"origin" in value.lower() for name, value in message["headers"]):
        MutableHeaders(raw=message["headers"]).add_vary_header("Origin")
