"""Sends requests to the one server that was named, and to no other: bounded in number, time and size, and paced.

Redirects are answers like any other, cookies are nobody's but those of the request, proxies are not asked, and
bodies are read up to a limit. Whatever goes wrong on the way is an `Unclear`, never another exception.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

import httpx

from seatrial import __version__
from seatrial.verification.bodies import read_body
from seatrial.verification.clock import Clock
from seatrial.verification.exchange import NOBODY, Answer, Exchange, Headers, Request
from seatrial.verification.pacing import Pace
from seatrial.verification.probe import Unclear

REQUESTS = 160  # for a whole run
PATIENCE_S = 10.0  # for one answer, from sending to its last byte
BODY = 256 * 1024  # bytes that are read of one answer
_PIECE = 64 * 1024  # bytes
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PORTS = {"http": 80, "https": 443}
T = TypeVar("T")


class Interrupted(BaseException):
    """Somebody wants the run to end. Raised by the client only, so that it never falls between two bookings."""


class Unreachable(Unclear):
    """No answer came: refused, cut off, too slow, or not HTTP."""


class Spent(Unclear):
    """The requests or the time of this run are used up."""


@dataclass(slots=True)
class Client:
    """A connection to one origin (`https://api.example.com`), with a budget.

    `limit` is the number of requests that a run may send, of which `reserve` are kept for cleaning up and `kept` for
    the last controls; `extra` raises it for one probe. `deadline` is a time of the clock after which nothing is
    sent. While `patient`, an answer that asks for patience is asked for again. `ledger` holds every exchange of the
    run. `signals` counts the interruptions; while `cleaning`, the first is let pass.
    """

    origin: str
    limit: int = REQUESTS
    deadline: float = float("inf")
    patience_s: float = PATIENCE_S
    reserve: int = 0
    kept: int = 0
    extra: int = 0
    ledger: list[Exchange] = field(default_factory=list)
    sent: int = 0
    pace: Pace = field(default_factory=Pace)
    clock: Clock = field(default_factory=Clock)
    patient: bool = True
    interrupted: bool = False
    signals: int = 0
    cleaning: bool = False
    _loop: asyncio.AbstractEventLoop | None = None
    _task: asyncio.Task[object] | None = None
    _transport: httpx.AsyncHTTPTransport | None = None

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Headers = (),
        body: bytes = b"",
        by: str = NOBODY,
        note: str = "",
        paced: bool = True,
        patience_s: float | None = None,
    ) -> Exchange:
        """The answer to one request; `path` begins with a slash, or is a whole URL of the same host.

        With `paced`, an answer that asks for patience (429, or 503 with Retry-After) is asked for again after that
        time. Raises Spent, Unreachable or Interrupted.
        """
        request = Request(method, self._url(path), _complete(headers), body, by, note)
        while True:
            self._wait(self.pace.due(request, self.clock), "to keep the pace that the server asks for")
            exchange = self._exchange(request, patience_s or self.patience_s)
            again = self.pace.note(exchange, self.clock)
            if not (paced and self.patient) or again is None:
                return exchange
            self._wait(again, f"because the server answered {exchange.status}")

    def wait(self, seconds: float) -> None:
        """Let time pass, as long as nobody interrupts. Raises Interrupted, and Spent beyond the deadline."""
        self._wait(seconds, "for the server")

    def interrupt(self) -> None:
        """End the request that is under way and let no other begin. Safe in a signal handler.

        A clean-up goes on: it takes a second interruption to end that.
        """
        self.signals += 1
        if self.cleaning and self.signals < 2:
            return
        self.interrupted = True
        if self._loop is not None and self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)

    def close(self) -> None:
        """Close the connections."""
        if self._loop is None:
            return
        if self._transport is not None:
            self._loop.run_until_complete(self._transport.aclose())
        # Bodies that were not read to their end are still being let go.
        while pending := asyncio.all_tasks(self._loop):
            self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
        self._loop = self._transport = None

    @property
    def left(self) -> int:
        """How many requests a probe may still send."""
        return self.limit + self.extra - self.reserve - self.kept - self.sent

    def afford(self, requests: int) -> None:
        """See that so many requests may still be sent. Raises Spent, before anything is begun that has to be undone."""
        if self.left < requests:
            self._spent()

    def _spent(self) -> NoReturn:
        raise Spent(f"the budget of {self.limit + self.extra} requests is used up", "a larger --budget settles it")

    def _url(self, path: str) -> str:
        if not path.startswith("/"):
            same = urlsplit(path).hostname == urlsplit(self.origin).hostname
            if not same:
                raise Unclear(f"{path} is not at {self.origin}, and no other host is asked")
            return path
        return self.origin + path

    def _exchange(self, request: Request, patience_s: float) -> Exchange:
        tries = 2 if request.method in _SAFE else 1
        for attempt in range(tries):
            self._allow()
            self.sent += 1
            try:
                answer = self._run(self._ask(request, patience_s))
                break
            except _Stale:
                # A server may close an idle connection at any time; asking once more changes nothing.
                if attempt + 1 == tries:
                    raise Unreachable(f"{request.url} closed the connection without an answer") from None
        if answer.status >= 500:
            self._hang_up()
        exchange = Exchange(self.sent, request, answer)
        self.ledger.append(exchange)
        return exchange

    def _hang_up(self) -> None:
        """Begin the next request on a new connection: uvicorn ends one after an exception, and does not say so."""
        if self._transport is not None:
            self._run(self._transport.aclose())
            self._transport = None

    def _allow(self) -> None:
        if self.interrupted:
            raise Interrupted
        if self.left <= 0:
            self._spent()
        if self.clock.now() >= self.deadline:
            raise Spent("the time of the run is over", "a longer --seconds settles it")

    def _wait(self, seconds: float, why: str) -> None:
        if seconds <= 0:
            return
        if self.clock.now() + seconds >= self.deadline:
            raise Spent(f"it would take {seconds:.0f} s more {why}", "a longer --seconds settles it")
        if self.interrupted:
            raise Interrupted
        self._run(self.clock.pause(seconds))

    def _run(self, work: Coroutine[object, object, T]) -> T:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        self._task = task = self._loop.create_task(work)
        try:
            return self._loop.run_until_complete(task)
        except asyncio.CancelledError:
            raise Interrupted from None
        finally:
            self._task = None

    async def _ask(self, request: Request, patience_s: float) -> Answer:
        url = request.url
        began = time.monotonic()
        try:
            async with asyncio.timeout(patience_s):
                return await self._answer(request, began)
        except TimeoutError:
            raise Unreachable(f"{url} gave no whole answer within {patience_s:.0f} s") from None
        except httpx.RemoteProtocolError as error:
            if "without sending" in str(error) or "GOAWAY" in str(error):
                raise _Stale from None
            raise Unreachable(f"{url} does not speak HTTP as it should: {_brief(error)}") from None
        except (httpx.ReadError, httpx.WriteError, httpx.CloseError) as error:
            if request.method in _SAFE:
                raise _Stale from None
            raise Unreachable(f"{url} broke the connection off: {_brief(error)}") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
            raise Unreachable(f"{url} cannot be reached: {_brief(error)}") from None

    async def _answer(self, request: Request, began: float) -> Answer:
        if self._transport is None:
            # The certificates of this machine take a while to load, and are of no use without TLS.
            trusted: ssl.SSLContext | bool = self.origin.startswith("https:") and ssl.create_default_context()
            self._transport = httpx.AsyncHTTPTransport(http2=True, verify=trusted)
            began = time.monotonic()
        in_pieces = any(name.lower() == "transfer-encoding" for name, _ in request.headers)
        content = _pieces(request.body) if in_pieces else request.body
        outgoing = httpx.Request(request.method, request.url, headers=list(request.headers), content=content)
        response = await self._transport.handle_async_request(outgoing)
        try:
            headers = tuple((_text(name), _text(value)) for name, value in response.headers.raw)
            body, cut = await read_body(response, BODY)
        finally:
            await response.aclose()
        version = bytes(response.extensions.get("http_version", b"HTTP/1.1")).decode("ascii", "replace")
        return Answer(response.status_code, headers, body, time.monotonic() - began, cut, version)


class _Stale(Exception):
    """The server closed a connection instead of answering."""


def origin_of(url: str) -> str:
    """The scheme, host and port of a URL as a browser writes its origin. Raises ValueError where it has none."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{url!r} is not an http or https URL")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != _PORTS[parts.scheme] else "")


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    """The body piece by piece, so that its length is not told."""
    for at in range(0, len(body), _PIECE):
        yield body[at : at + _PIECE]


def _complete(headers: Headers) -> Headers:
    given = {name.lower() for name, _ in headers}
    usual = (("User-Agent", f"seatrial/{__version__}"), ("Accept", "*/*"), ("Accept-Encoding", "identity"))
    return headers + tuple(pair for pair in usual if pair[0].lower() not in given)


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
