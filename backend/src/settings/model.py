"""Every setting, its type and what it is when nothing is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pydantic import SecretStr

from src.database.address import Address


@dataclass(frozen=True, slots=True)
class BetterAuth:
    """How sign-ins of a Better Auth server are recognised. `secret` signs its session cookies and nothing else."""

    secret: SecretStr | None
    url: str | None
    jwks_url: str | None


@dataclass(frozen=True, slots=True)
class Tokens:
    """The service's own tokens."""

    secret: SecretStr
    issuer: str
    audience: str
    access_lifetime: timedelta
    refresh_lifetime: timedelta
    session_lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Rates:
    """How often something may be asked for. `redis_url` None: each process counts for itself."""

    redis_url: SecretStr | None
    per_user: str
    per_address: str
    sign_in: str
    sign_in_address: str


@dataclass(frozen=True, slots=True)
class Mail:
    """The e-mail provider; without a key the reminders are off."""

    api_key: SecretStr | None
    url: str
    sender: str


@dataclass(frozen=True, slots=True)
class Pool:
    """Connections to the database, for one process."""

    size: int
    overflow: int
    recycle_s: float
    connect_timeout_s: float
    command_timeout_s: float
    wait_s: float
    retry_budget_s: float
    start_budget_s: float


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the service is told. Secrets do not show in its repr."""

    production: bool
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    log_json: bool
    host: str
    port: int
    workers: int
    drain_s: float
    drain_grace_s: float
    database: Address | None
    migrations: Address | None
    development_folder: str
    pool: Pool
    tokens: Tokens
    better_auth: BetterAuth | None
    origins: tuple[str, ...]
    origin_pattern: str | None
    rates: Rates
    mail: Mail
    operator_token: SecretStr | None
    body_limit: int
    bodies_limit: int
    in_flight_limit: int
    client_address_header: str | None
