"""The files that say how the backend is started, strongest first.

The order is that of what production would do: a platform's own file, then the Dockerfile, then compose, then scripts
and recipes, then documentation. `rank` grows down the list.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
import tomllib
from collections.abc import Iterator
from typing import Any

from seatrial.project.documents import SUBFOLDERS, Documents
from seatrial.project.launch.command import MENTION
from seatrial.project.launch.images import compose_services, dockerfiles, joined
from seatrial.project.launch.readme import Block, readme_blocks
from seatrial.project.launch.world import Declaration, Repository, World
from seatrial.project.procfile import read_procfile
from seatrial.project.yamltext import read_yaml

DOCUMENTATION = 50
"""Ranks from here on are said to people, not to machines."""


def declarations(documents: Documents, base: str) -> Iterator[Declaration]:
    """What declares how the backend in `base` is started, there and in the folders above: machines' files, READMEs."""
    folders = tuple(documents.folders(base))
    for folder in folders:
        yield from _platform_files(documents, base, folder)
    for folder in folders:
        yield from dockerfiles(documents, base, folder)
    for folder in folders:
        yield from compose_services(documents, base, folder)
    for folder in folders:
        yield from _scripts(documents, base, folder)
    for folder in folders:
        yield from _papers(documents, base, folder, main=True)


def hints(documents: Documents, base: str) -> Iterator[Declaration]:
    """The other papers: QUICKSTART and the like, and the `docs` folder."""
    for folder in documents.folders(base):
        yield from _papers(documents, base, folder, main=False)
        yield from _documentation_folder(documents, base, folder)


def _line_with(text: str, needle: str) -> int:
    index = text.find(needle.split("\n", maxsplit=1)[0]) if needle else -1
    return text.count("\n", 0, index) + 1 if index >= 0 else 1


# --- files of platforms


def _platform_files(documents: Documents, base: str, folder: str) -> Iterator[Declaration]:
    names = documents.names(folder)
    for name, (rank, keys) in _KEYED.items():
        if name in names:
            yield from _keyed(documents, base, folder, name, rank, keys)
    if "Procfile" in names:
        yield from _procfile(documents, base, folder)
    for name in ("render.yaml", "render.yml"):
        if name in names:
            yield from _render(documents, base, folder, name)
    if "pyproject.toml" in names:
        yield from _pyproject(documents, base, folder)
    if "vercel.json" in names:
        yield from _vercel(documents, base, folder)


_KEYED: dict[str, tuple[int, tuple[tuple[str, ...], ...]]] = {
    "railway.json": (10, (("deploy", "startCommand"),)),
    "railway.toml": (10, (("deploy", "startCommand"),)),
    "railpack.json": (11, (("deploy", "startCommand"),)),
    "nixpacks.toml": (12, (("start", "cmd"),)),
    "nixpacks.json": (12, (("start", "cmd"),)),
    "fly.toml": (15, (("processes", "*"), ("experimental", "cmd"))),
    "heroku.yml": (15, (("run", "web"),)),
    "app.yaml": (15, (("entrypoint",),)),
    "apprunner.yaml": (15, (("run", "command"),)),
    ".replit": (17, (("deployment", "run"), ("run",))),
}


def _keyed(
    documents: Documents, base: str, folder: str, name: str, rank: int, keys: tuple[tuple[str, ...], ...]
) -> Iterator[Declaration]:
    path = joined(folder, name)
    text = documents.text(path) or ""
    if not MENTION.search(text) and ".sh" not in text:
        return
    data = read_data(text, name)
    for chain in keys:
        for command in _strings_at(data, chain):
            line = _line_with(text, command)
            yield Declaration(name, rank, path, line, command, Repository(documents, base), folder)


def read_data(text: str, name: str) -> Any:
    """TOML, JSON or YAML by the file's name; None where it cannot be read."""
    try:
        if name.endswith((".toml", ".replit")):
            return tomllib.loads(text)
        if name.endswith(".json"):
            return json.loads(text)
    except (ValueError, RecursionError):
        return None
    value = read_yaml(text)
    return _plain(value) if value else None


