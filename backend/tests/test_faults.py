"""What happens to requests when something else fails. Bars: no idempotent request fails, no connection is cut."""

from __future__ import annotations

import concurrent.futures
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from tests.parts.balancer import Balancer
from tests.parts.load import CLIENTS, Load, under_load
from tests.parts.people import Person
from tests.parts.pgbouncer import PgBouncer
from tests.parts.postgresql import PostgreSQL
from tests.parts.programs import free_port, wait_for
from tests.parts.redis import Redis
from tests.parts.service import Service, production

# uvicorn ends in order, and then by the signal that it was sent.
ENDED = {0, -signal.SIGTERM}


@pytest.fixture(scope="module")
def direct(postgresql: PostgreSQL, database: str, redis: Redis) -> Iterator[Service]:
    """A replica without a pooler between it and the database."""
    service = Service(production(DATABASE_URL=postgresql.url(database), REDIS_URL=redis.url)).wait()
    yield service
    service.close()


def assert_nothing_failed(load: Load) -> None:
    assert (load.failed, load.cut) == ({}, [])
    assert load.done > 100


@pytest.mark.parametrize("pooled", [True, False])
def test_sessions_killed_three_times(
    ada: Person, replicas: list[Service], direct: Service, postgresql: PostgreSQL, pooled: bool
) -> None:
    urls = [replica.url for replica in replicas] if pooled else [direct.url]
    person = ada if pooled else Person(direct.url)
    with under_load(person, urls) as load:
        for _ in range(3):
            assert postgresql.kill_sessions("tasks") > 0
            load.more(100)
    assert_nothing_failed(load)


@pytest.mark.parametrize("pooled", [True, False])
def test_database_stopped_for_two_seconds(
    ada: Person, replicas: list[Service], direct: Service, postgresql: PostgreSQL, pooled: bool
) -> None:
    urls = [replica.url for replica in replicas] if pooled else [direct.url]
    person = ada if pooled else Person(direct.url)
    with under_load(person, urls) as load:
        postgresql.stop()
        time.sleep(2)
        postgresql.start()
        load.more(100)
    assert_nothing_failed(load)


def test_database_stopped_for_twenty_seconds(
    ada: Person, replicas: list[Service], direct: Service, postgresql: PostgreSQL
) -> None:
    services = [*replicas, direct]
    with under_load(ada, [replica.url for replica in replicas]) as load:
        postgresql.stop()
        stopped = time.monotonic()
        for service in services:
            began = time.monotonic()
            answer = httpx.get(f"{service.url}/health", timeout=30)
            assert (answer.status_code, answer.json()) == (503, {"status": "fail"})
            assert time.monotonic() - began < 2
            assert httpx.get(f"{service.url}/health/live", timeout=30).status_code == 200
        time.sleep(max(0.0, 20 - (time.monotonic() - stopped)))
        postgresql.start()
        for service in services:
            wait_for(partial(service.answers, "/health"), "the service recovers")
        before = dict(load.failed)
        load.more(100)
        # Whoever asked in the outage has its answer by now; from here on nothing fails.
        after = dict(load.failed)
        load.more(100)
        assert load.failed == after
    assert load.cut == []
    assert set(before) <= {503}
    assert load.without_retry_after == 0
    assert all(not service.ended() for service in services)


def test_pgbouncer_restarted(ada: Person, replicas: list[Service], pgbouncer: PgBouncer) -> None:
    with under_load(ada, [replica.url for replica in replicas]) as load:
        pgbouncer.restart()
        load.more(200)
    assert_nothing_failed(load)


def test_redis_stopped_and_back(ada: Person, replicas: list[Service], redis: Redis) -> None:
    with under_load(ada, [replica.url for replica in replicas]) as load:
        redis.stop()
        load.more(200)
        redis.restart()
        load.more(200)
    assert_nothing_failed(load)


UVICORN = ("-m", "uvicorn", "src.main:app", "--host", "127.0.0.1", "--port")


@pytest.mark.parametrize(
    ("workers", "command"),
    [("1", ()), ("2", ()), pytest.param("1", UVICORN, marks=pytest.mark.nightly)],
    ids=["one worker", "two workers", "uvicorn"],
)
def test_told_to_stop_with_all_the_load_on_it(
    ada: Person, service: Service, postgresql: PostgreSQL, env: dict[str, str], workers: str, command: tuple[str, ...]
) -> None:
    """Sixteen clients on connections that they keep, writes that must not be repeated among what they ask: the server
    ends each connection with an answer that says so, while a balancer, which asks `/health`, turns to the next replica.
    """
    port = free_port()
    more = {"DRAIN_GRACE_SECONDS": "5", "PORT": str(port), "WEB_CONCURRENCY": workers}
    leaving = Service({**env, **more}, *command, *([str(port)] if command else [])).wait("/health")
    balancer = Balancer(leaving.url, service.url)
    with under_load(ada, [balancer.url], making=True) as load:
        load.more(50)
        assert balancer.given[service.url] == 0
        leaving.process.terminate()
        assert leaving.process.wait(60) in ENDED
        load.more(50)
    balancer.close()
    assert balancer.given[service.url] >= CLIENTS
    assert_nothing_failed(load)
    made = postgresql.query("SELECT count(*) FROM tasks WHERE title = 'made under load'", "tasks")
    assert int(made) == load.answers[201]
    postgresql.query("DELETE FROM tasks WHERE title = 'made under load'", "tasks")
    leaving.close()


