"""What stands before replicas on a platform: hands each new connection to one that says it is well."""

from __future__ import annotations

import asyncio
import threading
from urllib.parse import urlsplit

import httpx

from tests.parts.leaving import closed, opened

ASKED_EVERY_S = 0.1


class Balancer:
    """Gives all new connections to the first replica, as long as its `/health` answers 200; then to the second.

    Bytes pass as they are: a connection to here is one connection to a replica, and ends when that ends.
    """

    def __init__(self, first: str, second: str) -> None:
        self.first, self.second = first, second
        self.chosen = first
        self.given = {first: 0, second: 0}
        self.ending = asyncio.Event()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))
        self.thread.start()
        opened(self)
        self.ready.wait(60)

    async def run(self) -> None:
        self.loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        watch = asyncio.create_task(self.watch())
        self.ready.set()
        await self.ending.wait()
        watch.cancel()
        server.close()

    async def watch(self) -> None:
        async with httpx.AsyncClient(timeout=5) as client:
            while self.chosen == self.first:
                if not await is_well(client, self.first):
                    self.chosen = self.second
                await asyncio.sleep(ASKED_EVERY_S)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.given[self.chosen] += 1
        port = urlsplit(self.chosen).port
        back, on = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, on), carry(back, writer))

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.ending.set)
        self.thread.join(60)
        closed(self)


async def is_well(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/health")).status_code == 200
    except httpx.HTTPError:
        return False


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes one way, and then the end of them."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
