"""The exact versions that a lock file names for one interpreter, as requirement lines.

A lock is taken as the tool that wrote it installs it in production: without development groups.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seatrial.issue import Location
from seatrial.provision import cache
from seatrial.provision.distributions import normalise
from seatrial.provision.interpreter import Interpreter
from seatrial.provision.problems import Line
from seatrial.provision.requirements import Declared, from_lines, load_toml, relative
from seatrial.provision.uvtool import run_uv
from seatrial.provision.versions import satisfies

_GROUP = "locks-2"
_NAMED = re.compile(r'name = "([\w.-]+)"$|\s+"([\w.-]+)": \{$')
LOCK_NAMES = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")


def read_lock(
    path: Path, root: Path, interpreter: Interpreter, extras: tuple[str, ...] = (), groups: tuple[str, ...] = ()
) -> Declared | str:
    """The pins of a lock file, or why it cannot be used (a clause). What it comes to is kept while it is unchanged."""
    key = _key(path, interpreter, extras, groups)
    known = cache.read_entry(_GROUP, key)
    if known is not None and isinstance(known.get("lines"), list):
        return _placed(path, root, known["lines"], known.get("starts", {}))
    lines = _lines(path, interpreter, extras, groups)
    if isinstance(lines, str):
        return f"{relative(path, root)} cannot be used: {lines}"
    starts = _starts(path)
    cache.write_entry(_GROUP, key, {"lines": lines, "starts": starts})
    return _placed(path, root, lines, starts)


def _key(path: Path, interpreter: Interpreter, extras: tuple[str, ...], groups: tuple[str, ...]) -> str:
    texts = []
    for part in (path, path.with_name("pyproject.toml")):
        try:
            texts.append(part.read_bytes().decode("utf-8", "surrogateescape"))
        except OSError:
            texts.append("")
    python = [f"{key}={value}" for key, value in sorted(interpreter.markers.items())]
    return cache.digest(path.name, *texts, *python, "extras", *extras, "groups", *groups)


def _lines(path: Path, interpreter: Interpreter, extras: tuple[str, ...], groups: tuple[str, ...]) -> list[str] | str:
    if path.name == "uv.lock":
        return _from_uv(path, interpreter, extras, groups)
    if path.name == "Pipfile.lock":
        return _from_pipenv(path)
    if path.name in LOCK_NAMES:
        return _from_table(path, interpreter, extras, groups)
    return "it is a lock file of a kind that is not known"


def _from_uv(path: Path, interpreter: Interpreter, extras: tuple[str, ...], groups: tuple[str, ...]) -> list[str] | str:
    # `--frozen` takes the lock as it is: nothing is resolved, built or written.
    command = ["export", "--frozen", "--no-hashes", "--no-dev", "--no-emit-workspace", "--no-annotate", "--no-header"]
    command += ["--quiet", "--offline", "--python", str(interpreter.executable), "--project", str(path.parent)]
    command += [part for extra in extras for part in ("--extra", extra)]
    command += [part for group in groups for part in ("--group", group)]
    ran = run_uv(command, seconds=20)
    if not ran.succeeded:
        return " ".join(ran.error.removeprefix("error:").split()) or "uv refuses it"
    return [line for line in ran.output.splitlines() if line.strip() and not line.startswith("#")]


def _from_pipenv(path: Path) -> list[str] | str:
    try:
        table = json.loads(path.read_text(encoding="utf-8-sig"))
        entries = dict(table["default"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "it is not what pipenv writes"
    lines = []
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            continue
        extras = f"[{','.join(entry['extras'])}]" if entry.get("extras") else ""
        if "version" in entry:
            lines.append(_pin(f"{name}{extras}", str(entry["version"]).lstrip("="), str(entry.get("markers", ""))))
        else:
            lines.append(f"{name} @ {entry.get('git') or entry.get('file') or entry.get('path') or 'elsewhere'}")
    return lines


def _from_table(
    path: Path, interpreter: Interpreter, extras: tuple[str, ...], groups: tuple[str, ...]
) -> list[str] | str:
    """poetry.lock and pdm.lock: a list of packages, which name their groups in the newer formats."""
    _, table = load_toml(path)
    listed = table.get("package")
    if not isinstance(listed, list):
        return "it lists no packages"
    packages = [package for package in listed if isinstance(package, dict) and "name" in package]
    if not packages:
        return "it lists no packages"
    packages = [package for package in packages if _is_for(package, interpreter)]
    wanted = {"main", "default", *groups}
    if any("groups" in package for package in packages):
        chosen: list[Mapping[str, Any]] = [p for p in packages if wanted & set(p.get("groups", ()))]
    else:
        chosen = _reached(packages, _roots(path.with_name("pyproject.toml"), packages), interpreter)
    needed = [package for package in chosen if extras or not package.get("optional")]
    return [_package_line(package) for package in needed]


def _is_for(package: Mapping[str, Any], interpreter: Interpreter) -> bool:
    wanted = str(package.get("python-versions") or package.get("requires_python") or "*")
    return satisfies(interpreter.version, wanted) is not False


def _package_line(package: Mapping[str, Any]) -> str:
    source = package.get("source")
    origin = source.get("type") if isinstance(source, dict) else None
    if origin in ("git", "directory", "file", "url") or "git" in package or "path" in package or "url" in package:
        return f"{package['name']} @ elsewhere:{origin}"
    marker = package.get("markers") or package.get("marker") or ""
    if isinstance(marker, dict):
        marker = marker.get("main", "")
    return _pin(str(package["name"]), str(package.get("version", "")), str(marker))


def _pin(name: str, version: str, marker: str) -> str:
    return f"{name}=={version}" + (f" ; {marker}" if marker else "")


def _roots(pyproject: Path, packages: Iterable[Mapping[str, Any]]) -> list[tuple[str, tuple[str, ...]]]:
    """What an older poetry's project asks for itself, with extras; all of its lock where that is not to be seen."""
    _, table = load_toml(pyproject)
    asked = table.get("tool", {}).get("poetry", {}).get("dependencies", {})
    found = [(str(name), _extras_of(entry)) for name, entry in asked.items() if name.lower() != "python"]
    main: list[tuple[str, tuple[str, ...]]] = [
        (str(package["name"]), ()) for package in packages if package.get("category", "main") == "main"
    ]
    return found or main


