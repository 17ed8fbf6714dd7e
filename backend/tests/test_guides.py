"""QUICKSTART.md and DEPLOYMENT.md followed to the letter. What acts on accounts of somebody's own is known by name."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.parts.postgresql import PostgreSQL
from tests.parts.programs import free_port, stop, wait_for
from tests.parts.service import ROOT, migrate

GUIDES = ("QUICKSTART.md", "deployment/DEPLOYMENT.md")
BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What is not run here, by how its block begins, and why.
ELSEWHERE = {
    "docker compose up": "the stack is brought up by a test of its own",
    "npm install --global @railway/cli": "acts on an account at Railway",
    "seatrial verify https://YOUR-SERVICE": "asks a service that is live",
}
SERVER = "scripts/prepare-deployment.sh with "
LOOK = "curl http://127.0.0.1:8000/health"


def blocks(guide: str) -> list[tuple[str, str]]:
    """Language and commands of each block."""
    return [(language, text) for language, text in BLOCK.findall((ROOT / guide).read_text())]


def kind(language: str, text: str) -> str:
    """How a block is dealt with; "" where nobody has thought of it."""
    if language == "bash":
        return "run"
    known = next((reason for start, reason in ELSEWHERE.items() if text.startswith(start)), "")
    return known or ("served" if text.startswith(SERVER) else "looked at" if text.startswith(LOOK) else "")


def clone(place: Path) -> Path:
    """What of the backend is in the repository, in a repository of its own."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
        target.chmod((ROOT / name).stat().st_mode)
    subprocess.run(["git", "init", "--quiet"], cwd=place, check=True)
    subprocess.run(["git", "add", "--all"], cwd=place, check=True)
    return place


def environment() -> dict[str, str]:
    """That of a new terminal."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "RUN_TESTS_PYTHON") if name in os.environ}


def follow(text: str, place: Path) -> None:
    command = ["bash", "-euc", text]
    done = subprocess.run(command, cwd=place, env=environment(), capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, f"{text}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"


def test_every_block_is_run_or_is_known_not_to_be() -> None:
    counted = Counter(kind(*block) for guide in GUIDES for block in blocks(guide))
    assert counted == Counter({"run": 6, "served": 1, "looked at": 1} | dict.fromkeys(ELSEWHERE.values(), 1))


def test_what_needs_no_installation_runs(tmp_path: Path) -> None:
    place = clone(tmp_path / "backend")
    here = [text for guide in GUIDES for language, text in blocks(guide) if kind(language, text) == "run"]
    followed = [text for text in here if text.startswith(("scripts/", "python3 -c"))]
    for text in followed:
        follow(text, place)
    assert len(followed) == 4
    assert (place / ".env").stat().st_mode & 0o777 == 0o600


TESTS = "python3 scripts/run_tests.py"


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.nightly)])
def test_the_guides_followed_to_the_letter(
    tmp_path: Path, postgresql: PostgreSQL, database: str, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """In order; the value that is to be filled in is, and the port is one that is free. In the short form what the
    guides have run by the tests' own environment is one file of them, by the environment that is here already.
    """
    place, port = clone(tmp_path / "backend"), str(free_port())
    if not whole:
        monkeypatch.setenv("RUN_TESTS_PYTHON", sys.executable)
    server = None
    migrate(postgresql.url(database))
    try:
        for language, text in (block for guide in GUIDES for block in blocks(guide)):
            how = kind(language, text)
            told = text.replace("8000", port)
            if how == "served":
                fill_in(place / ".env", postgresql.url(database))
                server = subprocess.Popen(["bash", "-euc", told], cwd=place, env=environment(), start_new_session=True)
            elif how == "looked at":
                wait_for(lambda told=told: answers(told), "the server answers")  # type: ignore[misc]
            elif how == "run":
                follow(text if whole else text.replace(TESTS, f"{TESTS} tests/test_settings.py"), place)
    finally:
        if server is not None:
            os.killpg(server.pid, signal.SIGTERM)  # the shell, the server, and what watches over it
            stop(server)
    assert (place / ".venv/bin/uvicorn").exists()
    assert (place / ".venv-tests/bin/pytest").exists() == whole


def answers(command: str) -> bool:
    done = subprocess.run(["bash", "-c", f"{command.strip()} --fail"], capture_output=True, text=True)
    return done.returncode == 0 and "pass" in done.stdout


def fill_in(file: Path, url: str) -> None:
    lines = file.read_text().splitlines()
    kept = [f"DATABASE_URL={url}" if line.startswith("DATABASE_URL=") else line for line in lines]
    file.write_text("\n".join(kept) + "\n")
