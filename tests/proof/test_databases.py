"""Which services an environment names."""

# ruff: noqa: E501 (backends, written as one line each)

from __future__ import annotations

import pytest

from seatrial.proof.databases import Services, addresses, is_address_part, named, names, rewritten


@pytest.mark.parametrize(("variables", "postgres", "redis"), [
    ({}, False, False),
    ({"DATABASE_URL": "postgresql+asyncpg://u:p@db/x"}, True, False),
    ({"DATABASE_URL": "postgres://u:p@db/x"}, True, False),
    ({"DATABASE_URL": "sqlite+aiosqlite:///./x.db"}, False, False),
    ({"DATABASE_URL": "mysql://u:p@db/x"}, False, False),
    ({"CACHE": "rediss://:p@cache:6380/1"}, False, True),
    ({"POSTGRES_SERVER": "db", "POSTGRES_USER": "u"}, True, False),
    ({"PGHOST": "db"}, True, False),
    ({"DB_HOST": "db", "DB_NAME": "x"}, True, False),
    ({"REDIS_HOST": "cache"}, False, True),
    ({"REDIS_ENABLED": "false"}, False, False),
    ({"SITE": "https://example.com", "DEBUG": "1"}, False, False),
    ({"DATABASE_URL": "postgresql://u:p@[half"}, False, False),
    ({"DATABASE_URL": "postgresql://u:p@db:port/x"}, False, False),
])  # fmt: skip
def test_kinds(variables: dict[str, str], postgres: bool, redis: bool) -> None:
    found = named(variables)
    assert (found.postgres, found.redis) == (postgres, redis)


def test_hosts_ports_and_passwords() -> None:
    found = named({
        "DATABASE_URL": "postgresql://me:p%40ss@ep-x.neon.tech:6543/db?sslmode=require&channel_binding=require",
        "REPLICA": "postgresql://me:p@10.1.2.3/db", "DB_HOST": "db", "DB_PORT": "5433", "REDIS_URL": "redis://:secret@cache:6380",
        "SMTP_HOST": "mail.example.com", "SMTP_PORT": "25",
    })  # fmt: skip
    assert found == Services(
        True, True, ("10.1.2.3", "cache", "db", "ep-x.neon.tech"), (5432, 5433, 6543), (6379, 6380),
        (("me", "p@ss"),), (("", "secret"),))  # fmt: skip
    assert (addresses(found.hosts), names(found.hosts)) == (["10.1.2.3"], ["cache", "db", "ep-x.neon.tech"])


def test_hosts_that_are_no_hosts() -> None:
    found = named(
        {"A": "postgresql://u:p@${HOST}/x", "B": "postgresql://u:p@my host/x", "C": "postgresql://u:p@ü..ü/x"}
    )
    assert (found.postgres, names(found.hosts), addresses(found.hosts)) == (True, [], [])


def test_rewritten_for_a_machine_without_namespaces() -> None:
    given = {
        "DATABASE_URL": "postgresql+asyncpg://me:p@db:5432/x?ssl=require", "REDIS_URL": "redis://cache:6379/0", "DB_HOST": "db",
        "POSTGRES_PORT": "5432", "POSTGRES_DB": "x", "OTHER": "https://example.com",
    }  # fmt: skip
    assert rewritten(given, {"postgres": 7777}) == {
        "DATABASE_URL": "postgresql+asyncpg://me:p@127.0.0.1:7777/x?ssl=require", "REDIS_URL": "redis://cache:6379/0",
        "DB_HOST": "127.0.0.1", "POSTGRES_PORT": "7777", "POSTGRES_DB": "x", "OTHER": "https://example.com",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "is_part"),
    [("REDIS_QUEUE_HOST", True), ("DB_PORT", True), ("POSTGRES_SERVER", True), ("PORT", False), ("REDIS_TTL", False)],
)
def test_parts_of_an_address(name: str, is_part: bool) -> None:
    assert is_address_part(name) is is_part
