"""Lock files: uv.lock, poetry.lock, pdm.lock, Pipfile.lock and pylock.toml (PEP 751), name by name.

The TOML ones are written by machines, in one shape, and can have tens of thousands of lines: they are scanned line by
line. Whatever does not have that shape (a merge conflict, a hand edit) is given to the parser, for its message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.issue import Location
from seatrial.project.manifest.reading import Text, load_toml, read_text
from seatrial.project.manifest.values import DeclaredPython, Lock, Locked, LockKind, Problem

_HEADER = re.compile(r"(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?$")
_PAIR = re.compile(r"([A-Za-z0-9_-]+|\"[^\"]*\") = (.*)$")
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'")
_SOURCE_KEY = re.compile(r"\{ *([a-z]+) *=")
_INSIDE = (" ", "\t", "]", "}", "#", '"""')
_SOURCES = frozenset({"registry", "git", "path", "directory", "editable", "virtual", "url"})


def read_lock(root: Path, path: str) -> Lock:
    """Read a lock file; its kind is told by its name. One that cannot be read is empty, with a problem."""
    text = read_text(root, path)
    kind = lock_kind(path)
    if kind == "pipenv":
        return _read_pipenv(text)
    tables = _scan(text.text)
    if tables is None:
        values, problems = load_toml(text)
        tables = _tables_of(values)
    else:
        problems = text.problems
    packages = [locked for table in tables if (locked := _locked(path, kind, table)) is not None]
    return Lock(path, kind, _by_key(packages), tuple(_python(path, kind, tables)), problems)


def lock_kind(path: str) -> LockKind:
    """Which tool writes a lock file of this name."""
    kinds: dict[str, LockKind] = {
        "uv.lock": "uv",
        "poetry.lock": "poetry",
        "pdm.lock": "pdm",
        "Pipfile.lock": "pipenv",
    }
    return kinds.get(path.rpartition("/")[2], "pylock")


def is_lock(path: str) -> bool:
    """Whether the name is that of a lock file."""
    name = path.rpartition("/")[2]
    return name in ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock") or (
        re.fullmatch(r"pylock(\.[^.]+)?\.toml", name) is not None
    )


@dataclass(slots=True)
class _Table:
    """A table of a lock file: its name, its line, and its own scalar values as text."""

    name: str
    line: int
    values: dict[str, Any] = field(default_factory=dict)
    subtables: dict[str, dict[str, Any]] = field(default_factory=dict)


def _scan(text: str) -> list[_Table] | None:
    """The tables of a lock file in the shape that the tools write; None where there is anything else."""
    tables = [_Table("", 1)]
    values = tables[0].values
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line.startswith(_INSIDE) or line == "\r":
            continue
        if line[0] == "[":
            match = _HEADER.match(line)
            if match is None:
                return None
            values = _open(tables, match[2].strip(), number)
        elif (match := _PAIR.match(line)) and match[2].strip():
            values[match[1]] = match[2].strip()
        else:
            return None
    return tables


def _open(tables: list[_Table], name: str, line: int) -> dict[str, Any]:
    parent, _, child = name.partition(".")
    if child and tables[-1].name == parent:
        return tables[-1].subtables.setdefault(child, {})
    tables.append(_Table(name, line))
    return tables[-1].values


def _tables_of(values: Mapping[str, Any]) -> list[_Table]:
    """The same from parsed TOML, without places: for lock files that are valid but not as the tools write them."""
    tables = [_Table("", 1, {key: _spelt(value) for key, value in values.items()})]
    for key, value in values.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                inner = {name: sub for name, sub in item.items() if isinstance(sub, dict)}
                tables.append(_Table(key, 1, {name: _spelt(entry) for name, entry in item.items()}, inner))
    return tables


def _spelt(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, str) else value


def _locked(path: str, kind: LockKind, table: _Table) -> Locked | None:
    if table.name not in ("package", "packages"):
        return None
    name = _string(table.values.get("name"))
    if not name:
        return None
    version = _string(table.values.get("version"))
    marker = _string(table.values.get("marker") or table.values.get("markers"))
    return Locked(name, version, Location(path, table.line), _source(kind, table), marker)


def _string(value: Any) -> str:
    match = _STRING.match(value) if isinstance(value, str) else None
    if match is None:
        return ""
    return match[2] if match[1] is None else str(json.loads(f'"{match[1]}"')) if "\\" in match[1] else match[1]


def _source(kind: LockKind, table: _Table) -> str:
    if kind == "uv":
        match = _SOURCE_KEY.match(str(table.values.get("source", "")))
        found = match[1] if match else next(iter(table.subtables.get("source", {})), "registry")
        return found if found in _SOURCES else "registry"
    if kind == "poetry":
        found = _string(table.subtables.get("source", {}).get("type"))
        return {"git": "git", "directory": "path", "file": "path", "url": "url"}.get(found, "registry")
    keys = (*table.values, *table.subtables)
    places = {"vcs": "git", "git": "git", "directory": "path", "path": "path", "archive": "url", "url": "url"}
    return next((places[key] for key in keys if key in places), "registry")


def _python(path: str, kind: LockKind, tables: Iterable[_Table]) -> Iterator[DeclaredPython]:
    for table in tables:
        if table.name not in ("", "metadata"):
            continue
        for key in ("requires-python", "python-versions", "requires_python"):
            if value := _string(table.values.get(key)):
                yield DeclaredPython(f"{kind} lock", value, Location(path, table.line))


def _by_key(packages: Iterable[Locked]) -> Mapping[str, tuple[Locked, ...]]:
    found: dict[str, list[Locked]] = {}
    for package in packages:
        found.setdefault(package.key, []).append(package)
    return {key: tuple(entries) for key, entries in found.items()}


def _read_pipenv(text: Text) -> Lock:
    try:
        values = json.loads(text.text)
    except json.JSONDecodeError as error:
        problem = Problem("syntax", f"not JSON: {error.msg}", Location(text.path, error.lineno, error.colno))
        return Lock(text.path, "pipenv", problems=(*text.problems, problem))
    except RecursionError:
        return Lock(text.path, "pipenv", problems=(Problem("syntax", "nested too deep", Location(text.path, 1)),))
    lines = text.text.split("\n")
    packages = []
    sections = values if isinstance(values, dict) else {}
    for section in sections.values():
        for name, entry in section.items() if isinstance(section, dict) else []:
            if isinstance(entry, dict) and ("version" in entry or "hashes" in entry or "git" in entry):
                packages.append(_pipenv_package(text.path, name, entry, lines))
    wanted = sections.get("_meta", {}).get("requires", {}) if isinstance(sections.get("_meta"), dict) else {}
    version = wanted.get("python_full_version") or wanted.get("python_version") if isinstance(wanted, dict) else None
    python = (DeclaredPython("pipenv lock", version, Location(text.path, 1)),) if isinstance(version, str) else ()
    return Lock(text.path, "pipenv", _by_key(packages), python, text.problems)


def _pipenv_package(path: str, name: str, entry: Mapping[str, Any], lines: list[str]) -> Locked:
    start = f'"{name}": {{'
    line = next((number for number, text in enumerate(lines, 1) if text.strip() == start), 1)
    source = next((kind for kind in ("git", "path", "url") if kind in entry), "path" if "file" in entry else "registry")
    return Locked(
        name, str(entry.get("version", "")).lstrip("="), Location(path, line), source, str(entry.get("markers", ""))
    )
