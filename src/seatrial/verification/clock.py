"""What time it is, and how time passes: all waiting of a run goes through here, so that a test need not wait."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """The clock of this machine."""

    def now(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()

    def date(self) -> float:
        """Seconds since 1970."""
        return time.time()

    async def pause(self, seconds: float) -> None:
        """Let so much time pass."""
        await asyncio.sleep(seconds)


SYSTEM = Clock()
