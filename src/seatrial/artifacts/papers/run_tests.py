"""scripts/run_tests.py: the tests of the backend with everything set that they need, or without tests its start."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.installing import UV
from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.stamp import stamped
from seatrial.artifacts.survey import Install, Survey

_TEXT = '''\
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
REQUIRED = {required}
PATHS = {paths}
INSTALL = {install}
START = {start}


def main(arguments: list[str]) -> int:
    """Compile everything, then test it."""
    python = os.environ.get("RUN_TESTS_PYTHON") or prepare()
    compiled = run(python, "-m", "compileall", "-q", "-x", r"[/\\\\](\\.|node_modules)", ".")
    if compiled:
        return compiled
    if has_tests():
        return run(python, "-m", "pytest", *arguments)
    sys.stdout.write("There are no tests yet: only whether the application can be imported is tried.\\n")
    return run(python, "-c", START)


def prepare() -> str:
    """An environment with what is declared, and pytest."""
    folder = "Scripts" if os.name == "nt" else "bin"
    python = str(ENVIRONMENT / folder / "python")
    if not ENVIRONMENT.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    for command in INSTALL:
        words = [word.replace("@python", python) for word in command]
        chosen = {{"VIRTUAL_ENV": str(ENVIRONMENT), "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT), "PDM_PYTHON": python}}
        environ = {{**os.environ, **chosen}}
        subprocess.run(words, cwd=ROOT, env=environ, check=True)
    return python


def has_tests() -> bool:
    """Whether any file is one that pytest would take."""
    found = [path for pattern in ("test_*.py", "*_test.py") for path in ROOT.rglob(pattern)]
    parts = [path.relative_to(ROOT).parts for path in found]
    return any(not any(part.startswith(".") or part == "scripts" for part in of) for of in parts)


def run(python: str, *words: str) -> int:
    """Run Python in the backend's folder with the variables that it requires."""
    made = {{name: secrets.token_hex(32) if value is None else value for name, value in REQUIRED.items()}}
    paths = [*(str(ROOT / path) for path in PATHS), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(paths).rstrip(os.pathsep)
    environ = {{**made, **os.environ, "PYTHONPATH": path}}
    return subprocess.run([python, *words], cwd=ROOT, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
'''


def draft(survey: Survey) -> Iterator[Draft]:
    """One script of the standard library alone."""
    required = {variable.name: None if variable.secret else variable.value for variable in survey.required}
    launch = survey.launch
    start = f"import importlib; getattr(importlib.import_module({launch.module!r}), {launch.attribute!r})"
    text = _TEXT.format(
        required=_mapping(required),
        paths=repr(list(dict.fromkeys((launch.app_dir, *launch.paths)))).replace("'", '"'),
        install=_rows(_installing(survey.install)),
        start=f'"{start}"' if '"' not in start else repr(start),
    )
    yield Draft(survey.path("scripts/run_tests.py"), stamped(text), executable=True)


def _mapping(values: dict[str, str | None]) -> str:
    if not values:
        return "{}"
    return "{\n" + "".join(f'    "{name}": {_literal(value)},\n' for name, value in values.items()) + "}"


def _literal(value: str | None) -> str:
    if value is None:
        return "None"
    return f'"{value}"' if '"' not in value and "\\" not in value else repr(value)


def _rows(commands: list[list[str]]) -> str:
    return "[\n" + "".join(f"    {str(command).replace(chr(39), chr(34))},\n" for command in commands) + "]"


def _installing(install: Install) -> list[list[str]]:
    """The commands, with `@python` for the environment's interpreter."""
    pip = ["@python", "-m", "pip", "install", "--quiet"]
    options = install.options.split()
    plain = {
        "uv": ["uv", "sync", "--quiet", "--locked", "--no-install-project", *options],
        "poetry": ["poetry", "install", "--no-root", "-n", *options],
        "pdm": ["pdm", "sync", "--no-self", *options],
        "pipenv": ["pipenv", "sync" if install.locked else "install", "--dev", *options],
    }
    hashed = ["--require-hashes"] if install.hashed else []
    if install.tests and install.tool == "pip":
        return [[*pip, *hashed, "-r", install.first], [*pip, "-r", install.tests]]
    if install.tool in plain:
        commands = [plain[install.tool]]
    elif install.first.endswith("pyproject.toml"):
        commands = [[*pip, UV], ["@python", "-m", "uv", "pip", "install", "--quiet", "-r", install.first, *options]]
    else:
        commands = [[*pip, *hashed, "-r", install.first]]
    if install.has_pytest:
        return commands
    added = ["uv", "pip", "install", "--quiet", "pytest"] if install.tool == "uv" else [*pip, "pytest"]
    return [*commands, added]


_ALL = (Purpose.RAILWAY, Purpose.DOCKER, Purpose.COMPOSE, Purpose.GITHUB)
PAPER = Paper("run-tests", "runs the tests with all that they need", _ALL, draft, order=32)
