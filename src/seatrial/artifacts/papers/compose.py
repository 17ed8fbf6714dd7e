"""docker-compose.yml: the backend with what it talks to, on one machine, shaped as production is.

PgBouncer pools by transaction, as Neon's pooled endpoint does, so that what breaks there breaks here first. Redis only
where the backend uses it. The server runs read-only, without capabilities.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.stamp import stamped
from seatrial.artifacts.survey import DRAIN_S, Survey, Variable

_PASSWORD = "${POSTGRES_PASSWORD:-local-only}"
_HEAD = """\
# The backend and what it talks to, on this machine: docker compose up --build
# It takes its variables from .env (scripts/prepare-deployment.sh init makes one), but for the addresses set here.
services:
"""
_APP = """\
  app:
    build: .
    env_file: .env
    environment:
      PORT: "8000"
{environment}    ports:
      - "127.0.0.1:${{APP_PORT:-8000}}:8000"
{depends}{guard}    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    stop_grace_period: {grace}s
    restart: unless-stopped
"""
_GUARD = "    read_only: true\n    tmpfs: [/tmp]\n"
_MIGRATE = """\
  migrate:
    build: .
    command: ["python", "-m", "alembic", "upgrade", "head"]
    env_file: .env
{environment}    depends_on:
      postgres:
        condition: service_healthy
    restart: "no"
"""
_POSTGRES = f"""\
  postgres:
    image: postgres:17
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: {_PASSWORD}
      POSTGRES_DB: app
    volumes:
      - data:/var/lib/postgresql/data
    healthcheck:
      test: ["CMD", "pg_isready", "--username", "app", "--host", "127.0.0.1"]
      interval: 2s
      timeout: 5s
      retries: 60
    restart: unless-stopped
  pgbouncer:
    build: deployment/pgbouncer
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: {_PASSWORD}
    depends_on:
      postgres:
        condition: service_healthy
    restart: unless-stopped
"""
_REDIS_AT = {"redis": "redis://redis:6379/0", "redis-host": "redis", "redis-port": '"6379"'}
_REDIS = """\
  redis:
    image: redis:8
    command: ["redis-server", "--save", "", "--appendonly", "no", "--protected-mode", "no"]
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
      interval: 2s
      timeout: 5s
      retries: 60
    restart: unless-stopped
"""


def draft(survey: Survey) -> Iterator[Draft]:
    """The stack of the backend."""
    postgres = survey.data.engine == "postgresql"
    text = _HEAD + _app(survey)
    if postgres:
        if survey.data.migrations:
            direct = _environment(survey, "postgres", 5432)
            text += _MIGRATE.format(environment=f"    environment:\n{direct}" if direct else "")
        text += _POSTGRES
    text += _REDIS if survey.data.redis else ""
    text += "volumes:\n  data:\n" if postgres else ""
    yield Draft(survey.path("docker-compose.yml"), stamped(text))


def _app(survey: Survey) -> str:
    return _APP.format(
        environment=_environment(survey, "pgbouncer", 6432),
        depends=_depends(survey),
        # An SQLite file lies beside the code; everything else keeps its data elsewhere.
        guard="" if survey.data.engine == "sqlite" else _GUARD,
        grace=DRAIN_S + 5,
    )


def _depends(survey: Survey) -> str:
    waits = []
    if survey.data.engine == "postgresql":
        waits.append(("pgbouncer", "service_healthy"))
        if survey.data.migrations:
            waits.append(("migrate", "service_completed_successfully"))
    if survey.data.redis:
        waits.append(("redis", "service_healthy"))
    lines = "".join(f"      {service}:\n        condition: {condition}\n" for service, condition in waits)
    return f"    depends_on:\n{lines}" if waits else ""


def _environment(survey: Survey, host: str, port: int) -> str:
    values = [(variable.name, _address(variable, host, port)) for variable in survey.variables if variable.role]
    return "".join(f"      {name}: {value}\n" for name, value in values if value)


def _address(variable: Variable, host: str, port: int) -> str:
    """What a variable holds here: everything but the direct URL leads through the pooler."""
    parts = {"host": host, "port": f'"{port}"', "user": "app", "password": _PASSWORD, "name": "app"}
    if variable.role in parts:
        return parts[variable.role]
    if variable.role in _REDIS_AT:
        return _REDIS_AT[variable.role]
    scheme = variable.value.partition("://")[0] or "postgresql"
    place = "postgres:5432" if variable.role == "direct" else f"{host}:{port}"
    return f"{scheme}://app:{_PASSWORD}@{place}/app"


PAPER = Paper("compose", "the whole stack on one machine", (Purpose.COMPOSE,), draft, order=25)
