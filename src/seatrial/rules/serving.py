"""The commands that production runs: where each is written, in which form, and how to edit it there."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from seatrial.issue import Edit, Location, Position
from seatrial.platforms.docker import ContainerStart, container_start
from seatrial.project.dockerfile import Image, Instruction, build_image, read_dockerfile
from seatrial.project.launch.command import SERVERS
from seatrial.project.launch.images import is_dockerfile
from seatrial.project.procfile import read_procfile
from seatrial.rules.case import Case

_SERVER = re.compile(rf"(?<![\w/-])(?:{'|'.join(sorted(SERVERS))})\b")
_OTHER_USE = re.compile(
    r"(?:^|[./_-])(?:dev|develop|development|local|test|tests|debug|ci|worker|celery)(?:[./_-]|$)", re.I
)

Form = Literal["procfile", "shell", "script", "exec", "config"]
"""`shell` and `exec` as Docker calls them; `script` is what `["sh", "-c", "…"]` hands to the shell."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its text as a person would type it, the lines that hold it (from 1), and its form there."""

    path: str
    line: int
    end_line: int
    text: str
    form: Form

    @property
    def place(self) -> Location:
        """Where it is written."""
        return Location(self.path, self.line)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A Dockerfile of the backend, and what its last stage makes."""

    path: str
    instructions: tuple[Instruction, ...]
    image: Image

    @property
    def start(self) -> ContainerStart | None:
        """How its container starts."""
        return container_start(self.image)


def recipes(case: Case) -> Iterator[Recipe]:
    """The Dockerfiles in the backend's folder and those above it that start a server, except those for development."""
    documents = case.code.documents
    for folder in documents.folders(case.base):
        for name, is_dir in sorted(documents.names(folder).items()):
            path = posixpath.normpath(posixpath.join(folder, name))
            if is_dir or not is_dockerfile(name) or path.startswith("..") or _OTHER_USE.search(name):
                continue
            instructions = read_dockerfile(documents.text(path) or "")
            recipe = Recipe(path, instructions, build_image(instructions, documents, folder))
            if recipe.start is not None and _SERVER.search(recipe.start.text):
                yield recipe


def commands(case: Case) -> Iterator[Command]:
    """The commands of Procfile, Dockerfiles and Railway's files that start a server."""
    yield from _of_procfile(case)
    for recipe in recipes(case):
        found = of_recipe(case, recipe)
        if found is not None:
            yield found
    yield from _of_railway(case)


def of_recipe(case: Case, recipe: Recipe) -> Command | None:
    """CMD, or the ENTRYPOINT where there is none; None where the two make up the command together."""
    words = recipe.image.command or recipe.image.entrypoint
    if words is None or (recipe.image.command and recipe.image.entrypoint):
        return None
    last = _last_line(case, recipe.path, words.line)
    if words.shell is not None:
        return Command(recipe.path, words.line, last, words.shell, "shell")
    start = recipe.start
    if start is not None and start.shell:
        return Command(recipe.path, words.line, last, start.text, "script")
    return Command(recipe.path, words.line, last, " ".join(words.argv), "exec")


def _last_line(case: Case, path: str, line: int) -> int:
    lines = (case.code.documents.text(path) or "").split("\n")
    while line < len(lines) and lines[line - 1].rstrip().endswith("\\"):
        line += 1
    return line


def _of_procfile(case: Case) -> Iterator[Command]:
    path = posixpath.normpath(posixpath.join(case.base, "Procfile"))
    text = case.code.documents.text(path)
    for process in read_procfile(text).processes if text is not None else ():
        if process.name == "web" and _SERVER.search(process.command):
            yield Command(path, process.line, process.line, process.command, "procfile")


def _of_railway(case: Case) -> Iterator[Command]:
    for name, pattern in (("railway.json", r'"startCommand"\s*:\s*("(?:[^"\\]|\\.)*")'), ("railway.toml", _TOML)):
        path = posixpath.normpath(posixpath.join(case.base, name))
        text = case.code.documents.text(path) or ""
        match = re.search(pattern, text, re.M)
        if match and _SERVER.search(match[1]):
            line = text.count("\n", 0, match.start(1)) + 1
            command = json.loads(match[1]) if name.endswith("json") else match[1][1:-1]
            yield Command(path, line, line, command, "config")


_TOML = r"^\s*startCommand\s*=\s*(\"[^\"\n]*\"|'[^'\n]*')"


def edited(case: Case, command: Command, pattern: str, text: str) -> Edit | None:
    """Put a text in the place of what a pattern finds once in the lines of a command; None where it is not once."""
    lines = (case.code.documents.text(command.path) or "").split("\n")
    hits = [
        (number, match)
        for number in range(command.line, min(command.end_line, len(lines)) + 1)
        for match in re.finditer(pattern, lines[number - 1])
    ]
    if len(hits) != 1:
        return None
    number, match = hits[0]
    start, end = Position(number, match.start() + 1), Position(number, match.end() + 1)
    return Edit(command.path, start, end, match.expand(text))


def as_shell_form(case: Case, command: Command, text: str) -> Edit | None:
    """A command of one line in exec form, written so that a shell fills variables in and then becomes the server."""
    lines = (case.code.documents.text(command.path) or "").split("\n")
    line = lines[command.line - 1].rstrip("\r")
    keyword = line.split(None, 1)[0] if line.strip() else ""
    if (
        command.line != command.end_line
        or keyword.upper() not in ("CMD", "ENTRYPOINT")
        or not line.rstrip().endswith("]")
    ):
        return None
    end = Position(command.line, len(line) + 1)
    return Edit(command.path, Position(command.line, 1), end, f"{keyword} exec {text}")


def is_for_railway(case: Case) -> bool:
    """Whether the backend's files say that it is deployed on Railway."""
    documents = case.code.documents
    names = {name for folder in documents.folders(case.base) for name in documents.names(folder)}
    if names & {"railway.json", "railway.toml", "railpack.json", ".railway", "nixpacks.toml"}:
        return True
    papers = [name for name in names if name.lower().startswith(("readme", "deploy"))]
    texts = (
        documents.text(posixpath.join(folder, name)) or "" for folder in documents.folders(case.base) for name in papers
    )
    return any(re.search(r"railway\.(?:app|com)|on Railway", text) for text in texts)
