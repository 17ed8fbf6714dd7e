"""What Railway does with a repository: which builder, which Python, which installer, which start command.

Railpack's rules were read in railwayapp/railpack at b5e8058 (v0.35, core/core.go and core/providers/python/python.go)
and those of config as code in railwayapp/docs at c2a634f (August 2026). Pure: a folder's papers in, a plan out.
"""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seatrial.issue import Location
from seatrial.project.documents import Documents
from seatrial.project.procfile import Procfile, read_procfile

MAIN_FILES = ("main.py", "app.py", "start.py", "bot.py", "hello.py", "server.py")
"""Files by which Railpack knows a Python project and that it would start, in its order."""

DEFAULT_PYTHON = "3.13"
CONFIG_ENDS = "2026-12-01"
"""From this day Railway reads no `railway.json` or `railway.toml` any more."""

_BEFORE_PYTHON = (
    ("php", ("index.php", "composer.json")),
    ("golang", ("go.mod", "main.go", "go.work")),
    ("java", ("pom.xml", "build.gradle", "build.gradle.kts", "gradlew")),
    ("rust", ("Cargo.toml",)),
    ("ruby", ("Gemfile",)),
    ("elixir", ("mix.exs",)),
)
_PYTHON = ("requirements.txt", "pyproject.toml", "Pipfile")


@dataclass(frozen=True, slots=True)
class StartCommand:
    """The command that the container runs, where it comes from, and whether `$PORT` is filled in.

    Railpack's image runs it by `/bin/bash -c`. A command set for a Dockerfile service is run without a shell.
    """

    command: str
    source: str
    expands: bool
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class RailwayPlan:
    """What a deployment of one folder would do. `install` is () when nothing gets installed at all.

    `provider` is Railpack's; "" when none matches, "dockerfile" when a Dockerfile replaces Railpack. `notes` are
    surprises, each with what causes it. `problem` is why the build would fail; `start` None is one of the reasons.
    """

    builder: str
    provider: str
    installer: str
    install: tuple[str, ...]
    python: str
    python_from: Location | None
    start: StartCommand | None
    problem: str = ""
    notes: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)


def plan_railway(documents: Documents, folder: str = ".") -> RailwayPlan:
    """The plan for a service whose root directory is `folder`, with no variables or settings of its own."""
    config, config_path = _config(documents, folder)
    if documents.is_file(_at(folder, "Dockerfile")):
        return _by_dockerfile(config, config_path, documents)
    provider = provider_of(documents, folder)
    if provider != "python":
        problem = "Railpack finds no language that it knows" if not provider else ""
        return RailwayPlan("railpack", provider, "", (), "", None, None, problem, (), config)
    installer, install = installer_of(documents, folder)
    python, python_from = python_of(documents, folder)
    start, problem = start_of(documents, folder, config, config_path)
    notes = tuple(_notes(documents, folder, installer, start))
    return RailwayPlan("railpack", "python", installer, install, python, python_from, start, problem, notes, config)


def provider_of(documents: Documents, folder: str) -> str:
    """The first provider that knows the folder, in Railpack's order; `package.json` comes after Python. "" for none."""
    for provider, files in _BEFORE_PYTHON:
        if any(documents.is_file(_at(folder, name)) for name in files):
            return provider
    if any(documents.is_file(_at(folder, name)) for name in (*MAIN_FILES, *_PYTHON)):
        return "python"
    return "node" if documents.is_file(_at(folder, "package.json")) else ""


def installer_of(documents: Documents, folder: str) -> tuple[str, tuple[str, ...]]:
    """The installer and its commands. A `requirements.txt` wins over every lock; a bare pyproject installs nothing."""
    has = {name: documents.is_file(_at(folder, name)) for name in ("uv.lock", "poetry.lock", "pdm.lock", *_PYTHON)}
    if has["requirements.txt"]:
        return "pip", ("pip install -r requirements.txt",)
    if has["pyproject.toml"] and has["uv.lock"]:
        sync = "uv sync --locked --no-dev --no-install-project"
        return "uv", (sync, "uv sync --locked --no-dev --no-editable")
    if has["pyproject.toml"] and has["poetry.lock"]:
        return "poetry", ("poetry install --no-interaction --no-ansi --only main --no-root",)
    if has["pyproject.toml"] and has["pdm.lock"]:
        return "pdm", ("pdm install --check --prod --no-editable",)
    if has["Pipfile"]:
        return "pipenv", ("pipenv install --skip-lock",)
    return "none", ()


def python_of(documents: Documents, folder: str) -> tuple[str, Location | None]:
    """The Python version and the file that names it. `requires-python` is not read; None means Railpack's default."""
    for name, pattern in _VERSIONS:
        path = _at(folder, name)
        match = re.search(pattern, documents.text(path) or "", re.M)
        if match:
            line = (documents.text(path) or "").count("\n", 0, match.start(1)) + 1
            return match[1], Location(path, line)
    return DEFAULT_PYTHON, None


