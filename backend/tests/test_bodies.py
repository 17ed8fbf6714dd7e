"""Clients that send slowly keep nobody else from being served."""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Awaitable, Callable, Iterator

import httpx
import pytest
from starlette.types import Message

from src.edge.bodies import PATIENCE_S, SLOWEST, Bodies, Gone, NoRoom
from src.problems.problem import Problem
from tests.parts.clock import skipping
from tests.parts.people import Person
from tests.parts.programs import wait_for
from tests.parts.service import OPERATOR, Service

KEY = {"Authorization": f"Bearer {OPERATOR}"}
SLOW = "127.0.0.2"  # all of 127.0.0.0/8 is this machine


def begin(service: Service, length: int, address: str = SLOW) -> socket.socket:
    """A request whose body does not come."""
    connection = socket.create_connection(("127.0.0.1", service.port), 60, source_address=(address, 0))
    head = f"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def at_work(service: Service) -> int:
    """Requests that have not been answered, but for the one that asks."""
    page = httpx.get(f"{service.url}/metrics", headers=KEY).text
    lines = [line for line in page.splitlines() if line.startswith("http_requests_in_flight ")]
    return int(float(lines[0].split()[1])) - 1


@pytest.fixture
def small(env: dict[str, str]) -> Iterator[Service]:
    """Two requests at work, sixteen bodies on their way, two of them from one address."""
    service = Service({**env, "MAX_IN_FLIGHT": "2"}).wait()
    yield service
    service.close()


def test_a_slow_client_starves_nobody(small: Service) -> None:
    """Far more stalled requests than may be at work; the address has its part, and the others all that is left."""
    person = Person(small.url)
    stalled = [begin(small, 100) for _ in range(64)]
    wait_for(lambda: at_work(small) == 2, "its part is taken")
    assert person.client.get("/tasks").status_code == 200
    assert [person.client.post("/tasks", json={"title": "x"}).status_code for _ in range(20)] == [201] * 20
    refused = wait_for(lambda: len(found := answered(stalled)) == 62 and found, "the others are told")
    assert {answer_of(connection) for connection in refused} == {b"HTTP/1.1 429"}
    for connection in stalled:
        connection.close()
    wait_for(lambda: at_work(small) == 0, "who goes away leaves the place")


def test_many_slow_clients_keep_none_from_reading(small: Service) -> None:
    person = Person(small.url)
    stalled = [begin(small, 100, f"127.0.1.{number}") for number in range(1, 30)]
    wait_for(lambda: at_work(small) == 16, "all places are taken")
    assert [person.client.get("/tasks").status_code for _ in range(20)] == [200] * 20
    refused = person.client.post("/tasks", json={"title": "x"})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    for connection in stalled:
        connection.close()
    wait_for(lambda: person.client.post("/tasks", json={"title": "x"}).status_code == 201, "there is room again")


def test_what_has_begun_slowly_is_served_when_it_is_whole(small: Service) -> None:
    body = b'{"email": "nobody@example.com", "password": "wrong"}'
    with begin(small, len(body)) as connection:
        connection.sendall(body[:10])
        wait_for(lambda: at_work(small) == 1, "it is waited for")
        connection.sendall(body[10:])
        assert answer_of(connection) == b"HTTP/1.1 401"


def test_bodies_for_which_there_is_no_room_are_refused(env: dict[str, str]) -> None:
    """Two of the largest always fit; what is more has to come again, and what has no body is let in."""
    service = Service({**env, "BODY_LIMIT_BYTES": "50000000"}).wait()
    person = Person(service.url)
    waiting = [begin(service, 50_000_000, address) for address in (SLOW, "127.0.0.3")]
    wait_for(lambda: at_work(service) == 2, "both are in")
    refused = person.client.post("/tasks", json={"title": "x"})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert person.client.get("/tasks").status_code == 200
    for connection in waiting:
        connection.close()
    wait_for(lambda: person.client.post("/tasks", json={"title": "x"}).status_code == 201, "there is room again")
    service.close()


@pytest.mark.nightly
def test_a_body_that_does_not_come_is_not_waited_for(service: Service) -> None:
    with begin(service, 100) as connection:
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer.lower()


def answered(connections: list[socket.socket]) -> list[socket.socket]:
    return select.select(connections, [], [], 0)[0]


def answer_of(connection: socket.socket) -> bytes:
    """The first words of the answer."""
    return connection.recv(12)


def coming(size: int, parts: int, pause_s: float) -> Callable[[], Awaitable[Message]]:
    """A body in so many parts, each after a pause."""
    left = parts

    async def receive() -> Message:
        nonlocal left
        await asyncio.sleep(pause_s)
        left -= 1
        return {"type": "http.request", "body": b"x" * size, "more_body": left > 0}

    return receive


@pytest.mark.parametrize(
    ("size", "parts", "pause_s", "status"),
    [
        (100, 1, PATIENCE_S - 1, 200),
        (100, 1, PATIENCE_S + 1, 408),
        (1, 1000, 1.0, 408),  # a byte now and then
        (SLOWEST, 30, 1.0, 200),  # as slow as is borne, for longer than the first patience
        (SLOWEST // 2, 60, 1.0, 408),
        (SLOWEST, 70, 0.1, 413),
    ],
)
def test_how_slowly_a_body_may_come(size: int, parts: int, pause_s: float, status: int) -> None:
    async def ask() -> int:
        bodies = Bodies(limit=1_048_576, room=8_388_608, places=16)
        try:
            whole = await bodies.whole(coming(size, parts, pause_s))
        except Problem as problem:
            return problem.status
        assert await whole() == {"type": "http.request", "body": b"x" * size * parts, "more_body": False}
        return 200

    answered, took_s = skipping(ask())
    assert answered == status
    # Nobody is waited for longer than the largest body takes at the slowest speed.
    assert took_s <= PATIENCE_S + 1_048_576 / SLOWEST + 1


def test_an_address_has_its_part_of_the_room_and_at_least_one_body() -> None:
    bodies = Bodies(limit=1000, room=4000, places=16)
    with bodies.kept("one", 1000):
        with pytest.raises(Problem) as refused, bodies.kept("one", 1):
            pass
        assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "1"})
        others = [bodies.kept(name, 1000) for name in ("two", "three", "four")]
        with others[0], others[1], others[2], pytest.raises(NoRoom), bodies.kept("five", 1):
            pass
    assert (bodies.size, bodies.held) == (0, {})


def test_a_client_that_goes_away_leaves_its_place() -> None:
    bodies = Bodies(limit=1000, room=4000, places=16)

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    def wait() -> None:
        with bodies.kept("one", 100), bodies.arriving("one"):
            assert (bodies.size, bodies.on_the_way) == (100, 1)
            skipping(bodies.whole(gone))

    with pytest.raises(Gone):
        wait()
    assert (bodies.size, bodies.on_the_way, bodies.held) == (0, 0, {})