def _plain(value: Any) -> Any:
    if isinstance(value.data, dict):
        return {key: _plain(item) for key, item in value.data.items()}
    return [_plain(item) for item in value.data] if isinstance(value.data, tuple) else value.data


def _strings_at(data: Any, chain: tuple[str, ...]) -> Iterator[str]:
    if not chain:
        if isinstance(data, str):
            yield data
        elif isinstance(data, list) and data and all(isinstance(item, str) for item in data):
            yield shlex.join(data)
    elif isinstance(data, dict):
        for key, value in data.items():
            if chain[0] in ("*", key):
                yield from _strings_at(value, chain[1:])


def _procfile(documents: Documents, base: str, folder: str) -> Iterator[Declaration]:
    path = joined(folder, "Procfile")
    procfile = read_procfile(documents.text(path) or "")
    processes = procfile.processes or procfile.lenient
    start = procfile.start()
    ordered = sorted(processes, key=lambda process: (process != start, process.name != "web"))
    for process in ordered:
        if process.name != "release":
            yield Declaration("Procfile", 13, path, process.line, process.command, Repository(documents, base), folder)


def _render(documents: Documents, base: str, folder: str, name: str) -> Iterator[Declaration]:
    path = joined(folder, name)
    text = documents.text(path) or ""
    document = read_yaml(text) if MENTION.search(text) else None
    for service in (document.get("services") or document).list() if document else ():
        command, root = service.get("startCommand"), service.get("rootDir")
        if command and command.text:
            cwd = documents.normal(posixpath.join(folder, root.text if root else ".")) or folder
            yield Declaration(name, 14, path, command.line, command.text, Repository(documents, base), cwd)


def _pyproject(documents: Documents, base: str, folder: str) -> Iterator[Declaration]:
    path = joined(folder, "pyproject.toml")
    text = documents.text(path) or ""
    entry = "fastapi]" in text and "entrypoint" in text
    tasks = "scripts" in text or "tasks" in text or "taskipy" in text
    if not entry and not (tasks and MENTION.search(text)):
        return
    data = read_data(text, "pyproject.toml")
    tool = data.get("tool") if isinstance(data, dict) else None
    if not isinstance(tool, dict):
        return
    world = Repository(documents, base)
    for value in _strings_at(tool, ("fastapi", "entrypoint")):
        line = _line_with(text, value)
        yield Declaration(
            "pyproject.toml", 16, path, line, "fastapi run", world, folder, ("fastapi", "run", "-e", value)
        )
    for chain in _TASKS:
        for command in _strings_at(tool, chain):
            yield Declaration("pyproject.toml", 46, path, _line_with(text, command), command, world, folder, weak=True)


_TASKS = (
    ("poe", "tasks", "*"), ("poe", "tasks", "*", "*"), ("taskipy", "tasks", "*"), ("taskipy", "tasks", "*", "cmd"),
    ("pdm", "scripts", "*"), ("pdm", "scripts", "*", "cmd"), ("pdm", "scripts", "*", "shell"), ("rye", "scripts", "*"),
    ("hatch", "envs", "*", "scripts", "*"), ("pixi", "tasks", "*"), ("pixi", "tasks", "*", "cmd"),
)  # fmt: skip


def _vercel(documents: Documents, base: str, folder: str) -> Iterator[Declaration]:
    path = joined(folder, "vercel.json")
    text = documents.text(path) or ""
    for match in re.finditer(r'"(?:src|dest|destination)"\s*:\s*"/?([\w./-]+)\.py"', text):
        module = match[1].replace("/", ".")
        argv = ("vercel", f"{module}:app")
        line = text.count("\n", 0, match.start()) + 1
        yield Declaration("vercel.json", 40, path, line, "", Repository(documents, base), folder, argv, weak=True)
        return


# --- scripts and recipes


