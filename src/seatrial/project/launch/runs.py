"""A declaration's text -> the commands in it that may start a server, followed into the scripts that they run."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace

from seatrial.project.documents import Documents
from seatrial.project.launch.command import Invocation, Nested, read_command
from seatrial.project.launch.world import Container, Declaration, World
from seatrial.project.shell import Command, Shell

_DEEPEST_SCRIPT = 3


@dataclass(frozen=True, slots=True)
class Run:
    """One simple command, with the file and line that it is written in."""

    invocation: Invocation
    path: str
    line: int
    text: str


def runs_of(declaration: Declaration, documents: Documents) -> Iterator[Run]:
    """The commands of a declaration that may start a server, those of the scripts that it runs included."""
    shell = _shell(
        declaration.world, declaration.cwd, dict(declaration.env), posixpath.dirname(declaration.path) or "."
    )
    if declaration.argv:
        command = Command(declaration.argv, declaration.cwd, declaration.env, declaration.line, declaration.text)
        yield from _read(command, declaration.path, declaration.world, documents, 0)
        return
    for command in shell.run(declaration.text, declaration.line):
        yield from _read(command, declaration.path, declaration.world, documents, 0)


def _shell(world: World, cwd: str, env: dict[str, str], home: str) -> Shell:
    if isinstance(world, Container):
        return Shell(cwd, dict(env), env, home)
    return Shell(cwd, dict(env), env, home, world.enter)


def _read(command: Command, path: str, world: World, documents: Documents, depth: int) -> Iterator[Run]:
    read = read_command(command.argv, command.cwd, command.env)
    if isinstance(read, Invocation):
        yield Run(read, path, command.line, command.text)
    elif isinstance(read, Nested) and depth < _DEEPEST_SCRIPT:
        yield from _nested(read, command, path, world, documents, depth)


def _nested(
    nested: Nested, command: Command, path: str, world: World, documents: Documents, depth: int
) -> Iterator[Run]:
    if not nested.script:
        shell = _shell(world, nested.cwd, dict(nested.env), nested.cwd)
        for inner in shell.run(nested.text, command.line):
            yield from _read(replace(inner, line=command.line), path, world, documents, depth + 1)
        return
    script = _script(nested, world, documents)
    text = documents.text(script) if script else None
    if script is None or text is None:
        if nested.arguments:  # an entry point that only the image has runs what it is given, as they all do
            inner = replace(command, argv=nested.arguments)
            yield from _read(inner, path, world, documents, depth + 1)
        return
    if "$@" in text and nested.arguments:
        text = re.sub(r"\"?\$@\"?", lambda _: shlex.join(nested.arguments), text)
        handed_on = True
    else:
        handed_on = False
    shell = _shell(world, nested.cwd, dict(nested.env), posixpath.dirname(posixpath.join(nested.cwd, nested.script)))
    for inner in shell.run(text):
        mine = handed_on and shlex.join(nested.arguments) in inner.text
        where = (path, command.line) if mine else (script, inner.line)
        yield from _read(replace(inner, line=where[1]), where[0], world, documents, depth + 1)


def _script(nested: Nested, world: World, documents: Documents) -> str | None:
    """The repository's file of a script that a command runs; as a last resort by its name alone."""
    path = world.locate(posixpath.join(nested.cwd, nested.script))
    if path is not None and documents.is_file(path):
        return path
    home = world.home if isinstance(world, Container) else world.base
    for folder in (home, posixpath.join(home, "scripts"), posixpath.join(home, "docker")):
        path = documents.normal(posixpath.join(folder, posixpath.basename(nested.script)))
        if path is not None and documents.is_file(path):
            return path
    return None
