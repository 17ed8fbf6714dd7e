"""An import statement that names a module, and how to let it name another, in the style it is written in."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from seatrial.issue import Edit, Location
from seatrial.rules.code import CodeFile, ImportSite
from seatrial.rules.edits import insert_after, remove_aliases, rename_alias, rename_module, replace
from seatrial.rules.references import binds_elsewhere, mentions, references

if TYPE_CHECKING:
    from seatrial.rules.codebase import Codebase

_SAME: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Use:
    """One import of `module` (absolute): `alias` is None for `from a.b import …`, `symbols` are what is used of it."""

    file: CodeFile
    site: ImportSite
    module: str
    alias: ast.alias | None
    symbols: tuple[str, ...]


def use_at(code: Codebase, location: Location, module: str) -> Use | None:
    """The import of `module` (absolute dotted name) or of something below it at this place; None when there is none."""
    file = code.file(location.path)
    site = file.import_at(location.line) if file is not None else None
    if file is None or site is None:
        return None
    node = site.node
    if isinstance(node, ast.ImportFrom):
        written = code.absolute(file.path, "." * node.level + (node.module or ""))
        if written is None or not is_within(written, module):
            return None
        return Use(file, site, written, None, tuple(alias.name for alias in node.names if alias.name != "*"))
    alias = next((alias for alias in node.names if is_within(alias.name, module)), None)
    if alias is None:
        return None
    return Use(file, site, alias.name, alias, _attributes(file, alias.asname or alias.name))


def is_within(name: str, module: str) -> bool:
    """Whether a dotted name is this module or lies below it."""
    return name == module or name.startswith(module + ".")


def renamed(code: Codebase, use: Use, module: str) -> tuple[Edit, ...] | None:
    """The edits that let one import name another module; None where it is written too oddly."""
    node = use.site.node
    if isinstance(node, ast.ImportFrom):
        written = relative(code, use.file.path, module) if node.level else module
        edit = rename_module(use.file, node, written)
        return (edit,) if edit else None
    assert use.alias is not None
    first = rename_alias(use.file, use.alias, module)
    if use.alias.asname is not None:
        return (first,)
    chains = [chain for chain in ast.walk(use.file.tree) if dotted(chain) == use.alias.name]
    return (first, *(replace(use.file, chain, module) for chain in chains if isinstance(chain, ast.expr)))


def moved_aliases(
    code: Codebase, use: Use, aliases: Collection[ast.alias], module: str, names: Mapping[str, str] = _SAME
) -> tuple[Edit, ...] | None:
    """Import some names of a `from` statement from another module, the others as before.

    `names` says what to write for those that are called otherwise there (`Server as FastMCP`).
    """
    node = use.site.node
    assert isinstance(node, ast.ImportFrom)
    written = relative(code, use.file.path, module) if node.level else module
    if len(node.names) == len(aliases):
        edit = rename_module(use.file, node, written)
        others = [
            Edit(use.file.path, use.file.start(alias), use.file.end(alias), names[alias.name])
            for alias in aliases
            if alias.name in names
        ]
        return (edit, *others) if edit else None
    listed = [names.get(it.name, it.name + (f" as {it.asname}" if it.asname else "")) for it in aliases]
    added = insert_after(use.file, node, f"from {written} import {', '.join(listed)}")
    removed = remove_aliases(use.file, use.site, aliases)
    return (*removed, added) if added and removed else None


def respelt(use: Use, alias: ast.alias, name: str) -> tuple[Edit, ...]:
    """Correct the import and what uses it; keep the old name by `as` where the new one would collide."""
    file = use.file
    if alias.asname is not None:
        return (rename_alias(file, alias, name),)
    if binds_elsewhere(file, alias.name, use.site.node) or mentions(file, name):
        used = references(file, alias.name)
        return (rename_alias(file, alias, f"{name} as {alias.name}" if used else name),)
    names = [use.node for use in references(file, alias.name) if isinstance(use.node, ast.Name)]
    uses = [replace(file, node, name) for node in names]
    return (rename_alias(file, alias, name), *uses)


def relative(code: Codebase, path: str, module: str) -> str:
    """How `path` writes `module` relatively; absolutely when it lies in another top-level package."""
    package = code.package_of(path)
    if not package:
        return module
    here, there = package.split("."), module.split(".")
    shared = 0
    while shared < min(len(here), len(there)) and here[shared] == there[shared]:
        shared += 1
    if shared == 0:
        return module
    return "." * (len(here) - shared + 1) + ".".join(there[shared:])


def _attributes(file: CodeFile, module: str) -> tuple[str, ...]:
    found = [n.attr for n in ast.walk(file.tree) if isinstance(n, ast.Attribute) and dotted(n.value) == module]
    return tuple(dict.fromkeys(found))


def dotted(node: ast.AST) -> str | None:
    """`a.b.c` for a chain of attributes of a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        parent = dotted(node.value)
        return f"{parent}.{node.attr}" if parent else None
    return None
