"""What a backend talks to, as services of docker-compose.yml, and the addresses under which it finds them there.

MySQL is stood for by MariaDB, which speaks its protocol to every driver without asking for `cryptography` besides.
Health checks ask over TCP: while these images lay their data out, they answer on a socket of their own only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.artifacts.survey import Data, Variable

_HEALTH = """\
      interval: 2s
      timeout: 5s
      retries: 60
    restart: unless-stopped
"""
_POSTGRES_PASSWORD = "${POSTGRES_PASSWORD:-local-only}"
_POSTGRES = f"""\
  postgres:
    image: postgres:17
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: {_POSTGRES_PASSWORD}
      POSTGRES_DB: app
    volumes:
      - data:/var/lib/postgresql/data
    healthcheck:
      test: ["CMD", "pg_isready", "--username", "app", "--host", "127.0.0.1"]
{_HEALTH}  pgbouncer:
    build: deployment/pgbouncer
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: {_POSTGRES_PASSWORD}
    depends_on:
      postgres:
        condition: service_healthy
    restart: unless-stopped
"""
_MARIADB_PASSWORD = "${MARIADB_PASSWORD:-local-only}"
_MARIADB = f"""\
  mariadb:
    image: mariadb:11.8
    environment:
      MARIADB_USER: app
      MARIADB_PASSWORD: {_MARIADB_PASSWORD}
      MARIADB_DATABASE: app
      MARIADB_RANDOM_ROOT_PASSWORD: "yes"
    volumes:
      - data:/var/lib/mysql
    healthcheck:
      test: ["CMD-SHELL", "mariadb --host=127.0.0.1 --user=app --password=$$MARIADB_PASSWORD --execute='select 1' app"]
{_HEALTH}"""
_MONGO_PASSWORD = "${MONGO_PASSWORD:-local-only}"
_MONGO = f"""\
  mongo:
    image: mongo:8
    environment:
      MONGO_INITDB_ROOT_USERNAME: app
      MONGO_INITDB_ROOT_PASSWORD: {_MONGO_PASSWORD}
    volumes:
      - documents:/data/db
    healthcheck:
      test: ["CMD", "mongosh", "--host", "127.0.0.1", "--quiet", "--eval", "db.runCommand({{ping: 1}})"]
{_HEALTH}"""
_REDIS = f"""\
  redis:
    image: redis:8
    command: ["redis-server", "--save", "", "--appendonly", "no", "--protected-mode", "no"]
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
{_HEALTH}"""
_REDIS_AT = {"redis": "redis://redis:6379/0", "redis-host": "redis", "redis-port": '"6379"'}
_MONGO_AT = {
    "mongo": f"mongodb://app:{_MONGO_PASSWORD}@mongo:27017/app?authSource=admin",
    "mongo-host": "mongo",
    "mongo-port": '"27017"',
    "mongo-user": "app",
    "mongo-password": _MONGO_PASSWORD,
}


@dataclass(frozen=True, slots=True)
class Service:
    """One of them: what a person calls it, its lines, the volume of its data ("" for none), and what it is waited for
    by: `awaited` is the service that the server waits for, `direct` the one that migrations do ("" for neither).
    """

    title: str
    text: str
    awaited: str
    direct: str = ""
    volume: str = ""


def services_of(data: Data) -> tuple[Service, ...]:
    """What stands beside the backend in its stack."""
    return tuple(_services(data))


def _services(data: Data) -> Iterator[Service]:
    if data.engine == "postgresql":
        yield Service("PostgreSQL behind PgBouncer", _POSTGRES, "pgbouncer", "postgres", "data")
    if data.engine == "mysql":
        yield Service("MariaDB", _MARIADB, "mariadb", "mariadb", "data")
    if data.mongo:
        yield Service("MongoDB", _MONGO, "mongo", volume="documents")
    if data.redis:
        yield Service("Redis", _REDIS, "redis")


def addresses(data: Data, variables: tuple[Variable, ...], *, direct: bool = False) -> Iterator[tuple[str, str]]:
    """What each variable that leads to a service holds in the stack; `direct` leads past the pooler."""
    for variable in variables:
        value = _address(data, variable, direct=direct) if variable.role else ""
        if value:
            yield variable.name, value


def _address(data: Data, variable: Variable, *, direct: bool) -> str:
    for known in (_REDIS_AT, _MONGO_AT):
        if variable.role in known:
            return known[variable.role]
    host, port = _place(data, direct=direct or variable.role == "direct")
    password = _MARIADB_PASSWORD if data.engine == "mysql" else _POSTGRES_PASSWORD
    parts = {"host": host, "port": f'"{port}"', "user": "app", "password": password, "name": "app"}
    if variable.role in parts:
        return parts[variable.role]
    scheme = variable.value.partition("://")[0] or data.dialect
    return f"{scheme}://app:{password}@{host}:{port}/app"


def _place(data: Data, *, direct: bool) -> tuple[str, int]:
    if data.engine == "mysql":
        return "mariadb", 3306
    return ("postgres", 5432) if direct else ("pgbouncer", 6432)
