"""Real servers for the tests: PostgreSQL over TLS, PgBouncer in transaction mode before it, Redis, two replicas."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.leaving import pytest_runtest_call as pytest_runtest_call
from tests.parts.people import Person
from tests.parts.pgbouncer import PgBouncer
from tests.parts.postgresql import PostgreSQL, binary
from tests.parts.provider import KEY, Provider
from tests.parts.redis import Redis
from tests.parts.service import Service, migrate, production

PROGRAMS = {
    "postgresql": lambda: Path(binary("initdb")).exists(),
    "pgbouncer": lambda: bool(shutil.which("pgbouncer") or Path("/usr/sbin/pgbouncer").exists()),
    "redis": lambda: bool(shutil.which("redis-server")),
    "chromium": lambda: bool(shutil.which("chromium")),
}


def need(part: str) -> None:
    """Skip where a part of the system is missing; on CI that is a failure."""
    if not PROGRAMS[part]():
        if os.environ.get("CI"):
            pytest.fail(f"{part} is not installed", pytrace=False)
        pytest.skip(f"{part} is not installed (make system, as root)")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    need("postgresql")
    server = PostgreSQL()
    yield server
    server.close()


@pytest.fixture(scope="session")
def pgbouncer(postgresql: PostgreSQL) -> Iterator[PgBouncer]:
    need("pgbouncer")
    pooler = PgBouncer(postgresql)
    yield pooler
    pooler.close()


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    need("redis")
    server = Redis()
    yield server
    server.close()


@pytest.fixture(scope="session")
def database(postgresql: PostgreSQL) -> str:
    """The name of a database with the tables in it."""
    postgresql.query("CREATE DATABASE tasks")
    migrate(postgresql.url("tasks"))
    return "tasks"


@pytest.fixture(scope="session")
def env(pgbouncer: PgBouncer, postgresql: PostgreSQL, redis: Redis, database: str) -> dict[str, str]:
    """The environment of production, with the pooler before the database and Redis beside it."""
    return production(
        DATABASE_URL=pgbouncer.url(database), DATABASE_DIRECT_URL=postgresql.url(database), REDIS_URL=redis.url
    )


@pytest.fixture(scope="session")
def replicas(env: dict[str, str]) -> Iterator[list[Service]]:
    """Two of them, as platforms run them side by side."""
    services = [Service(env), Service(env)]
    for service in services:
        service.wait()
    yield services
    for service in services:
        service.close()


@pytest.fixture(scope="session")
def service(replicas: list[Service]) -> Service:
    return replicas[0]


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    server = Provider()
    yield server
    server.server.shutdown()


@pytest.fixture(scope="session")
def mailing(env: dict[str, str], provider: Provider) -> Iterator[Service]:
    """A replica with everything switched on."""
    service = Service({**env, "EMAIL_API_URL": provider.url, "EMAIL_API_KEY": KEY}).wait()
    yield service
    service.close()


@pytest.fixture
def ada(service: Service) -> Person:
    return Person(service.url)


@pytest.fixture
def bob(replicas: list[Service]) -> Person:
    """Somebody else, on the other replica."""
    return Person(replicas[1].url)