def _extras_of(entry: object) -> tuple[str, ...]:
    """The extras that a dependency is asked for with, in any of the alternatives that it may have."""
    alternatives = entry if isinstance(entry, list) else [entry]
    listed = [it.get("extras") for it in alternatives if isinstance(it, dict)]
    return tuple(str(extra) for extras in listed if isinstance(extras, list) for extra in extras)


def _reached(
    packages: Iterable[Mapping[str, Any]], roots: Iterable[tuple[str, tuple[str, ...]]], interpreter: Interpreter
) -> list[Mapping[str, Any]]:
    """The packages that the roots need here: older locks put the markers on the edges."""
    by_name = {normalise(str(package["name"])): package for package in packages}
    pending = [(normalise(name), frozenset(extras)) for name, extras in roots]
    found: dict[str, frozenset[str]] = {}
    while pending:
        name, extras = pending.pop()
        if name not in by_name or (name in found and extras <= found[name]):
            continue
        found[name] = found.get(name, frozenset()) | extras
        edges = by_name[name].get("dependencies")
        for target, edge in (edges if isinstance(edges, dict) else {}).items():
            if _applies(edge, interpreter, found[name]):
                pending.append((normalise(target), frozenset(_extras_of(edge))))
    return [by_name[name] for name in found]


def _applies(edge: object, interpreter: Interpreter, extras: frozenset[str]) -> bool:
    """Whether a dependency holds here, and for the extras that its package is asked for with."""
    alternatives = edge if isinstance(edge, list) else [edge]
    for alternative in alternatives:
        marker = alternative.get("markers") if isinstance(alternative, dict) else None
        optional = isinstance(alternative, dict) and alternative.get("optional")
        if optional and not marker:
            continue
        chosen = sorted(extras) if optional else [""]
        if not marker or any(_marker_holds(str(marker), interpreter, extra) for extra in chosen):
            return True
    return False


def _marker_holds(marker: str, interpreter: Interpreter, extra: str = "") -> bool:
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    try:
        return Marker(marker).evaluate({**interpreter.markers, "extra": extra})
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
        return True


def _starts(path: Path) -> dict[str, int]:
    """The line at which each distribution is named first."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return {}
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _NAMED.match(line)
        if match:
            found.setdefault(normalise(match[1] or match[2]), number)
    return found


def _placed(path: Path, root: Path, lines: list[str], starts: Mapping[str, int]) -> Declared:
    declared = from_lines(tuple(lines))
    where = relative(path, root)

    def at(line: Line) -> Line:
        return Line(line.text, line.name, Location(where, starts.get(line.name, 1)))

    return Declared(tuple(map(at, declared.lines)), left_out=tuple(map(at, declared.left_out)))
