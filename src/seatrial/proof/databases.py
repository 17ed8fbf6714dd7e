"""Which services a documented environment names, and where it expects them.

`postgresql+asyncpg://user:pw@db:5432/app` is left as it stands: inside the namespaces the host `db` is this machine,
its port is ours, and the throwaway server makes the user and the database. Only without namespaces is it rewritten.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

SCHEMES = {"postgres": "postgres", "postgresql": "postgres", "redis": "redis", "rediss": "redis", "valkey": "redis"}
DEFAULT_PORT = {"postgres": 5432, "redis": 6379}
PART = re.compile(r"(^|_)(PG|POSTGRES|POSTGRESQL|DB|DATABASE|SQL|REDIS|VALKEY)", re.IGNORECASE)
HOST = re.compile(r"(HOST|HOSTNAME|SERVER|ADDR|ADDRESS)$", re.IGNORECASE)
PORT = re.compile(r"PORT$", re.IGNORECASE)
POSTGRES = re.compile(r"(^|_)(PG(HOST|USER|PASSWORD|DATABASE|PORT)|POSTGRES)", re.IGNORECASE)
REDIS = re.compile(r"(^|_)(REDIS|VALKEY)", re.IGNORECASE)
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Services:
    """What has to run beside the backend: kinds, host names and addresses that have to lead here, ports, passwords."""

    postgres: bool = False
    redis: bool = False
    hosts: tuple[str, ...] = ()
    postgres_ports: tuple[int, ...] = (5432,)
    redis_ports: tuple[int, ...] = (6379,)
    passwords: tuple[tuple[str, str], ...] = ()  # PostgreSQL user to password, where channel binding is demanded
    redis_accounts: tuple[tuple[str, str], ...] = ()


def named(variables: Mapping[str, str]) -> Services:
    """The services that these variables name, by URL or by parts."""
    urls = [(SCHEMES[_scheme(value)], value) for value in variables.values() if _scheme(value) in SCHEMES]
    split = [(kind, parts) for kind, value in urls if (parts := _split(value)) is not None]
    kinds = {kind for kind, _ in split} | _by_parts(variables)
    hosts = {parts.hostname for _, parts in split if parts.hostname} | _part_hosts(variables)
    ports = {kind: _ports(kind, split, variables) for kind in DEFAULT_PORT}
    return Services(
        postgres="postgres" in kinds,
        redis="redis" in kinds,
        hosts=tuple(sorted(host for host in hosts if host != "localhost")),
        postgres_ports=ports["postgres"],
        redis_ports=ports["redis"],
        passwords=_passwords(split),
        redis_accounts=_accounts(split),
    )


def is_address_part(name: str) -> bool:
    """Whether a variable of this name says where a database listens: `REDIS_QUEUE_HOST`, `DB_PORT`."""
    return PART.search(name) is not None and (HOST.search(name) or PORT.search(name)) is not None


def _scheme(value: str) -> str:
    return value.partition("://")[0].partition("+")[0].lower() if "://" in value else ""


def _split(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts


def _by_parts(variables: Mapping[str, str]) -> set[str]:
    kinds = set()
    if any(POSTGRES.search(name) and value for name, value in variables.items()):
        kinds.add("postgres")
    if any(REDIS.search(name) and value and value.lower() not in ("false", "0") for name, value in variables.items()):
        kinds.add("redis")
    if any(
        re.fullmatch(r"(DB|DATABASE)_(HOST|SERVER)", name, re.IGNORECASE) and value for name, value in variables.items()
    ):
        kinds.add("postgres")
    return kinds


def _part_hosts(variables: Mapping[str, str]) -> set[str]:
    return {
        value
        for name, value in variables.items()
        if PART.search(name) and HOST.search(name) and HOST_NAME.fullmatch(value)
    }


def _ports(kind: str, split: list[tuple[str, SplitResult]], variables: Mapping[str, str]) -> tuple[int, ...]:
    wanted = REDIS if kind == "redis" else re.compile(r"(^|_)(PG|POSTGRES|POSTGRESQL|DB|DATABASE)", re.IGNORECASE)
    found = {parts.port or DEFAULT_PORT[kind] for of, parts in split if of == kind}
    for name, value in variables.items():
        if wanted.search(name) and PORT.search(name) and value.isdigit() and 0 < int(value) < 65536:
            found.add(int(value))
    return tuple(sorted(found | {DEFAULT_PORT[kind]}))


def _passwords(split: list[tuple[str, SplitResult]]) -> tuple[tuple[str, str], ...]:
    bound = [p for kind, p in split if kind == "postgres" and parse_qs(p.query).get("channel_binding") == ["require"]]
    return tuple((unquote(p.username or ""), unquote(p.password or "")) for p in bound if p.username and p.password)


def _accounts(split: list[tuple[str, SplitResult]]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (unquote(p.username or ""), unquote(p.password)) for kind, p in split if kind == "redis" and p.password
    )


def addresses(hosts: tuple[str, ...]) -> list[str]:
    """Those of the hosts that are IPv4 literals which the loopback does not have yet."""
    found = []
    for host in hosts:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            continue
        if address.version == 4 and not address.is_loopback and not address.is_unspecified:
            found.append(host)
    return found


def names(hosts: tuple[str, ...]) -> list[str]:
    """Those of the hosts that are names."""
    return [host for host in hosts if HOST_NAME.fullmatch(host) and not re.fullmatch(r"[\d.]+", host)]


def rewritten(variables: Mapping[str, str], ports: Mapping[str, int], host: str = "127.0.0.1") -> dict[str, str]:
    """The same variables with every database on `host` at the given port of its kind (`postgres`, `redis`)."""
    out = {}
    for name, value in variables.items():
        kind = SCHEMES.get(_scheme(value), "")
        out[name] = _moved(value, ports[kind], host) if kind in ports else _part_moved(name, value, ports, host)
    return out


def _moved(value: str, port: int, host: str) -> str:
    parts = _split(value)
    if parts is None:
        return value
    account, at, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{account}{at}{host}:{port}").geturl()


def _part_moved(name: str, value: str, ports: Mapping[str, int], host: str) -> str:
    kind = "redis" if REDIS.search(name) else "postgres" if PART.search(name) else ""
    if kind not in ports:
        return value
    if HOST.search(name) and HOST_NAME.fullmatch(value):
        return host
    return str(ports[kind]) if PORT.search(name) and value.isdigit() else value