_VERSIONS = (
    (".python-version", r"^\s*(?:python-|cpython-)?(\d[\w.]*)"),
    (".tool-versions", r"^python\s+(\S+)"),
    ("mise.toml", r"^\s*python\s*=\s*[\"']([^\"']+)"),
    (".mise.toml", r"^\s*python\s*=\s*[\"']([^\"']+)"),
    ("runtime.txt", r"^\s*python-(\S+)"),
    ("Pipfile", r"^\s*python_(?:full_)?version\s*=\s*[\"']([^\"']+)"),
)


def start_of(
    documents: Documents, folder: str, config: Mapping[str, Any] | None = None, config_path: str = ""
) -> tuple[StartCommand | None, str]:
    """The start command and "", or None and the reason why there is none.

    railway.json, railpack.json, Procfile (`web`, `worker`, any other), then the Python provider's own idea.
    """
    found = _configured(documents, folder, config or {}, config_path)
    if found is not None:
        return found, ""
    procfile = _procfile(documents, folder)
    if procfile is not None and procfile.problem:
        return None, f"the Procfile is no YAML mapping of texts: {procfile.problem} (line {procfile.problem_line})"
    process = procfile.start() if procfile else None
    if process is not None:
        place = Location(_at(folder, "Procfile"), process.line)
        return StartCommand(process.command, f"Procfile ({process.name})", expands=True, location=place), ""
    command = provider_start(documents, folder)
    if command:
        return StartCommand(command, "Railpack's Python provider", expands=True), ""
    return None, "no start command is found: no Procfile, no railpack.json, and no main file at the root"


def provider_start(documents: Documents, folder: str) -> str:
    """What the Python provider starts by itself; "" when it knows nothing.

    The words are looked for in the bare text of the manifests, comments included; and it is always `main:app`.
    """
    main = next((name for name in MAIN_FILES if documents.is_file(_at(folder, name))), "")
    if mentions(documents, folder, "flask") and mentions(documents, folder, "gunicorn"):
        return "gunicorn --bind 0.0.0.0:${PORT:-8000} main:app"
    if main and mentions(documents, folder, "fastapi") and mentions(documents, folder, "uvicorn"):
        return "uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}"
    return f"python {main}" if main else ""


def mentions(documents: Documents, folder: str, word: str) -> bool:
    """Railpack's test for a dependency: the word stands anywhere in a manifest."""
    return any(word in (documents.text(_at(folder, name)) or "").lower() for name in _PYTHON)


def _configured(documents: Documents, folder: str, config: Mapping[str, Any], config_path: str) -> StartCommand | None:
    command = _text(config.get("deploy"), "startCommand")
    if command:
        return StartCommand(
            command, posixpath.basename(config_path), expands=True, location=_line(documents, config_path, command)
        )
    path = _at(folder, "railpack.json")
    command = _text(_data(documents, path).get("deploy"), "startCommand")
    if command:
        return StartCommand(command, "railpack.json", expands=True, location=_line(documents, path, command))
    return None


def _by_dockerfile(config: Mapping[str, Any], config_path: str, documents: Documents) -> RailwayPlan:
    command = _text(config.get("deploy"), "startCommand")
    start = None
    if command:
        place = _line(documents, config_path, command)
        start = StartCommand(command, posixpath.basename(config_path), expands=False, location=place)
    return RailwayPlan("dockerfile", "dockerfile", "", (), "", None, start, config=config)


def _notes(documents: Documents, folder: str, installer: str, start: StartCommand | None) -> list[str]:
    notes = []
    if installer == "none":
        notes.append("without requirements.txt and lock file nothing is installed: the build is green, the start fails")
    if installer == "pip" and documents.is_file(_at(folder, "uv.lock")):
        notes.append("requirements.txt is installed although there is a uv.lock")
    by_provider = start is not None and start.source == "Railpack's Python provider" and "main:app" in start.command
    if by_provider and not documents.is_file(_at(folder, "main.py")):
        notes.append("Railpack starts main:app although there is no main.py")
    return notes


def _config(documents: Documents, folder: str) -> tuple[Mapping[str, Any], str]:
    for name in ("railway.json", "railway.toml"):
        path = _at(folder, name)
        if documents.is_file(path):
            return _data(documents, path), path
    return {}, ""


def _data(documents: Documents, path: str) -> Mapping[str, Any]:
    text = documents.text(path) or ""
    try:
        data = tomllib.loads(text) if path.endswith(".toml") else json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _text(data: object, key: str) -> str:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _procfile(documents: Documents, folder: str) -> Procfile | None:
    path = _at(folder, "Procfile")
    return read_procfile(documents.text(path) or "") if documents.is_file(path) else None


def _line(documents: Documents, path: str, needle: str) -> Location:
    text = documents.text(path) or ""
    return Location(path, text.count("\n", 0, max(text.find(needle), 0)) + 1)


def _at(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder, name))
