"""Compose files -> the services that could be the backend, by the Compose specification as far as starting goes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seatrial.project.documents import Documents
from seatrial.project.yamltext import Value, read_yaml

FILES = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml")
_VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?:(:?[-?+])((?:[^{}]|\{[^{}]*\})*))?\}|(\w+))")
_PREFERRED = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable that a service is given; `value` None means that it is taken from the shell that runs compose."""

    name: str
    value: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Service:
    """One service. Paths are relative to the audited folder; `command` and `entrypoint` are text, a list, or None."""

    name: str
    path: str
    line: int
    command: str | tuple[str, ...] | None
    command_line: int
    entrypoint: str | tuple[str, ...] | None
    working_dir: str | None
    environment: tuple[Setting, ...]
    env_files: tuple[tuple[str, int], ...]
    context: str | None
    dockerfile: str | None
    stage: str | None
    volumes: tuple[tuple[str, str], ...]
    image: str


def find_compose(documents: Documents, folder: str) -> Iterator[str]:
    """The compose files of a folder, those that `docker compose up` takes by itself first."""
    names = [name for name, is_dir in documents.names(folder).items() if not is_dir and FILES.fullmatch(name)]
    for name in sorted(names, key=lambda name: (_PREFERRED.index(name) if name in _PREFERRED else 9, len(name), name)):
        yield posixpath.normpath(posixpath.join(folder, name))


def read_compose(text: str, path: str, documents: Documents) -> tuple[Service, ...]:
    """The services of a compose file. Not YAML: no services."""
    document = read_yaml(text)
    services = document.get("services") if document else None
    if services is None:
        return ()
    folder = posixpath.dirname(path) or "."
    return tuple(_service(name, value, path, folder, documents) for name, value in services.items())


def _service(name: str, value: Value, path: str, folder: str, documents: Documents) -> Service:
    build = value.get("build")
    context = build.get("context") if build and isinstance(build.data, dict) else build
    nested = build if build and isinstance(build.data, dict) else Value({}, value.line)
    command, workdir = value.get("command"), value.get("working_dir")
    return Service(
        name, path, value.line,
        _words(command), command.line if command else value.line, _words(value.get("entrypoint")),
        workdir.text if workdir else None,
        tuple(_settings(value.get("environment"))),
        tuple(_env_files(value.get("env_file"), folder, documents)),
        _inside(documents, folder, (context.text if context else "") or ".") if build else None,
        _text(nested.get("dockerfile")), _text(nested.get("target")),
        tuple(_volumes(value.get("volumes"), folder, documents)),
        _text(value.get("image")) or "",
    )  # fmt: skip


def _text(value: Value | None) -> str | None:
    return value.text if value and value.text else None


def _inside(documents: Documents, folder: str, path: str) -> str | None:
    return documents.normal(posixpath.join(folder, path))


def _words(value: Value | None) -> str | tuple[str, ...] | None:
    if value is None or value.data is None:
        return None
    return tuple(item.text for item in value.data) if isinstance(value.data, tuple) else value.text


def _settings(value: Value | None) -> Iterator[Setting]:
    if value is None:
        return
    for name, item in value.items():
        yield Setting(name, item.text if item.data is not None else None, item.line)
    for item in value.list():
        name, equals, text = item.text.partition("=")
        if name:
            yield Setting(name.strip(), text if equals else None, item.line)


def _env_files(value: Value | None, folder: str, documents: Documents) -> Iterator[tuple[str, int]]:
    for item in value.list() if value else ():
        name = item.text or (_text(item.get("path")) or "")
        path = _inside(documents, folder, name) if name else None
        if path:
            yield path, item.line


def _volumes(value: Value | None, folder: str, documents: Documents) -> Iterator[tuple[str, str]]:
    for item in value.list() if value else ():
        source, target = _text(item.get("source")), _text(item.get("target"))
        if item.text and ":" in item.text:
            source, target = item.text.split(":")[:2]
        path = _inside(documents, folder, source) if source and source.startswith(".") else None
        if path is not None and target:
            yield path, posixpath.normpath(target)


def interpolate(text: str, variables: Mapping[str, str]) -> tuple[str, bool]:
    """A compose value with its `${...}` filled in, and whether every one of them had a value or a default."""
    complete = True

    def value(match: re.Match[str]) -> str:
        nonlocal complete
        if match[1]:
            return "$"
        name, operator, word = match[2] or match[5], match[3] or "", match[4] or ""
        known = variables.get(name)
        if operator.endswith("+"):
            return word if known else ""
        if known or (known is not None and ":" not in operator):
            return known
        if operator.endswith("-"):
            return interpolate(word, variables)[0]
        complete = False
        return ""

    return _VARIABLE.sub(value, text), complete
