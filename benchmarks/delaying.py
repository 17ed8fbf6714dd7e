"""A proxy that makes the way to a service long and its first answer late: a deployment far away, and asleep."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

_PIECE = 1 << 16  # bytes


@dataclass(slots=True)
class Proxy:
    """Passes bytes on to `port`, each way `one_way_s` seconds late; the first connection waits `cold_s` seconds more.

    Bytes overtake nothing and are held back no longer than that: it delays, and does not slow down.
    """

    port: int
    one_way_s: float
    cold_s: float

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; to open it takes a round trip, as over TCP."""
        cold, self.cold_s = self.cold_s, 0.0
        await asyncio.sleep(2 * self.one_way_s + cold)
        onward, out = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(self._pass(reader, out), self._pass(onward, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop, queue = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]]()

        async def late() -> None:
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not data:
                    writer.close()
                    return
                writer.write(data)

        with contextlib.suppress(OSError):
            writing = asyncio.create_task(late())
            while data := await reader.read(_PIECE):
                queue.put_nowait((loop.time() + self.one_way_s, data))
            queue.put_nowait((loop.time() + self.one_way_s, b""))
            await writing


@contextlib.contextmanager
def far(url: str, round_trip_ms: float, cold_s: float) -> Iterator[str]:
    """The service at `url`, from far away, as another URL."""
    proxy = Proxy(urlsplit(url).port or 80, round_trip_ms / 2000, cold_s)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(proxy.serve, "127.0.0.1", 0), loop).result(10)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_ended(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def _ended() -> None:
    """Let go of what is still under way."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for it in others:
        it.cancel()
    await asyncio.gather(*others, return_exceptions=True)
