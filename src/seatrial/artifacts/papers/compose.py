"""docker-compose.yml: the backend with what it talks to, on one machine, shaped as production is.

PgBouncer pools by transaction, as Neon's pooled endpoint does, so that what breaks there breaks here first. Other
services come along where the backend uses them. The server runs read-only, without capabilities.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.stack import Service, addresses, services_of
from seatrial.artifacts.stamp import stamped
from seatrial.artifacts.survey import DRAIN_S, Survey

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
      {direct}:
        condition: service_healthy
    restart: "no"
"""


def draft(survey: Survey) -> Iterator[Draft]:
    """The stack of the backend."""
    services = services_of(survey.data)
    text = _HEAD + _app(survey, services) + _migrate(survey, services) + "".join(it.text for it in services)
    volumes = "".join(f"  {it.volume}:\n" for it in services if it.volume)
    yield Draft(survey.path("docker-compose.yml"), stamped(text + (f"volumes:\n{volumes}" if volumes else "")))


def _app(survey: Survey, services: tuple[Service, ...]) -> str:
    return _APP.format(
        environment=_environment(survey, direct=False),
        depends=_depends(survey, services),
        # An SQLite file lies beside the code; everything else keeps its data elsewhere.
        guard="" if survey.data.engine == "sqlite" else _GUARD,
        grace=DRAIN_S + 5,
    )


def _migrate(survey: Survey, services: tuple[Service, ...]) -> str:
    """Migrations in a container of their own, where there is a database that keeps what they did."""
    at = _migrated(survey, services)
    if not at:
        return ""
    direct = _environment(survey, direct=True)
    return _MIGRATE.format(environment=f"    environment:\n{direct}" if direct else "", direct=at)


def _migrated(survey: Survey, services: tuple[Service, ...]) -> str:
    return next((it.direct for it in services if it.direct), "") if survey.data.migrations else ""


def _depends(survey: Survey, services: tuple[Service, ...]) -> str:
    waits = []
    for it in services:
        waits.append((it.awaited, "service_healthy"))
        if it.direct and survey.data.migrations:
            waits.append(("migrate", "service_completed_successfully"))
    lines = "".join(f"      {service}:\n        condition: {condition}\n" for service, condition in waits)
    return f"    depends_on:\n{lines}" if waits else ""


def _environment(survey: Survey, *, direct: bool) -> str:
    found = addresses(survey.data, survey.variables, direct=direct)
    return "".join(f"      {name}: {value}\n" for name, value in found)


PAPER = Paper("compose", "the whole stack on one machine", (Purpose.COMPOSE,), draft, order=25)
