"""`make backend PORT=...`: one command, and the reference backend serves with all that it needs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import uuid
from pathlib import Path

import httpx
import pytest

from tests.rules.reality import free_port

REPOSITORY = Path(__file__).parents[1]
PATIENCE_S = 120.0


def serves(url: str, process: subprocess.Popen[bytes], log: Path) -> bool:
    """Asked until it does, or its process has ended."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                return True
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace")[-3000:])


def test_it_starts_on_a_database_of_its_own_with_secrets_of_its_own_and_stops(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    url, folder = f"http://127.0.0.1:{port}", tmp_path / "development"
    known = ("PATH", "HOME", "TMPDIR", "LANG", "UV_CACHE_DIR")
    environment = {name: os.environ[name] for name in known if name in os.environ}
    command = ["make", "backend", f"PORT={port}", "HOST=127.0.0.1"]
    with log.open("wb") as told:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**environment, "DEVELOPMENT_FOLDER": str(folder)},
            stdout=told,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        assert serves(url, process, log)
        assert len(json.loads((folder / "secrets.json").read_text())["JWT_SECRET"]) >= 32
        body = {"email": f"{uuid.uuid4().hex}@example.com", "password": "correct horse battery staple"}
        assert httpx.post(f"{url}/auth/signup", json=body, timeout=60).status_code == 201
        token = httpx.post(f"{url}/auth/login", json=body, timeout=60).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.post(f"{url}/tasks", json={"title": "x"}, headers=headers, timeout=60).status_code == 201
    finally:
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C in a terminal does
        process.wait(PATIENCE_S)
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, timeout=5)
    assert not (folder / "postgresql/postmaster.pid").exists()
