"""The service, started as a platform starts it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from tests.parts.leaving import closed, opened
from tests.parts.programs import free_port, stop, wait_for

ROOT = Path(__file__).parents[2]
FRONT_END = "https://tasks.example.com"
OPERATOR = "operator-" + secrets.token_urlsafe(32)
PLENTY = "1000000/minute"


def production(**more: str) -> dict[str, str]:
    """An environment in which everything that production needs is given, with limits that no test meets by accident."""
    given = {
        "PATH": os.environ["PATH"],
        "HOST": "127.0.0.1",
        "ENVIRONMENT": "production",
        "JWT_SECRET": secrets.token_urlsafe(48),
        "BETTER_AUTH_SECRET": secrets.token_urlsafe(48),
        "BETTER_AUTH_URL": "https://auth.example.com",
        "CORS_ORIGINS": FRONT_END,
        "REDIS_URL": "memory://",
        "OPERATOR_TOKEN": OPERATOR,
        "RATE_LIMIT_USER": PLENTY,
        "RATE_LIMIT_ADDRESS": PLENTY,
        "RATE_LIMIT_SIGN_IN": PLENTY,
        "RATE_LIMIT_SIGN_IN_ADDRESS": PLENTY,
        "DRAIN_GRACE_SECONDS": "0",
        "WEB_CONCURRENCY": "1",
        "LC_ALL": "C.UTF-8",
    }
    return given | more


class Service:
    """A running service. Its log is kept: tests read what operators would."""

    def __init__(self, env: dict[str, str], *command: str, program: str = sys.executable, cwd: Path = ROOT) -> None:
        self.port = int(env.get("PORT", "0")) or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = tempfile.NamedTemporaryFile(prefix="tasks-log-", delete=False)  # noqa: SIM115
        opened(self)
        self.process = subprocess.Popen(
            [program, *(command or ("-m", "src"))],
            env={**env, "PORT": str(self.port)},
            cwd=cwd,
            stdout=self.log_file,
            stderr=subprocess.STDOUT,
        )

    def wait(self, path: str = "/health/live") -> Service:
        """Wait until it serves."""
        wait_for(lambda: self.ended() or self.answers(path), f"the service serves; its log:\n{self.log()}")
        assert self.process.poll() is None, self.log()
        return self

    def ended(self) -> bool:
        return self.process.poll() is not None

    def answers(self, path: str) -> bool:
        try:
            return httpx.get(self.url + path, timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def log(self) -> str:
        return Path(self.log_file.name).read_text(errors="replace")

    def lines(self) -> list[dict[str, Any]]:
        """What it logged in JSON."""
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def stop(self) -> int:
        return stop(self.process)

    def close(self) -> None:
        """Stop it, and look whether it could close what it had open: a server only logs that it could not."""
        try:
            self.stop()
            assert "shutdown failed" not in self.log(), self.log()
        finally:
            self.log_file.close()
            Path(self.log_file.name).unlink(missing_ok=True)
            closed(self)


def migrate(url: str) -> None:
    """Bring the tables to the newest form, as the guide says."""
    env = production(DATABASE_URL=url)
    subprocess.run([sys.executable, "-m", "alembic", "upgrade", "head"], check=True, env=env, cwd=ROOT)
