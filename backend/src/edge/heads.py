"""Heads of requests that do not come. uvicorn waits for them without end, and each holds a connection, of which a
process has so many.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# From when a connection is made, or the first byte of its next request comes, until its head is whole.
PATIENCE_S = 20.0


class PatientProtocol(HttpToolsProtocol):
    """A connection that ends where the head of a request does not come in time."""

    waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.wait()

    def data_received(self, data: bytes) -> None:
        if self.waiting is None and (self.cycle is None or self.cycle.response_complete):
            self.wait()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self.wait_no_more()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self.wait_no_more()
        super().connection_lost(exc)

    def wait(self) -> None:
        """End the connection after a while."""
        self.waiting = self.loop.call_later(PATIENCE_S, self.give_up)

    def wait_no_more(self) -> None:
        """Let it go on."""
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None

    def give_up(self) -> None:
        """Nobody is told: whoever has not said what they want by now may not listen either."""
        self.waiting = None
        if not self.transport.is_closing():
            self.transport.close()
