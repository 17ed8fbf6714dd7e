from __future__ import annotations

import base64
import random
import ssl
from pathlib import Path
from typing import Any

import pytest

from src.database.address import Address, AddressError, parse_address
from src.settings import ConfigurationError, read_settings
from src.settings.capacity import cpu_quota, default_bodies, default_pool, default_workers, memory_limit
from src.settings.platform import OTHERS, RAILWAY
from src.settings.secrets import weakness
from tests.parts.service import production

GOOD = production(DATABASE_URL="postgresql://me:pw@db.example.com/tasks?sslmode=require")
NEON = (
    "postgresql://me:p%40ss@ep-cool-1-pooler.eu-central-1.aws.neon.tech/tasks?sslmode=require&channel_binding=require"
)


def faults(env: dict[str, str]) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        read_settings(env)
    assert all(name in str(caught.value) for name in caught.value.faults)
    return caught.value.faults


def test_nothing_is_needed_in_development(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings({})
    assert not settings.production
    assert settings.database is None
    assert settings.tokens.secret == read_settings({}).tokens.secret
    assert (tmp_path / ".development" / "secrets.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", [*RAILWAY, *OTHERS])
@pytest.mark.parametrize("said", ["", "development"])
def test_a_platform_is_production_whatever_is_said(name: str, said: str) -> None:
    assert "DATABASE_URL" in faults({name: "x", "ENVIRONMENT": said})


def test_every_missing_variable_is_named_at_once() -> None:
    wanted = {"BETTER_AUTH_SECRET", "BETTER_AUTH_URL", "CORS_ORIGINS", "DATABASE_URL", "JWT_SECRET", "REDIS_URL"}
    assert set(faults({"ENVIRONMENT": "production"})) == wanted
    without = {"ENVIRONMENT": "production", "BETTER_AUTH_ENABLED": "false"}
    assert set(faults(without)) == {name for name in wanted if not name.startswith("BETTER_AUTH")}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("JWT_SECRET", "", "is not set"),
        ("JWT_SECRET", "x7Kq", "shorter than 32 bytes"),
        ("JWT_SECRET", "changeme-changeme-changeme-changeme", "placeholder"),
        ("JWT_SECRET", "your-secret-goes-in-this-place-12345", "placeholder"),
        ("JWT_SECRET", "ab" * 20, "repeats"),
        ("JWT_SECRET", GOOD["BETTER_AUTH_SECRET"], "same as BETTER_AUTH_SECRET"),
        ("BETTER_AUTH_SECRET", "better-auth-secret-123456789012345678", "placeholder"),
        ("OPERATOR_TOKEN", "abc", "shorter"),
        ("DATABASE_URL", "mysql://me:hunter2@db/tasks", "postgresql://"),
        ("DATABASE_URL", "postgresql://me:hunter2@db", "no database"),
        ("DATABASE_URL", "postgresql://me:hunter2@db:port/tasks", "port"),
        ("DATABASE_URL", "postgresql://me:hunter2@db/tasks?sslmode=prefer", "chance"),
        ("DATABASE_URL", "postgresql://me:hunter2@db/tasks?sslmode=verify", "sslmode"),
        ("DATABASE_URL", "postgresql://me:hunter2@db/tasks?statement_timeout=5", "statement_timeout"),
        ("DATABASE_CA_FILE", "/nowhere/ca.crt", "not there"),
        ("CORS_ORIGINS", "*", "wildcard"),
        ("CORS_ORIGINS", "https://*.vercel.app", "wildcard"),
        ("CORS_ORIGINS", "https://app.example.com/", "slash"),
        ("CORS_ORIGINS", "http://app.example.com", "not https"),
        ("CORS_ORIGINS", "tasks.example.org", "form"),
        ("VERCEL_PREVIEW_PROJECT", "tasks", "set together"),
        ("PORT", "eighty", "integer"),
        ("PORT", "70000", "65535"),
        ("ENVIRONMENT", "prod", "development"),
        ("RATE_LIMIT_USER", "often", "rate"),
    ],
)
def test_a_wrong_value_is_named_and_not_told(name: str, value: str, said: str) -> None:
    env = GOOD | {name: value} | ({"RAILWAY_ENVIRONMENT": "x"} if name == "ENVIRONMENT" else {})
    found = faults(env)
    named = "DATABASE_URL" if name == "DATABASE_CA_FILE" else name
    assert list(found) == [named]
    assert said in found[named]
    assert "hunter2" not in found[named]
    assert len(value) < 12 or value not in found[named]


def test_secrets_do_not_show() -> None:
    shown = repr(read_settings(GOOD))
    for name in ("JWT_SECRET", "BETTER_AUTH_SECRET", "OPERATOR_TOKEN"):
        assert GOOD[name] not in shown
    assert "pw" not in shown


def random_secret(size: int, seed: int) -> str:
    return base64.urlsafe_b64encode(random.Random(seed).randbytes(size)).rstrip(b"=").decode()


