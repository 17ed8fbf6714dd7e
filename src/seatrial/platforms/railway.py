"""What Railway does with a repository: which builder, which Python, which installer, which start command.

Railpack's rules are in `railpack.py`; those of config as code were read in railwayapp/docs at c2a634f (August 2026).
Pure: a folder's papers in, a plan out.
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
from seatrial.platforms import railpack
from seatrial.platforms.railpack import Choice, at
from seatrial.project.documents import Documents
from seatrial.project.procfile import Process, Procfile, read_procfile

CONFIG_ENDS = "2026-12-01"
"""From this day Railway reads no `railway.json` or `railway.toml` any more."""

PROVIDER = "Railpack's Python provider"


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
    choices: tuple[Choice, ...] = ()


def plan_railway(documents: Documents, folder: str = ".") -> RailwayPlan:
    """The plan for a service whose root directory is `folder`, with no variables or settings of its own."""
    config, config_path = _config(documents, folder)
    if documents.is_file(at(folder, "Dockerfile")):
        return _by_dockerfile(config, config_path, documents, folder)
    broken = _broken(documents, at(folder, "railpack.json"))
    if broken:
        return RailwayPlan("railpack", "", "", (), "", None, None, broken, (), config)
    provider = railpack.provider(documents, folder)
    if provider.value != "python":
        problem = "Railpack finds no language that it knows" if not provider.value else ""
        decided = (provider,) if provider.value else ()
        return RailwayPlan("railpack", provider.value, "", (), "", None, None, problem, (), config, decided)
    installer, install = railpack.installer(documents, folder)
    python = railpack.python(documents, folder)
    start, problem, begun = _start(documents, folder, config, config_path)
    packages = railpack.system_packages(documents, folder)
    choices = tuple(it for it in (provider, python, installer, packages, begun) if it is not None)
    notes = tuple(_notes(documents, folder, installer.value, start))
    return RailwayPlan(
        "railpack",
        "python",
        installer.value,
        install,
        python.value,
        python.location,
        start,
        problem,
        notes,
        config,
        choices,
    )


def start_of(
    documents: Documents, folder: str, config: Mapping[str, Any] | None = None, config_path: str = ""
) -> tuple[StartCommand | None, str]:
    """The start command and "", or None and the reason why there is none.

    railway.json, railpack.json, Procfile (`web`, `worker`, any other), then the Python provider's own idea.
    """
    start, problem, _ = _start(documents, folder, config or {}, config_path)
    return start, problem


def _start(
    documents: Documents, folder: str, config: Mapping[str, Any], config_path: str
) -> tuple[StartCommand | None, str, Choice | None]:
    found = _configured(documents, folder, config, config_path)
    if found is not None:
        rule = f"deploy.startCommand of {found.source} is taken before the Procfile and the provider"
        return found, "", Choice("start command", found.command, rule, "railpack core/config/config.go", found.location)
    procfile = _procfile(documents, folder)
    if procfile is not None and procfile.problem:
        where = f"{procfile.problem} (line {procfile.problem_line})"
        return None, f"the Procfile is no YAML mapping of texts: {where}", None
    process = _process(procfile) if procfile else None
    if process is not None:
        place = Location(at(folder, "Procfile"), process.line)
        rule = railpack.procfile_rule(process.name)
        decided = Choice("start command", process.command, rule, railpack.PROCFILE_SOURCE, place)
        return StartCommand(process.command, f"Procfile ({process.name})", True, place), "", decided
    own = railpack.start(documents, folder)
    if own is not None:
        return StartCommand(own.value, PROVIDER, expands=True), "", own
    return None, "no start command is found: no Procfile, no railpack.json, and no main file at the root", None


def _process(procfile: Procfile) -> Process | None:
    """`web`, else `worker`, else any other; one without a command counts as none."""
    named = {process.name: process for process in procfile.processes if process.command}
    return named.get("web") or named.get("worker") or next(iter(named.values()), None)


def _configured(documents: Documents, folder: str, config: Mapping[str, Any], config_path: str) -> StartCommand | None:
    command = _text(config.get("deploy"), "startCommand")
    if command:
        return StartCommand(
            command, posixpath.basename(config_path), expands=True, location=_line(documents, config_path, command)
        )
    path = at(folder, "railpack.json")
    command = _text(_data(documents, path).get("deploy"), "startCommand")
    if command:
        return StartCommand(command, "railpack.json", expands=True, location=_line(documents, path, command))
    return None


def _by_dockerfile(config: Mapping[str, Any], config_path: str, documents: Documents, folder: str) -> RailwayPlan:
    where = Location(at(folder, "Dockerfile"), 1)
    rule = "a Dockerfile at the root is always built, and Railpack is not asked"
    choices = [Choice("builder", "Dockerfile", rule, "railway docs/builds/dockerfiles.md", where)]
    command = _text(config.get("deploy"), "startCommand")
    start = None
    if command:
        place = _line(documents, config_path, command)
        start = StartCommand(command, posixpath.basename(config_path), expands=False, location=place)
        rule = "a start command set for a Dockerfile service is run without a shell: $PORT stays as it is written"
        choices.append(Choice("start command", command, rule, "railway docs/deployments/start-command.md", place))
    return RailwayPlan("dockerfile", "dockerfile", "", (), "", None, start, config=config, choices=tuple(choices))


def _notes(documents: Documents, folder: str, installer: str, start: StartCommand | None) -> list[str]:
    notes = []
    if installer == "none":
        notes.append("without requirements.txt and lock file nothing is installed: the build is green, the start fails")
    if installer == "pip" and documents.is_file(at(folder, "uv.lock")):
        notes.append("requirements.txt is installed although there is a uv.lock")
    by_provider = start is not None and start.source == PROVIDER and "main:app" in start.command
    if by_provider and not documents.is_file(at(folder, "main.py")):
        notes.append("Railpack starts main:app although there is no main.py")
    return notes


def _config(documents: Documents, folder: str) -> tuple[Mapping[str, Any], str]:
    for name in ("railway.json", "railway.toml"):
        path = at(folder, name)
        if documents.is_file(path):
            return _data(documents, path), path
    return {}, ""


def _data(documents: Documents, path: str) -> Mapping[str, Any]:
    text = documents.text(path) or ""
    try:
        data = tomllib.loads(text) if path.endswith(".toml") else json.loads(_standard(text)) if text else {}
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _broken(documents: Documents, path: str) -> str:
    """Why a railpack.json fails the build: it may hold comments and last commas, and has to be JSON besides."""
    text = documents.text(path)
    if text is None or _data(documents, path):
        return ""
    try:
        json.loads(_standard(text))
    except (ValueError, RecursionError) as error:
        return f"railpack.json is no JSON: {error}"
    return ""


def _standard(text: str) -> str:
    plain = re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', lambda match: match[1] or "", text, flags=re.S)
    return re.sub(r",(\s*[}\]])", r"\1", plain)


def _text(data: object, key: str) -> str:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _procfile(documents: Documents, folder: str) -> Procfile | None:
    path = at(folder, "Procfile")
    return read_procfile(documents.text(path) or "") if documents.is_file(path) else None


def _line(documents: Documents, path: str, needle: str) -> Location:
    text = documents.text(path) or ""
    return Location(path, text.count("\n", 0, max(text.find(needle), 0)) + 1)
