"""The environment variables, one field each: what `.env.example` explains is told here first."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Variables(BaseSettings):
    """The variables as they are written, parsed one by one. What they mean together is judged by `reading`."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    environment: Literal["development", "production"] = "development"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "text"] | None = None

    host: str = "0.0.0.0"  # noqa: S104 - a container is reached from outside it
    port: int = Field(default=8080, ge=0, le=65535)
    web_concurrency: int | None = Field(default=None, ge=1, le=64)
    drain_seconds: float = Field(default=25, ge=0, le=600)
    drain_grace_seconds: float | None = Field(default=None, ge=0, le=60)
    body_limit_bytes: int = Field(default=1_048_576, ge=1024, le=100_000_000)
    max_in_flight: int | None = Field(default=None, ge=1, le=10_000)
    client_address_header: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]+$")

    database_url: SecretStr | None = None
    database_direct_url: SecretStr | None = None
    database_ca_file: str | None = None
    database_pool_size: int | None = Field(default=None, ge=1, le=100)
    database_pool_overflow: int = Field(default=0, ge=0, le=20)
    database_pool_recycle_seconds: float = Field(default=240, ge=10, le=3600)
    database_connect_timeout_seconds: float = Field(default=10, ge=0.5, le=60)
    database_command_timeout_seconds: float = Field(default=15, ge=0.5, le=300)
    database_pool_wait_seconds: float = Field(default=5, ge=0.1, le=60)
    database_retry_seconds: float = Field(default=8, ge=0, le=60)
    database_start_seconds: float = Field(default=30, ge=0, le=300)
    development_folder: str = ".development"

    jwt_secret: SecretStr | None = None
    jwt_issuer: str = "tasks-backend"
    jwt_audience: str = "tasks-api"
    access_token_minutes: int = Field(default=15, ge=1, le=60)
    refresh_token_days: int = Field(default=7, ge=1, le=90)
    session_days: int = Field(default=30, ge=1, le=365)

    better_auth_enabled: bool = True
    better_auth_secret: SecretStr | None = None
    better_auth_url: str | None = None
    better_auth_jwks_url: str | None = None

    cors_origins: str | None = None
    vercel_preview_project: str | None = None
    vercel_preview_team: str | None = None

    redis_url: SecretStr | None = None
    rate_limit_user: str = "600/minute"
    rate_limit_address: str = "1200/minute"
    rate_limit_sign_in: str = "10/minute"
    rate_limit_sign_in_address: str = "60/minute"

    email_api_key: SecretStr | None = None
    email_api_url: str = "https://api.resend.com/emails"
    email_from: str = "Tasks <reminders@example.com>"

    operator_token: SecretStr | None = None
