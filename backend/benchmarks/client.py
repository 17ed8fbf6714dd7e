"""A client that costs little: one request after the other on each of some connections."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

CLIENTS = 16


@dataclass(slots=True)
class Outcome:
    """Seconds of each request that was answered 200, and how many were not."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0


class Asker(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Iterator[bytes], deadline: float, outcome: Outcome) -> None:
        self.requests, self.deadline, self.outcome = requests, deadline, outcome
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer, self.began = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """Send the next request, or end."""
        self.began = time.perf_counter()
        if self.began >= self.deadline:
            self.transport.close()
            return
        self.buffer = b""
        self.transport.write(next(self.requests))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        if self.buffer.startswith(b"HTTP/1.1 200"):
            self.outcome.seconds.append(time.perf_counter() - self.began)
        else:
            self.outcome.failed += 1
        self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def get(path: str, token: str) -> bytes:
    """A request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def ask(port: int, requests: list[bytes], seconds: float, clients: int = CLIENTS) -> Outcome:
    """Ask for so many seconds; the clients take the requests by turns."""
    outcome = Outcome()
    loop = asyncio.get_running_loop()
    deadline = time.perf_counter() + seconds
    turns = itertools.cycle(requests)
    made = [
        await loop.create_connection(lambda: Asker(turns, deadline, outcome), "127.0.0.1", port) for _ in range(clients)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in made))
    return outcome
