"""What every test can ask for: `needs("postgresql")` for a part of the system that a machine may lack."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from uv import find_uv_bin
from xdist.remote import Producer

from seatrial.provision.interpreter import interpreters_at_hand
from tests.sharing import Sharing

# The same examples in every run, however slow the machine; searching further is a command of its own.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def has_postgresql() -> bool:
    """The server's programs; Debian keeps them off the PATH."""
    return shutil.which("initdb") is not None or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def has_redis() -> bool:
    return shutil.which("redis-server") is not None


def has_pgbouncer() -> bool:
    """Debian keeps it off the PATH of everybody but root."""
    return shutil.which("pgbouncer") is not None or Path("/usr/sbin/pgbouncer").is_file()


def has_docker() -> bool:
    """The client and an engine: one that answers, or one that root may start."""
    if shutil.which("docker") is None:
        return False
    startable = os.geteuid() == 0 and shutil.which("dockerd") is not None
    return startable or subprocess.run(["docker", "info"], capture_output=True).returncode == 0


def has_compose() -> bool:
    """Compose, as a program of its own or as the client's plug-in."""
    plugin = ["docker", "compose", "version"]
    if shutil.which("docker-compose") is not None:
        return True
    return shutil.which("docker") is not None and subprocess.run(plugin, capture_output=True).returncode == 0


def has(program: str) -> Callable[[], bool]:
    """Whether a program is on the PATH."""
    return lambda: shutil.which(program) is not None


@pytest.fixture(scope="session")
def base_image() -> str:
    """The name of a Python image to build from; the engine is started and the image made where they are missing."""
    subprocess.run([str(Path(__file__).parents[1] / "tools" / "base-image")], check=True)
    return "python:3.11-slim"


@pytest.fixture(scope="session")
def backend_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of an environment in which a small backend runs: FastAPI and uvicorn are installed there."""
    place = tmp_path_factory.mktemp("backend-environment") / "environment"
    uv = find_uv_bin()
    python = str(place / "bin" / "python")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "fastapi", "uvicorn"], check=True)
    return python


def has_old_python() -> bool:
    """Python 3.9, the last that releases of its time have wheels for, beside the one that runs the tests."""
    return any(found.minor == (3, 9) for found in interpreters_at_hand())


PARTS: dict[str, Callable[[], bool]] = {
    "postgresql": has_postgresql,
    "gcc": has("gcc"),
    "redis": has_redis,
    "pgbouncer": has_pgbouncer,
    "docker": has_docker,
    "compose": has_compose,
    "chromium": has("chromium"),
    "zsh": has("zsh"),
    "fish": has("fish"),
    "old-python": has_old_python,
}
LACKING = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LACKING] = Counter()
    # A job in the background may begin with Ctrl-C ignored, and hand that down to the programs under test.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Sharing:
    """Where tests are shared out (`-n`)."""
    return Sharing(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for part in marker.args:
            if not PARTS[part]():
                lack(item.config, part)


def lack(config: pytest.Config, part: str) -> None:
    """Skip, and say so at the end; on CI every part has to be there."""
    if os.environ.get("CI"):
        pytest.fail(f"{part} is not installed", pytrace=False)
    config.stash[LACKING][part] += 1
    pytest.skip(f"{part} is not installed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for part, number in sorted(config.stash[LACKING].items()):
        terminalreporter.write_line(f"{number} tests skipped: {part} is not installed (make system, as root)")