@pytest.mark.parametrize("size", range(32, 96, 8))
def test_random_secrets_are_fit(size: int) -> None:
    for seed in range(1_000):
        assert weakness(random.Random(seed).randbytes(size // 2).hex()) is None
        assert weakness(random_secret(size, seed)) is None


def test_a_secret_that_happens_to_spell_a_word_is_fit() -> None:
    drawn = random_secret(48, seed=1)
    assert weakness(drawn[:20] + "DUmMy" + drawn[20:]) is None
    assert weakness("dummy-" + drawn) is not None


def test_neons_url_is_taken_as_the_console_gives_it() -> None:
    address = parse_address(NEON, production=True)
    context = address.tls_context()
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    arguments = address.arguments()
    assert (arguments["password"], arguments["port"], arguments["database"]) == ("p@ss", 5432, "tasks")
    assert address.direct().host == "ep-cool-1.eu-central-1.aws.neon.tech"
    assert "p@ss" not in repr(address)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("postgres://u:p@db.example.com/d", {"host": "db.example.com", "tls": "require"}),
        ("postgres://u:p@pgbouncer:6432/d", {"tls": "prefer"}),
        ("postgres://u:p@postgres.railway.internal/d", {"tls": "prefer"}),
        ("postgres://u:p@10.1.2.3/d", {"tls": "require"}),
        ("postgresql+asyncpg://u:p@h:6432/d", {"port": 6432}),
        ("postgresql://u:p@h/d?sslmode=disable", {"tls": "disable"}),
        ("postgresql://u:p@h/d?ssl=require", {"tls": "require"}),
        ("postgresql://u:p@h/d?sslmode=verify-ca", {"tls": "verify-ca"}),
        ("postgresql://u:p@h/d?options=endpoint%3Dep-1&sslmode=require", {"tls": "require"}),
        ("postgresql://u:p@h/d?pgbouncer=true&connect_timeout=10", {"database": "d"}),
        ("postgresql://u:p@127.0.0.1/d", {"tls": "disable"}),
        ("postgresql://u@/d?host=/run/postgresql", {"host": "/run/postgresql", "tls": "disable"}),
        ("postgresql://u:p@[::1]/d", {"host": "::1"}),
        ("postgresql://u:p@h/d?application_name=tasks", {"application_name": "tasks"}),
    ],
)
def test_other_urls_mean_what_they_say(url: str, wanted: dict[str, Any]) -> None:
    address = parse_address(url, production=True)
    assert {name: getattr(address, name) for name in wanted} == wanted


def test_a_url_is_not_told_when_it_is_wrong() -> None:
    with pytest.raises(AddressError) as caught:
        parse_address("postgresql://u:hunter2@h:x/d", production=True)
    assert "hunter2" not in str(caught.value)


def test_a_direct_host_stays_as_it_is() -> None:
    address = parse_address("postgresql://u:p@db-pooler-1.example.com/d", production=True)
    assert isinstance(address, Address)
    assert address.direct() == address


def test_dotenv_serves_development_and_cannot_make_production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("PORT=1234\nLOG_LEVEL=DEBUG\n")
    settings = read_settings({"LOG_LEVEL": "ERROR"})
    assert (settings.port, settings.log_level) == (1234, "ERROR")
    (tmp_path / ".env").write_text("ENVIRONMENT=production\n")
    assert set(faults({})) == {"ENVIRONMENT"}
    (tmp_path / ".env").write_text("JWT_SECRET=whatever\n")
    assert set(faults({"ENVIRONMENT": "production", "BETTER_AUTH_ENABLED": "0"})) >= {"JWT_SECRET"}


MB = 1 << 20
# The files of a container's control group, as the kernel shows them: the second form, and the first.
SECOND = {"cpu.max": "{quota} 100000", "memory.max": "{memory}"}
FIRST = {
    "cpu/cpu.cfs_quota_us": "{quota}",
    "cpu/cpu.cfs_period_us": "100000",
    "memory/memory.limit_in_bytes": "{memory}",
}


def control_group(place: Path, files: dict[str, str], quota: str, memory: str) -> Path:
    for name, text in files.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text.format(quota=quota, memory=memory) + "\n")
    return place


@pytest.mark.parametrize("files", [SECOND, FIRST], ids=["second form", "first form"])
def test_half_a_processor_and_256_mb_have_one_worker(tmp_path: Path, files: dict[str, str]) -> None:
    root = control_group(tmp_path, files, "50000", str(256 * MB))
    assert (cpu_quota(root), memory_limit(root)) == (0.5, 256 * MB)
    assert (default_workers(production=True, root=root), default_pool(root)) == (1, 5)
    assert default_bodies(1, MB, root) == 16 * MB


@pytest.mark.parametrize(
    ("files", "quota", "memory"), [(SECOND, "max", "max"), (FIRST, "-1", "9223372036854771712"), ({}, "", "")]
)
def test_what_nothing_limits_is_as_large_as_the_machine(
    tmp_path: Path, files: dict[str, str], quota: str, memory: str
) -> None:
    root = control_group(tmp_path, files, quota, memory)
    assert memory_limit(root) is None
    assert cpu_quota(root) >= 1
    assert 1 <= default_workers(production=True, root=root) <= 8
    assert default_workers(production=False, root=root) == 1


def test_workers_are_no_more_than_memory_holds(tmp_path: Path) -> None:
    root = control_group(tmp_path, {"memory.max": "{memory}"}, "", str(256 * MB))
    assert default_workers(production=True, root=root) == 1