def test_an_idle_connection_is_closed_and_its_client_takes_another(
    ada: Person, service: Service, env: dict[str, str]
) -> None:
    """What no request uses cannot be told that it ends (RFC 9112, 9.3.1): it is closed, and a client that looks before
    it sends, as pools do, opens another. One that sends in the very moment of the close has to ask again; no server
    can spare it that.
    """
    leaving = Service({**env, "DRAIN_GRACE_SECONDS": "0.2"}).wait("/health")
    balancer = Balancer(leaving.url, service.url)
    headers = {"Authorization": ada.client.headers["authorization"]}
    clients = [httpx.Client(base_url=balancer.url, headers=headers, timeout=60) for _ in range(CLIENTS)]
    assert [client.get("/auth/me").status_code for client in clients] == [200] * CLIENTS
    assert leaving.stop() in ENDED
    wait_for(lambda: balancer.chosen == service.url, "the balancer has noticed")
    answers = [client.post("/tasks", json={"title": "after a pause"}) for client in clients]
    assert [answer.status_code for answer in answers] == [201] * CLIENTS
    balancer.close()
    leaving.close()


@pytest.mark.parametrize("lost", [False, True])
def test_what_is_open_is_closed(env: dict[str, str], lost: bool) -> None:
    """Also the connections to Redis, and where it is gone by then."""
    redis = Redis()
    try:
        leaving = Service({**env, "REDIS_URL": redis.url}).wait()
        assert httpx.get(f"{leaving.url}/tasks").status_code == 401
        if lost:
            redis.stop()
        assert leaving.stop() in ENDED
    finally:
        redis.close()
    assert "Application shutdown complete" in leaving.log()
    assert "Traceback" not in leaving.log()
    leaving.close()


SLOW = """
import asyncio, sys
from src.database.database import Database
from src.main import create_app
import src.tasks.service as service
import uvicorn

real = Database.once
async def slow(self, unit):
    await asyncio.sleep(2)
    return await real(self, unit)
Database.once = slow
uvicorn.run(create_app(), host="127.0.0.1", port=int(sys.argv[1]), timeout_graceful_shutdown=20)
"""


@pytest.mark.parametrize("killed", [False, True])
def test_requests_at_work_are_finished(ada: Person, env: dict[str, str], killed: bool) -> None:
    """The server stops listening, and waits for who has been let in. Where the platform kills it at once, as Railway
    does unless it is told a draining time, all of them are lost.
    """
    port = free_port()
    leaving = Service({**env, "PORT": str(port)}, "-c", SLOW, str(port)).wait()
    headers = {"Authorization": ada.client.headers["authorization"]}
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(outcome, f"{leaving.url}/tasks", headers) for _ in range(8)]
        wait_for(lambda: in_flight(leaving) == 8, "the requests are at work")
        leaving.process.terminate()
        if killed:
            leaving.process.kill()
        assert [answer.result() for answer in asked] == [0 if killed else 200] * 8
    assert leaving.process.wait(60) in ({-signal.SIGKILL} if killed else ENDED)
    leaving.close()


def outcome(url: str, headers: dict[str, str]) -> int:
    """The status, 0 where the connection was cut."""
    try:
        return httpx.get(url, headers=headers, timeout=60).status_code
    except httpx.TransportError:
        return 0


def in_flight(service: Service) -> int:
    from tests.parts.service import OPERATOR

    page = httpx.get(f"{service.url}/metrics", headers={"Authorization": f"Bearer {OPERATOR}"}).text
    lines = [line for line in page.splitlines() if line.startswith("http_requests_in_flight ")]
    return int(float(lines[0].split()[1])) - 1


def test_a_database_that_sleeps_is_waited_for(pgbouncer: PgBouncer, postgresql: PostgreSQL, database: str) -> None:
    postgresql.stop()
    try:
        service = Service(production(DATABASE_URL=postgresql.url(database), DATABASE_START_SECONDS="60"))
        wait_for(lambda: "does not answer yet" in service.log(), "the service has noticed")
    finally:
        postgresql.start()
    service.wait("/health")
    service.close()


def test_a_database_that_does_not_come_is_a_clear_failure() -> None:
    url = f"postgresql://me:hunter2@127.0.0.1:{free_port()}/tasks?sslmode=disable"
    service = Service(production(DATABASE_URL=url, DATABASE_START_SECONDS="1"))
    assert service.process.wait(60) != 0
    log = service.log()
    assert "could not be reached (ConnectionRefusedError)" in log
    assert "hunter2" not in log
    assert "Traceback" not in log
    service.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("owner-of-the-tests", "wrong"), "Look at the user, password and database"),
        (("/tasks?", "/missing?"), "Look at the user, password and database"),
        (("sslrootcert", "application_name"), "certificate that is not trusted"),
    ],
)
def test_a_database_that_refuses_is_said_at_once(
    postgresql: PostgreSQL, database: str, change: tuple[str, str], said: str
) -> None:
    url = postgresql.url(database).replace(*change)
    service = Service(production(DATABASE_URL=url, DATABASE_START_SECONDS="120"))
    assert service.process.wait(60) != 0
    assert said in service.log()
    assert "Traceback" not in service.log()
    service.close()


def test_a_taken_port_is_a_clear_failure(env: dict[str, str], service: Service) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "src"],
        env={**env, "PORT": str(service.port)},
        capture_output=True,
        timeout=60,
        text=True,
    )
    assert second.returncode != 0
    assert "address already in use" in second.stderr
