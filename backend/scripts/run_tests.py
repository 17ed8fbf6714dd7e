#!/usr/bin/env python3
"""Runs the tests of this backend: `python scripts/run_tests.py [ARGUMENTS OF PYTEST]`.

What it needs is installed into an environment of its own, .venv-tests, unless RUN_TESTS_PYTHON names an interpreter
that has everything. Variables that are required and not set get throwaway values. Exits as pytest does.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv-tests"
REQUIRED = {
    "DATABASE_URL": "postgresql+asyncpg://user:password@localhost:5432/app",
    "JWT_SECRET": None,
    "BETTER_AUTH_SECRET": None,
    "BETTER_AUTH_URL": "http://localhost:3000",
    "CORS_ORIGINS": "http://localhost:3000",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}
PATHS = ["."]
INSTALL = [
    ["@python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements.txt"],
    ["@python", "-m", "pip", "install", "--quiet", "-r", "requirements-dev.txt"],
]
START = "import importlib; getattr(importlib.import_module('src.main'), 'app')"


def main(arguments: list[str]) -> int:
    """Compile everything, then test it."""
    python = os.environ.get("RUN_TESTS_PYTHON") or prepare()
    compiled = run(python, "-m", "compileall", "-q", "-x", r"[/\\](\.|node_modules)", ".")
    if compiled:
        return compiled
    if has_tests():
        return run(python, "-m", "pytest", *arguments)
    sys.stdout.write("There are no tests yet: only whether the application can be imported is tried.\n")
    return run(python, "-c", START)


def prepare() -> str:
    """An environment with what is declared, and pytest."""
    folder = "Scripts" if os.name == "nt" else "bin"
    python = str(ENVIRONMENT / folder / "python")
    if not ENVIRONMENT.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    for command in INSTALL:
        words = [word.replace("@python", python) for word in command]
        chosen = {"VIRTUAL_ENV": str(ENVIRONMENT), "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT), "PDM_PYTHON": python}
        environ = {**os.environ, **chosen}
        subprocess.run(words, cwd=ROOT, env=environ, check=True)
    return python


def has_tests() -> bool:
    """Whether any file is one that pytest would take."""
    found = [path for pattern in ("test_*.py", "*_test.py") for path in ROOT.rglob(pattern)]
    parts = [path.relative_to(ROOT).parts for path in found]
    return any(not any(part.startswith(".") or part == "scripts" for part in of) for of in parts)


def run(python: str, *words: str) -> int:
    """Run Python in the backend's folder with the variables that it requires."""
    made = {name: secrets.token_hex(32) if value is None else value for name, value in REQUIRED.items()}
    paths = [*(str(ROOT / path) for path in PATHS), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(paths).rstrip(os.pathsep)
    environ = {**made, **os.environ, "PYTHONPATH": path}
    return subprocess.run([python, *words], cwd=ROOT, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
# Written by `seatrial prepare` bdb2fcfc912a: it is kept in step until you change it; then it is yours.
