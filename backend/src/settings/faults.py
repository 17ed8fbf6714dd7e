"""What is wrong with the variables, all of it in one message that repeats no value."""

from __future__ import annotations

from pydantic import SecretStr, ValidationError

from src.settings.origins import is_label, origin_fault
from src.settings.secrets import weakness
from src.settings.variables import Variables


class ConfigurationError(Exception):
    """The environment does not say what the service needs. The message names every wrong variable."""

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = faults
        lines = [f"  {name} {fault}." for name, fault in faults.items()]
        super().__init__("The configuration is wrong, so the service does not start:\n" + "\n".join(lines))


def faults_of(error: ValidationError) -> dict[str, str]:
    """Variables that cannot be parsed, each with the parser's sentence, which is told without the value."""
    return {
        str(entry["loc"][0]).upper(): f"is not usable: {entry['msg'][0].lower()}{entry['msg'][1:]}"
        for entry in error.errors(include_input=False, include_url=False)
        if entry["loc"]
    }


def faults_in_production(variables: Variables) -> dict[str, str]:
    """What is missing, weak or not given for production, where nothing has a value that was not chosen."""
    faults = dict(secret_faults(variables))
    if variables.database_url is None:
        faults["DATABASE_URL"] = "is not set: the PostgreSQL to use, for example Neon's pooled URL"
    if variables.redis_url is None:
        faults["REDIS_URL"] = "is not set: the Redis that counts for all replicas (memory:// if there is one process)"
    if variables.cors_origins is None:
        faults["CORS_ORIGINS"] = "is not set: the front ends' origins, separated by commas (none if there are none)"
    if variables.better_auth_enabled and variables.better_auth_url is None:
        faults["BETTER_AUTH_URL"] = "is not set: where Better Auth serves (or set BETTER_AUTH_ENABLED=false)"
    return faults


def secret_faults(variables: Variables) -> list[tuple[str, str]]:
    """Each secret that is missing though it is needed, or that is not fit to be one."""
    wanted: list[tuple[str, SecretStr | None, str | None]] = [
        ("JWT_SECRET", variables.jwt_secret, "is not set; make one with: openssl rand -base64 48"),
        ("OPERATOR_TOKEN", variables.operator_token, None),
    ]
    if variables.better_auth_enabled:
        missing = "is not set: the secret of your Better Auth server (or set BETTER_AUTH_ENABLED=false)"
        wanted.append(("BETTER_AUTH_SECRET", variables.better_auth_secret, missing))
    faults = [(name, fault) for name, value, missing in wanted if (fault := secret_fault(value, missing))]
    if same(variables.jwt_secret, variables.better_auth_secret):
        faults.append(("JWT_SECRET", "is the same as BETTER_AUTH_SECRET: whoever learns one has both"))
    return faults


def secret_fault(value: SecretStr | None, missing: str | None) -> str | None:
    """What is wrong with one secret; `missing` is the sentence for one that has to be there."""
    return missing if value is None else weakness(value.get_secret_value())


def same(one: SecretStr | None, other: SecretStr | None) -> bool:
    """Whether both are given and alike."""
    return one is not None and other is not None and one.get_secret_value() == other.get_secret_value()


def faults_of_origins(variables: Variables, *, production: bool) -> dict[str, str]:
    """Front ends that no browser could match, or too many could."""
    for origin in origins_of(variables):
        if fault := origin_fault(origin, production=production):
            return {"CORS_ORIGINS": f"names an origin that {fault}"}
    pair = (variables.vercel_preview_project, variables.vercel_preview_team)
    if any(pair) and not all(part and is_label(part) for part in pair):
        message = "and VERCEL_PREVIEW_TEAM are set together, each a name as Vercel writes it (small letters, digits, -)"
        return {"VERCEL_PREVIEW_PROJECT": message}
    return {}


def origins_of(variables: Variables) -> tuple[str, ...]:
    """The origins that are listed; `none` lists none."""
    text = variables.cors_origins or ""
    return () if text.strip().lower() == "none" else tuple(part.strip() for part in text.split(",") if part.strip())
