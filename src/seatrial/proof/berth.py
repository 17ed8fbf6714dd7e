"""The reference backend at its berth: served on this machine for a live trial, by an environment from its own papers.

It is our own code, and brings its own PostgreSQL for development: it is not confined as a backend on trial is.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import UsageError
from seatrial.proof.building.running import end
from seatrial.provision.uvtool import run_uv

FRONTEND = "https://tasks.example.com"
_INSTALL_S = 600.0
_START_S = 180.0  # its database is made at the first start
_LISTENS = re.compile(r"running on (http://127\.0\.0\.1:\d+)")
_PAPERS = ("-r", "requirements.txt", "-c", "requirements-dev.txt", "-r", "pyproject.toml", "--extra", "dev")


@dataclass(frozen=True, slots=True)
class Berth:
    """A server that is on its way up. `secret` signs its tokens; `folder` is gone when it is."""

    process: subprocess.Popen[bytes]
    log: Path
    secret: str
    folder: Path

    def url(self) -> str:
        """Where it answers, once it does. Raises UsageError with its own words where it does not come up."""
        deadline = time.monotonic() + _START_S
        while not (found := _LISTENS.search(self._said())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = " · ".join(self._said().strip().splitlines()[-3:])
                raise UsageError(f"the reference backend does not start on this machine: {said}")
            time.sleep(0.05)
        return found[1]

    def _said(self) -> str:
        return self.log.read_text("utf-8", "replace")


@contextlib.contextmanager
def berthed(backend: Path) -> Iterator[Berth]:
    """Begin to serve `backend`; it is stopped, and everything of it removed, at the end.

    Raises UsageError where its packages cannot be installed.
    """
    # Not in the cache: as root, PostgreSQL runs as somebody else, who has to get there.
    with tempfile.TemporaryDirectory(prefix="seatrial-berth-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o755)
        python = _environment(backend, folder / "environment")
        secret, log = secrets.token_hex(32), folder / "log.txt"
        with log.open("wb") as told:
            process = subprocess.Popen(
                [python, "-m", "src"],
                cwd=backend,
                env=_variables(folder, secret),
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield Berth(process, log, secret, folder)
        finally:
            end(process)


def _environment(backend: Path, place: Path) -> Path:
    """The interpreter of a fresh environment with what the backend pins, its development extra among it."""
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    for order in (
        ["venv", "--quiet", "--no-project", "--python", sys.executable, str(place)],
        ["pip", "install", "--quiet", "--python", str(python), *_PAPERS],
    ):
        ran = run_uv(order, seconds=_INSTALL_S, cwd=backend)
        if not ran.succeeded:
            said = " · ".join(line.strip() for line in ran.error.strip().splitlines()[-3:])
            raise UsageError(f"the packages of the reference backend cannot be installed: {said}")
    return python


def _variables(folder: Path, secret: str) -> dict[str, str]:
    """The least that it needs: one front end, a key, a port that the system chooses, a database of its own."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOST": "127.0.0.1",
        "PORT": "0",
        "DEVELOPMENT_FOLDER": str(folder / "development"),
        "LOG_FORMAT": "text",
        "JWT_SECRET": secret,
        "CORS_ORIGINS": FRONTEND,
        "DRAIN_SECONDS": "1",
    }
