"""What `site` would put on `sys.path` for one site-packages directory, worked out without running a line of it."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Start-up hooks that add nothing to what can be imported: virtualenv's, setuptools' and namespace packages'
# (which the import system makes from the folders by itself).
_HARMLESS = re.compile(r"import\s+(_virtualenv\b|os; var = 'SETUPTOOLS_USE_DISTUTILS'|sys,\s*types,\s*os;)")
_FINDER = re.compile(r"import\s+(__editable___\w+_finder|_editable_impl_\w+|__editables_\w+)\b")
_MAPPED_MODULE = re.compile(r"map_module\(\s*(['\"])([\w.]+)\1\s*,\s*(['\"])(.+?)\3")


@dataclass(frozen=True, slots=True)
class SitePaths:
    """The `sys.path` entries of site directories, in order.

    `mapped` are modules that an editable install serves from elsewhere through an import hook (dotted name ->
    package folder or file). `unread` are `.pth` files with code whose effect is not known.
    """

    entries: tuple[Path, ...]
    mapped: Mapping[str, Path] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


def site_paths(directories: tuple[Path, ...]) -> SitePaths:
    """Process site directories one after another, as `site.addsitedir` does with each; missing ones are left out."""
    entries: dict[str, Path] = {}
    mapped: dict[str, Path] = {}
    unread: list[str] = []
    for directory in directories:
        if not directory.is_dir() or _known(directory) in entries:
            continue
        entries[_known(directory)] = directory
        for name in _path_files(directory):
            _process(directory, name, entries, mapped, unread)
    return SitePaths(tuple(entries.values()), mapped, tuple(unread))


def _known(path: Path) -> str:
    return os.path.normcase(os.path.abspath(path))


def _path_files(directory: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(directory) if name.endswith(".pth") and not name.startswith("."))
    except OSError:
        return []


def _process(directory: Path, name: str, entries: dict[str, Path], mapped: dict[str, Path], unread: list[str]) -> None:
    try:
        text = (directory / name).read_text(encoding="utf-8-sig", errors="surrogateescape")
    except OSError:
        return
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith(("import ", "import\t")):
            if not _HARMLESS.match(line) and not _read_finder(directory, line, mapped):
                unread.append(name)
            continue
        path = Path(os.path.abspath(directory / line.rstrip()))
        if path.exists():
            entries.setdefault(_known(path), path)


def _read_finder(directory: Path, line: str, mapped: dict[str, Path]) -> bool:
    """Read the table of an editable install's import hook (setuptools, hatchling); False where it is another hook."""
    match = _FINDER.match(line)
    if match is None:
        return False
    try:
        text = (directory / f"{match[1]}.py").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    table = _setuptools_table(text) or {found[1]: found[3] for found in _MAPPED_MODULE.findall(text)}
    for module, place in table.items():
        mapped.setdefault(module, Path(place))
    return bool(table)


def _setuptools_table(text: str) -> dict[str, str]:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return {}
    for statement in body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            target: ast.expr = statement.target
        elif isinstance(statement, ast.Assign):
            target = statement.targets[0]
        else:
            continue
        if isinstance(target, ast.Name) and target.id == "MAPPING" and statement.value is not None:
            return _literal_table(statement.value)
    return {}


def _literal_table(node: ast.expr) -> dict[str, str]:
    try:
        table = ast.literal_eval(node)
    except (ValueError, SyntaxError, RecursionError):
        return {}
    if not isinstance(table, dict):
        return {}
    return {key: value for key, value in table.items() if isinstance(key, str) and isinstance(value, str)}
