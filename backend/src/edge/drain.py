"""SIGTERM: for a moment the server goes on as before, and only tells clients to take another connection next time.

Servers that close at once cut connections on which a request is just under way. So the platform gets the time to send
clients elsewhere: `/health` answers 503, every answer closes its connection, and new connections are still taken. Then
uvicorn's own shutdown follows, which waits for the requests at work.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from src.edge.envelope import Draining

log = logging.getLogger(__name__)

Handler = Callable[[int, FrameType | None], Any]


@contextmanager
def drain_on_sigterm(draining: Draining, grace_s: float) -> Iterator[None]:
    """Put the grace before what the server does on SIGTERM. Only a first thread may do that; others do without."""
    if grace_s <= 0 or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    servers = signal.getsignal(signal.SIGTERM)

    def begin() -> None:
        if not draining.on:
            draining.on = True
            log.info("told to stop: no new work after the grace", extra={"grace_s": grace_s})
            loop.call_later(grace_s, hand_over)

    def hand_over() -> None:
        if callable(servers):
            servers(signal.SIGTERM, None)
        else:
            signal.signal(signal.SIGTERM, servers)
            signal.raise_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, lambda _number, _frame: loop.call_soon_threadsafe(begin))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, servers)
