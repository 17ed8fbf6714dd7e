"""The reference backend, as it is or with faults planted in a copy, served by its own interpreter and PostgreSQL."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.verification.planting import Plant

SOURCE = Path(__file__).parents[2] / "backend"
FRONTEND = "https://tasks.vercel.app"
KEY = "5f0c8a7e1d2b43968f7a0b1c2d3e4f5061728394a5b6c7d8e9f00112233445566"
PATIENCE_S = 60.0
_RUNNING = re.compile(r"running on http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True, slots=True)
class Reference:
    """Its interpreter, and a folder for copies, logs and the database, which all runs share."""

    python: Path
    place: Path

    @contextmanager
    def served(self, plants: tuple[Plant, ...] = (), **variables: str) -> Iterator[str]:
        """The backend with these edits, as its URL."""
        folder = self._copy(plants)
        log = folder / "log.txt"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.place),
            "HOST": "127.0.0.1",
            "PORT": "0",
            "DEVELOPMENT_FOLDER": str(self.place / "database"),
            "LOG_FORMAT": "text",
            "JWT_SECRET": KEY,
            "CORS_ORIGINS": FRONTEND,
            "DRAIN_SECONDS": "0",
            **variables,
        }
        with log.open("w") as told:
            process = subprocess.Popen(
                [self.python, "-m", "src"], cwd=folder, env=environment, stdout=told, stderr=subprocess.STDOUT
            )
        try:
            yield f"http://127.0.0.1:{_port(process, log)}"
        finally:
            process.terminate()
            process.wait(PATIENCE_S)

    def _copy(self, plants: tuple[Plant, ...]) -> Path:
        made = self.place / f"copy-{time.monotonic_ns()}"
        for name in ("src", "migrations"):
            shutil.copytree(SOURCE / name, made / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(SOURCE / "alembic.ini", made)
        for plant in plants:
            file = made / "src" / plant.file
            text = file.read_text("utf-8")
            if text.count(plant.before) != 1:
                raise LookupError(f"{plant.file}: {plant.before!r} is there {text.count(plant.before)} times")
            file.write_text(text.replace(plant.before, plant.after), "utf-8")
        return made


def prepared(place: Path) -> Reference:
    """An environment with what the backend's own papers pin."""
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])) or "uv"
    python = place / "environment" / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(place / "environment")], check=True)
    papers = SOURCE / "requirements-dev.txt"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(papers)], check=True)
    return Reference(python, place)


def _port(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := _RUNNING.search(log.read_text("utf-8", "replace"))):
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the reference backend does not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.05)
    return found.group(1)