def _scripts(documents: Documents, base: str, folder: str) -> Iterator[Declaration]:
    names = documents.names(folder)
    world = Repository(documents, base)
    places = [folder, *(joined(folder, name) for name in SUBFOLDERS if names.get(name))]
    for place in places:
        for name, is_dir in documents.names(place).items():
            if not is_dir and name.endswith((".sh", ".bash")) and _START_SCRIPT.search(name):
                path = joined(place, name)
                text = documents.text(path) or ""
                if MENTION.search(text):
                    cwd = folder if place != folder else place
                    yield Declaration(name, 43, path, 1, text, world, cwd, guesses=(base,))
    if "package.json" in names:
        yield from _package_json(documents, world, folder)
    for name in ("Makefile", "makefile", "GNUmakefile", "justfile", "Justfile"):
        if name in names:
            yield from _recipes(documents, world, folder, name)


_START_SCRIPT = re.compile(r"start|run|entry|serve|dev|prod|boot|launch|server|web|api", re.I)


def _package_json(documents: Documents, world: World, folder: str) -> Iterator[Declaration]:
    path = joined(folder, "package.json")
    text = documents.text(path) or ""
    if not MENTION.search(text):
        return
    data = read_data(text, "package.json")
    for command in _strings_at(data, ("scripts", "*")):
        for part in [command, *re.findall(r"\"([^\"]+)\"", command)]:  # concurrently "cd api && uvicorn ..."
            yield Declaration("package.json", 47, path, _line_with(text, part), part, world, folder, weak=True)


def _recipes(documents: Documents, world: World, folder: str, name: str) -> Iterator[Declaration]:
    path = joined(folder, name)
    text = documents.text(path) or ""
    if not MENTION.search(text):
        return
    variables = dict(re.findall(r"^([A-Za-z_]\w*)\s*[:?]?=\s*([^#\n]*?)\s*$", text, re.M))
    whole = re.sub(r"\\\n", lambda match: " \0", text)
    line = 1
    for physical in whole.split("\n"):
        if physical[:1] in "\t " and MENTION.search(physical):
            command = _make_expanded(physical.strip().lstrip("@-+").replace("\0", ""), variables)
            if "$(" not in command:
                yield Declaration(name, 45, path, line, command, world, folder)
        line += 1 + physical.count("\0")


def _make_expanded(text: str, variables: dict[str, str]) -> str:
    for _ in range(3):
        text = re.sub(r"\$[({](\w+)[)}]", lambda match: variables.get(match[1], match[0]), text)
    return re.sub(r"\$\((\w+)\)", r"$\1", text).replace("$$", "$")


# --- documentation


def _papers(documents: Documents, base: str, folder: str, *, main: bool) -> Iterator[Declaration]:
    for name, is_dir in documents.names(folder).items():
        if is_dir or not _PAPER.fullmatch(name) or name.lower().startswith("readme") is not main:
            continue
        path = joined(folder, name)
        text = documents.text(path) or ""
        if MENTION.search(text):
            for block in readme_blocks(text):
                yield _block(documents, base, folder, path, block, weak=not main)


_PAPER = re.compile(
    r"(?:readme|quick.?start|getting.?started|run|setup|install|deploy|develop|contributing|start|claude|agents)[\w.-]*"
    r"\.(?:md|rst|txt|markdown)|README",
    re.I,
)


def _documentation_folder(documents: Documents, base: str, folder: str) -> Iterator[Declaration]:
    if not documents.names(folder).get("docs"):
        return
    for name, is_dir in documents.names(joined(folder, "docs")).items():
        path = joined(folder, f"docs/{name}")
        text = (documents.text(path) or "") if not is_dir and name.endswith((".md", ".rst")) else ""
        if MENTION.search(text):
            for block in readme_blocks(text):
                yield _block(documents, base, folder, path, block, weak=True)


def _block(documents: Documents, base: str, folder: str, path: str, block: Block, *, weak: bool) -> Declaration:
    rank = DOCUMENTATION + (3 if weak else 0) + (1 if block.inline else 0)
    world = Repository(documents, base)
    name = posixpath.basename(path)
    weak = weak or block.inline
    return Declaration(name, rank, path, block.line, block.text, world, folder, weak=weak, guesses=(base,))
