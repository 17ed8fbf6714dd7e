"""What a project says to seatrial itself: `[tool.seatrial]` in its pyproject.toml.

All that can be set:

    [tool.seatrial]
    select = ["IMP", "DEP"]     # judge by these rules only
    ignore = ["DEP004"]         # leave out these
    fail-level = "warning"      # mildest severity to exit with 1 for

    [tool.seatrial.severity]
    IMP012 = "note"
    SEC003 = "off"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.errors import UsageError
from seatrial.issue import Severity
from seatrial.project.files import Source, Tree, folders_above, read

_KEYS = ("select", "ignore", "fail-level", "severity")
_LEVELS = ", ".join(Severity)


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings of one project; what it does not set is empty or None.

    `select` and `ignore` hold rule codes or their beginnings. `severities` are pairs of a rule code and the severity
    of its issues, None to drop them. `path` is the file that says so.
    """

    path: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_level: Severity | None = None
    severities: tuple[tuple[str, Severity | None], ...] = ()


def read_configuration(tree: Tree, base: str) -> Configuration:
    """The configuration of the backend in `base`: its own, else that of the nearest folder above it in the project.

    Raises UsageError where a setting does not exist or cannot have its value. A pyproject.toml that is no TOML
    configures nothing; that it is broken is for the rules to say.
    """
    for folder in folders_above(f"{base}/." if base != "." else "."):
        path = "pyproject.toml" if folder == "." else f"{folder}/pyproject.toml"
        table = _table(tree, path)
        if table is not None:
            return _configuration(path, table)
    return Configuration()


def _table(tree: Tree, path: str) -> object | None:
    source = read(tree.root, path) if path in tree else None
    if not isinstance(source, Source) or "seatrial" not in source.text:
        return None
    try:
        tool = tomllib.loads(source.text).get("tool")
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    return tool.get("seatrial") if isinstance(tool, dict) else None


def _configuration(path: str, table: object) -> Configuration:
    if not isinstance(table, dict):
        raise UsageError(f"{path}: tool.seatrial is no table; write [tool.seatrial]")
    unknown = [key for key in table if key not in _KEYS]
    if unknown:
        raise UsageError(f"{path}: [tool.seatrial] has no setting {unknown[0]!r}; it has {', '.join(_KEYS)}")
    level = table.get("fail-level")
    return Configuration(
        path,
        _codes(path, table, "select"),
        _codes(path, table, "ignore"),
        None if level is None else _severity(f"{path}: [tool.seatrial] fail-level", level),
        _severities(path, table.get("severity", {})),
    )


def _codes(path: str, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(code, str) and code.strip() for code in value):
        raise UsageError(f'{path}: [tool.seatrial] {key} is no list of rule codes; write it as ["IMP001", "DEP"]')
    return tuple(code.strip() for code in value)


def _severities(path: str, table: object) -> tuple[tuple[str, Severity | None], ...]:
    if not isinstance(table, dict):
        raise UsageError(f'{path}: [tool.seatrial] severity is no table; write [tool.seatrial.severity] CODE = "note"')
    return tuple(
        (code.upper(), None if level == "off" else _severity(f"{path}: [tool.seatrial.severity] {code}", level, "off"))
        for code, level in table.items()
    )


def _severity(what: str, value: object, *others: str) -> Severity:
    if not isinstance(value, str) or value not in tuple(Severity):
        raise UsageError(f"{what} is {value!r}; use one of {', '.join((_LEVELS, *others))}")
    return Severity(value)
