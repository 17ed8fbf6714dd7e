"""Poetry's tables of pyproject.toml, and its constraints as PEP 440 (source: poetry-core, Poetry's documentation)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.project.manifest.toml import Toml
from seatrial.project.manifest.values import DeclaredPython, Problem, Requirement, normalise

_CLAUSE = re.compile(r"(===|==|~=|!=|<=|>=|<|>|\^|~|=)?\s*(v?\d[\w.!+*-]*|\*)")
_VERSION = re.compile(
    r"(?:\d+!)?\d+(?:\.\d+)*(?:[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview|post|rev|r|dev)[-_.]?\d*)*(?:\+[\w.]+)?"
)
_PLATFORM_MARKER = "sys_platform == '{}'"


@dataclass(frozen=True, slots=True)
class PoetryTables:
    """What [tool.poetry] declares."""

    requirements: tuple[Requirement, ...]
    python: tuple[DeclaredPython, ...]
    problems: tuple[Problem, ...]


def read_poetry(toml: Toml) -> PoetryTables:
    """Read the dependencies, groups and extras of [tool.poetry]; empty where there is no such table."""
    found: list[Requirement | Problem] = []
    python: list[DeclaredPython] = []
    extras = _extras(toml)
    in_project = {normalise(_leading_name(str(item))) for item in toml.items("project", "dependencies")}
    for path, group in _tables(toml):
        for name, value in toml.table(*path).items():
            if name.lower() == "python":
                if isinstance(value, str) and group is None:
                    python.append(DeclaredPython("poetry", value, toml.place(*path, name)))
            elif not (group is None and normalise(name) in in_project):  # there it only says where from
                found.extend(_dependency(toml, (*path, name), name, value, group, extras))
    requirements = tuple(item for item in found if isinstance(item, Requirement))
    return PoetryTables(requirements, tuple(python), tuple(item for item in found if isinstance(item, Problem)))


def _tables(toml: Toml) -> Iterator[tuple[tuple[str, ...], str | None]]:
    yield ("tool", "poetry", "dependencies"), None
    yield ("tool", "poetry", "dev-dependencies"), "dev"
    for group in toml.table("tool", "poetry", "group"):
        # `main` is what the plain table is called, too
        yield ("tool", "poetry", "group", group, "dependencies"), None if group == "main" else group


def _extras(toml: Toml) -> Mapping[str, str]:
    """For each optional distribution, the extra that brings it."""
    found: dict[str, str] = {}
    for extra, names in toml.table("tool", "poetry", "extras").items():
        for name in names if isinstance(names, list) else []:
            found.setdefault(normalise(str(name)), extra)
    return found


def _leading_name(entry: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", entry)
    return match[0] if match else ""


def _dependency(
    toml: Toml, path: tuple[str, ...], name: str, value: Any, group: str | None, extras: Mapping[str, str]
) -> Iterator[Requirement | Problem]:
    """One entry: a constraint, a table, or an array of tables for several platforms."""
    entries = enumerate(value) if isinstance(value, list) else [(None, value)]
    for index, entry in entries:
        place = toml.place(*path) if index is None else toml.place(*path, index)
        table = {"version": entry} if isinstance(entry, str) else entry
        if not isinstance(table, dict):
            yield Problem("requirement", f"{name}: {entry!r} is neither a version nor a table", place)
            continue
        written = str(table.get("version", "*"))
        specifier = poetry_constraint(written)
        if specifier is None:
            yield Problem("requirement", f"{name}: {written!r} is no version constraint", place)
            specifier = ""
        optional = extras.get(normalise(name), "optional") if table.get("optional") else None
        yield Requirement(
            name,
            specifier,
            place,
            tuple(str(extra) for extra in table.get("extras") or () if isinstance(extra, str)),
            _marker(table),
            direct_url(table),
            bool(table.get("develop") or table.get("editable")),
            group,
            optional,
            written,
        )


def _marker(table: Mapping[str, Any]) -> str:
    parts = []
    if isinstance(table.get("python"), str):
        clauses = (poetry_constraint(table["python"]) or "").split(",")
        parts += [_python_marker(clause) for clause in clauses if clause]
    if isinstance(table.get("platform"), str):
        parts.append(_PLATFORM_MARKER.format(table["platform"]))
    if isinstance(table.get("markers"), str) and table["markers"].strip():
        parts.append(f"({table['markers']})" if parts else table["markers"])
    return " and ".join(parts)


def _python_marker(clause: str) -> str:
    match = re.match(r"([=!<>~]+)(.*)", clause)
    operator, version = (match[1], match[2]) if match else ("==", clause)
    name = "python_full_version" if version.count(".") > 1 else "python_version"
    return f"{name} {operator} '{version.removesuffix('.*')}'"


def direct_url(table: Mapping[str, Any]) -> str | None:
    """The direct reference of a dependency table of Poetry's or Pipenv's: VCS, path or URL."""
    for key in ("git", "hg", "svn"):
        if isinstance(table.get(key), str):
            ref = table.get("rev") or table.get("ref") or table.get("tag") or table.get("branch")
            return f"{key}+{table[key]}" + (f"@{ref}" if ref else "")
    for key in ("path", "file", "url"):
        if isinstance(table.get(key), str):
            return str(table[key])
    return None


def poetry_constraint(text: str) -> str | None:
    """A constraint of Poetry's as a PEP 440 specifier, None where it is none.

    `||` has no counterpart: the result is then the range from the lowest to the highest version that is allowed.
    """
    alternatives = [part.strip() for part in re.split(r"\|\|?", text)]
    translated = [_conjunction(part) for part in alternatives]
    known = [part for part in translated if part is not None]
    if len(known) < len(alternatives):
        return None
    return known[0] if len(known) == 1 else _hull(known)


def _conjunction(text: str) -> str | None:
    clauses: list[str] = []
    rest = text.strip()
    while rest:
        match = _CLAUSE.match(rest)
        if match is None:
            return None
        clause = _clause(match[1] or "", match[2])
        if clause is None:
            return None
        clauses += [clause] if clause else []
        rest = rest[match.end() :].lstrip(" ,")
    return ",".join(clauses)


def _clause(operator: str, version: str) -> str | None:
    version = version.removeprefix("v")
    if version == "*":
        return ""
    wildcard = version.removesuffix(".*") if version.endswith(".*") else None
    if not _VERSION.fullmatch(wildcard or version):
        return None
    if operator in ("^", "~"):
        return _range(operator, wildcard or version)
    if wildcard and operator not in ("", "=", "==", "!="):
        return None
    return ("==" if operator in ("", "=") else operator) + version


def _range(operator: str, version: str) -> str | None:
    match = re.match(r"\d+(?:\.\d+)*", version)
    if match is None:
        return None
    parts = [int(part) for part in match[0].split(".")]
    if operator == "~":
        position = min(1, len(parts) - 1)
    else:  # the first part that is not zero, else the last that is written
        position = next((index for index, part in enumerate(parts) if part), len(parts) - 1)
    upper = [*parts[:position], parts[position] + 1]
    upper += [0] * (min(len(parts), 3) - len(upper))
    return f">={version},<{'.'.join(map(str, upper))}"


def _hull(alternatives: list[str]) -> str:
    lows: list[tuple[tuple[int, ...], str]] = []
    highs: list[tuple[tuple[int, ...], str]] = []
    for alternative in alternatives:
        for bounds, pattern in ((lows, r"(>=|>|==|~=)(\d[\d.]*)"), (highs, r"(<=|<|==)(\d[\d.]*)")):
            found = re.findall(pattern, alternative)
            if not found:
                bounds.clear()
                bounds.append(((), ""))
                break
            operator, version = found[0]
            key = tuple(int(part) for part in version.strip(".").split("."))
            bounds.append((key, (operator if operator != "==" else ">=" if bounds is lows else "<=") + version))
    open_low, open_high = any(not text for _, text in lows), any(not text for _, text in highs)
    parts = ["" if open_low else min(lows)[1], "" if open_high else max(highs)[1]]
    return ",".join(part for part in parts if part)
