"""Procfile -> its process types, by the rules of YAML, as Railpack reads it.

Railpack unmarshals a Procfile as a YAML mapping of strings (core/providers/procfile, railpack v0.35), so ` #` begins a
comment, a colon and a blank inside a plain value is an error, and a tab cannot indent. Heroku's own reader is more
forgiving; a Procfile that only it can read is reported by `problem`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SIMPLE = re.compile(r"([A-Za-z][\w-]*):[ ]+([^\s\"'\[\]{}>|*&!%#?`@,-][^#\n]*?)[ ]*")


@dataclass(frozen=True, slots=True)
class Process:
    """One process type."""

    name: str
    command: str
    line: int


@dataclass(frozen=True, slots=True)
class Procfile:
    """The processes that YAML gives, or the reason why it gives none. `lenient` is what Heroku would read."""

    processes: tuple[Process, ...]
    problem: str = ""
    problem_line: int = 0
    lenient: tuple[Process, ...] = ()

    def start(self) -> Process | None:
        """The process that Railpack starts: `web`, else `worker`, else one of the others (in no defined order)."""
        named = {process.name: process for process in self.processes}
        return named.get("web") or named.get("worker") or next(iter(self.processes), None)


def read_procfile(text: str) -> Procfile:
    """Never fails: what is no YAML mapping of strings has a `problem`."""
    lenient = tuple(_lenient(text))
    simple = _simple(text)
    if simple is not None:
        return Procfile(simple, lenient=lenient)
    from yaml import SafeLoader, YAMLError, load  # a plain Procfile needs no YAML reader, which takes a while to import

    try:
        data = load(text, SafeLoader)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        return Procfile((), reason, mark.line + 1 if mark else 1, lenient)
    except RecursionError:
        return Procfile((), "it is nested too deeply", 1, lenient)
    if not isinstance(data, dict):
        return Procfile(
            (), "it is not a mapping of process names to commands (is the blank after the colon missing?)", 1, lenient
        )
    return _from_mapping(data, text, lenient)


def _from_mapping(data: dict[object, object], text: str, lenient: tuple[Process, ...]) -> Procfile:
    processes = []
    for name, command in data.items():
        line = _line_of(str(name), text)
        if isinstance(command, (dict, list)):
            return Procfile((), f"`{name}` is not a plain text", line, lenient)
        processes.append(Process(str(name), "" if command is None else str(command), line))
    return Procfile(tuple(processes), lenient=lenient)


def _simple(text: str) -> tuple[Process, ...] | None:
    """The processes when every line is so plain that YAML cannot see anything else in it; None otherwise."""
    processes: dict[str, Process] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        match = _SIMPLE.fullmatch(line)
        if match is None or ": " in match[2] or match[2].endswith(":") or match[1] in processes or _typed(match[2]):
            return None
        processes[match[1]] = Process(match[1], match[2], number)
    return tuple(processes.values()) if processes else None


def _typed(value: str) -> bool:
    return " " not in value  # a single word may be a number, a date, true or null to YAML


def _lenient(text: str) -> list[Process]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if match := re.match(r"([A-Za-z0-9_-]+):\s*(.+)$", line):
            found.append(Process(match[1], match[2].strip(), number))
    return found


def _line_of(name: str, text: str) -> int:
    lines = text.split("\n")
    return next((number for number, line in enumerate(lines, 1) if line.lstrip("\"' ").startswith(name)), 1)
