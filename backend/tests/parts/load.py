"""Clients that keep asking while something is done to the servers."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.parts.people import Person

CLIENTS = 16


class Load:
    """What came of the requests. Unless tasks are made, all may be repeated without harm: reads, and writes of the same
    values.
    """

    def __init__(self, person: Person, urls: list[str], *, making: bool = False) -> None:
        self.headers = {"Authorization": person.client.headers["authorization"]}
        self.task = person.add("under load")["id"]
        self.urls = urls
        self.making = making
        self.answers: Counter[int] = Counter()
        self.cut: list[str] = []
        self.slowest = 0.0
        self.ending = threading.Event()
        self.without_retry_after = 0

    @property
    def done(self) -> int:
        return sum(self.answers.values()) + len(self.cut)

    @property
    def failed(self) -> dict[int, int]:
        return {status: number for status, number in self.answers.items() if status >= 400}

    async def client(self, url: str, number: int) -> None:
        limits = httpx.Limits(max_keepalive_connections=1, max_connections=1)
        async with httpx.AsyncClient(base_url=url, headers=self.headers, timeout=60, limits=limits) as client:
            for turn in itertools.count(number):
                if self.ending.is_set():
                    return
                await self.ask(client, turn % 4)

    async def ask(self, client: httpx.AsyncClient, turn: int) -> None:
        where = f"/tasks/{self.task}"
        began = time.monotonic()
        try:
            if turn == 0:
                answer = await client.patch(where, json={"title": "under load"})
            elif turn == 1 and self.making:
                answer = await client.post("/tasks", json={"title": "made under load"})
            elif turn == 1:
                answer = await client.get("/tasks", params={"limit": 50})
            else:
                answer = await client.get(where)
        except httpx.HTTPError as error:
            self.cut.append(repr(error))
            await asyncio.sleep(0.05)
            return
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers[answer.status_code] += 1
        if answer.status_code == 503 and "retry-after" not in answer.headers:
            self.without_retry_after += 1

    async def run(self) -> None:
        clients = (self.client(self.urls[number % len(self.urls)], number) for number in range(CLIENTS))
        await asyncio.gather(*clients)

    def more(self, number: int) -> None:
        """Wait until so many more requests have been answered."""
        goal = self.done + number
        deadline = time.monotonic() + 120
        while self.done < goal:
            assert time.monotonic() < deadline, f"{self.answers} {self.cut[:3]}"
            time.sleep(0.02)


@contextmanager
def under_load(person: Person, urls: list[str], *, making: bool = False) -> Iterator[Load]:
    """Sixteen clients that ask until the block ends."""
    load = Load(person, urls, making=making)
    thread = threading.Thread(target=lambda: asyncio.run(load.run()))
    thread.start()
    try:
        load.more(50)
        yield load
    finally:
        load.ending.set()
        thread.join(90)
