"""Environment -> settings, or one message that names every wrong variable."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from dotenv import dotenv_values
from limits import parse
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings
from pydantic_settings import PydanticBaseSettingsSource as Source

from src.database.address import Address, AddressError, parse_address
from src.settings.capacity import default_bodies, default_pool, default_workers
from src.settings.development import DEVELOPMENT_ORIGINS, generated_secrets
from src.settings.faults import ConfigurationError, faults_in_production, faults_of, faults_of_origins, origins_of
from src.settings.model import BetterAuth, Mail, Pool, Rates, Settings, Tokens
from src.settings.origins import preview_pattern
from src.settings.platform import is_production, on_railway
from src.settings.variables import Variables


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """What the environment says; in development also what a file `.env` says that the environment leaves open.

    Raises:
        ConfigurationError: with every variable that is missing or wrong.
    """
    environ = os.environ if environ is None else environ
    production = is_production(environ)
    told = dict(environ) if production else dotenv(environ)
    variables, faults = parse_variables(told)
    if variables is not None:
        faults |= faults_in_production(variables) if production else {}
        faults |= faults_of_origins(variables, production=production)
        faults |= faults_of_rates(variables)
        faults |= faults_of_addresses(variables, production=production)
    if faults or variables is None:
        raise ConfigurationError(dict(sorted(faults.items())))
    return settings_of(variables, production=production, railway=on_railway(environ))


def dotenv(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, with `.env` of the working directory beneath it."""
    told = {name: value for name, value in dotenv_values(".env").items() if value} if Path(".env").is_file() else {}
    if told.get("ENVIRONMENT") == "production":
        raise ConfigurationError(
            {"ENVIRONMENT": "says production in .env; production is told by the environment alone"}
        )
    return told | dict(environ)


def parse_variables(told: Mapping[str, str]) -> tuple[Variables | None, dict[str, str]]:
    """The variables parsed, and those that cannot be. With some unreadable the others are looked at all the same."""
    values = {name.lower(): told[name] for name in map(str.upper, Variables.model_fields) if told.get(name)}
    try:
        return Explicit.model_validate(values), {}
    except ValidationError as error:
        faults = faults_of(error)
        rest = {name: value for name, value in values.items() if name.upper() not in faults}
        return Explicit.model_validate(rest), faults


class Explicit(Variables):
    """Variables from the mapping that is handed over, and from nowhere else."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: Source,
        env_settings: Source,
        dotenv_settings: Source,
        file_secret_settings: Source,
    ) -> tuple[Source, ...]:
        """The mapping alone."""
        return (init_settings,)


def faults_of_rates(variables: Variables) -> dict[str, str]:
    """Rates that do not say how often."""
    faults = {}
    for name in ("rate_limit_user", "rate_limit_address", "rate_limit_sign_in", "rate_limit_sign_in_address"):
        try:
            parse(getattr(variables, name))
        except ValueError:
            faults[name.upper()] = "is not a rate such as 600/minute"
    return faults


def faults_of_addresses(variables: Variables, *, production: bool) -> dict[str, str]:
    """URLs of databases that cannot be used."""
    faults = {}
    for name in ("database_url", "database_direct_url"):
        try:
            address_of(variables, name, production=production)
        except AddressError as error:
            faults[name.upper()] = str(error)
    return faults


def address_of(variables: Variables, name: str, *, production: bool) -> Address | None:
    """The address behind a variable, None when it is not set."""
    url: SecretStr | None = getattr(variables, name)
    if url is None:
        return None
    return parse_address(url.get_secret_value(), production=production, ca_file=variables.database_ca_file)


def settings_of(variables: Variables, *, production: bool, railway: bool) -> Settings:
    """The settings, from variables in which nothing is wrong."""
    database = address_of(variables, "database_url", production=production)
    direct = address_of(variables, "database_direct_url", production=production)
    workers = variables.web_concurrency or default_workers(production=production)
    pool = pool_of(variables)
    return Settings(
        production=production,
        log_level=variables.log_level,
        log_json=variables.log_format == "json" if variables.log_format else production,
        host=variables.host,
        port=variables.port,
        workers=workers,
        drain_s=variables.drain_seconds,
        drain_grace_s=grace_of(variables, production=production),
        database=database,
        migrations=direct or (database.direct() if database else None),
        development_folder=variables.development_folder,
        pool=pool,
        tokens=tokens_of(variables),
        better_auth=better_auth_of(variables),
        origins=origins_of(variables) or (() if production or variables.cors_origins else DEVELOPMENT_ORIGINS),
        origin_pattern=pattern_of(variables),
        rates=rates_of(variables),
        mail=Mail(variables.email_api_key, variables.email_api_url, variables.email_from),
        operator_token=variables.operator_token,
        body_limit=variables.body_limit_bytes,
        bodies_limit=default_bodies(workers, variables.body_limit_bytes),
        in_flight_limit=variables.max_in_flight or pool.size * 16,
        client_address_header=variables.client_address_header or ("x-real-ip" if railway else None),
    )


def pool_of(variables: Variables) -> Pool:
    """The pool of one process."""
    return Pool(
        size=variables.database_pool_size or default_pool(),
        overflow=variables.database_pool_overflow,
        recycle_s=variables.database_pool_recycle_seconds,
        connect_timeout_s=variables.database_connect_timeout_seconds,
        command_timeout_s=variables.database_command_timeout_seconds,
        wait_s=variables.database_pool_wait_seconds,
        retry_budget_s=variables.database_retry_seconds,
        start_budget_s=variables.database_start_seconds,
    )


def tokens_of(variables: Variables) -> Tokens:
    """How tokens are made; in development with a secret that is generated and kept."""
    return Tokens(
        secret=variables.jwt_secret or generated_secrets(variables.development_folder)["JWT_SECRET"],
        issuer=variables.jwt_issuer,
        audience=variables.jwt_audience,
        access_lifetime=timedelta(minutes=variables.access_token_minutes),
        refresh_lifetime=timedelta(days=variables.refresh_token_days),
        session_lifetime=timedelta(days=variables.session_days),
    )


def better_auth_of(variables: Variables) -> BetterAuth | None:
    """Better Auth, unless it is switched off. Without its URL there are no keys to check its tokens by."""
    if not variables.better_auth_enabled:
        return None
    url = variables.better_auth_url.rstrip("/") if variables.better_auth_url else None
    jwks = variables.better_auth_jwks_url or (f"{url}/api/auth/jwks" if url else None)
    return BetterAuth(variables.better_auth_secret, url, jwks)


def pattern_of(variables: Variables) -> str | None:
    """The previews' pattern, where it is asked for."""
    if variables.vercel_preview_project and variables.vercel_preview_team:
        return preview_pattern(variables.vercel_preview_project, variables.vercel_preview_team)
    return None


def rates_of(variables: Variables) -> Rates:
    """The rates, and where they are counted."""
    redis = variables.redis_url
    if redis is not None and redis.get_secret_value().startswith("memory:"):
        redis = None
    return Rates(
        redis_url=redis,
        per_user=variables.rate_limit_user,
        per_address=variables.rate_limit_address,
        sign_in=variables.rate_limit_sign_in,
        sign_in_address=variables.rate_limit_sign_in_address,
    )


def grace_of(variables: Variables, *, production: bool) -> float:
    """How long a server that is told to stop goes on as before, while the platform sends clients elsewhere."""
    default = 3.0 if production else 0.0
    return default if variables.drain_grace_seconds is None else variables.drain_grace_seconds
