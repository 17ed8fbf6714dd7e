"""Bodies on their way in. They come as fast as the client sends them, so they wait in a place of their own: who sends
slowly, or not at all, keeps nobody from being served, and of the room for bodies each address has a part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.types import Message, Receive

from src.problems.problem import Problem

# A body has this long, and longer by what has come of it at the slowest speed that is waited for (bytes a second).
PATIENCE_S = 10.0
SLOWEST = 16 * 1024
# Of all places and bytes, the part that one address may hold; always enough for one body.
PART = 8
CLOSE = {"Connection": "close"}


class Gone(Exception):
    """The client went away before its request was whole."""


class NoRoom(Exception):
    """All places for bodies are taken."""


@dataclass(slots=True)
class Held:
    """Bodies of one address: how many are on their way, and the bytes that are kept for them."""

    on_the_way: int = 0
    size: int = 0


@dataclass(slots=True)
class Bodies:
    """`limit`: bytes of one body; `room`: bytes of all that are held; `places`: how many may be on their way."""

    limit: int
    room: int
    places: int
    size: int = 0
    on_the_way: int = 0
    held: dict[str, Held] = field(default_factory=dict)

    @contextmanager
    def kept(self, address: str, size: int) -> Iterator[None]:
        """Keep room for a body, until its request has been answered.

        Raises:
            NoRoom: there is none.
            Problem: 429, the address has its part already.
        """
        share = self.held.setdefault(address, Held())
        try:
            if self.size + size > self.room:
                raise NoRoom
            if share.size + size > max(self.limit, self.room // PART):
                raise too_many()
            share.size += size
            self.size += size
            try:
                yield
            finally:
                share.size -= size
                self.size -= size
        finally:
            self.forget(address, share)

    @contextmanager
    def arriving(self, address: str) -> Iterator[None]:
        """A place among the bodies on their way.

        Raises:
            NoRoom: there is none.
            Problem: 429, the address has its part already.
        """
        share = self.held.setdefault(address, Held())
        try:
            if self.on_the_way >= self.places:
                raise NoRoom
            if share.on_the_way >= max(1, self.places // PART):
                raise too_many()
            share.on_the_way += 1
            self.on_the_way += 1
            try:
                yield
            finally:
                share.on_the_way -= 1
                self.on_the_way -= 1
        finally:
            self.forget(address, share)

    async def whole(self, receive: Receive) -> Receive:
        """Wait for the body as long as it keeps coming; the request, with all of it.

        Raises:
            Gone: the client went away.
            Problem: 408, it comes too slowly; 413, it is larger than allowed.
        """
        parts: list[bytes] = []
        received = 0
        began = asyncio.get_running_loop().time()
        while True:
            try:
                async with asyncio.timeout_at(began + PATIENCE_S + received / SLOWEST):
                    message = await receive()
            except TimeoutError:
                raise Problem(408, "The request did not come in time.", CLOSE) from None
            if message["type"] != "http.request":
                raise Gone
            parts.append(message.get("body", b""))
            received += len(parts[-1])
            if received > self.limit:
                raise Problem(413, "The request is larger than allowed.", CLOSE)
            if not message.get("more_body", False):
                return replay(b"".join(parts), receive)

    def forget(self, address: str, share: Held) -> None:
        """Addresses that hold nothing are not remembered."""
        if not share.size and not share.on_the_way:
            self.held.pop(address, None)


def too_many() -> Problem:
    """429: other requests of this address are still on their way."""
    return Problem(429, "Too many of your requests are on their way at once.", {"Retry-After": "1"})


def replay(body: bytes, receive: Receive) -> Receive:
    """The request's messages once more: its body at once, then what really comes."""
    given = False

    async def take() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return take
