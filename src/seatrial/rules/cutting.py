"""Ways to cut one import out of a circle: each keeps the behaviour and gives exact edits, or None where it cannot."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence

from seatrial.issue import Edit, Position
from seatrial.rules.code import CodeFile, FunctionNode, ImportSite
from seatrial.rules.codebase import Codebase
from seatrial.rules.edits import (
    add_import,
    alone_on_its_lines,
    insert_after,
    insert_in_function,
    remove_aliases,
    replace,
)
from seatrial.rules.references import Reference, references
from seatrial.rules.statements import dotted, relative

# Decorators that leave annotations alone; whatever else decorates may read them when the module is loaded.
_PLAIN = frozenset(
    {"staticmethod", "classmethod", "property", "cached_property", "lru_cache", "cache", "wraps", "override"}
    | {"abstractmethod", "contextmanager", "asynccontextmanager", "overload", "final"}
)


def from_home(code: Codebase, file: CodeFile, site: ImportSite) -> tuple[Edit, ...] | None:
    """Import from the module that defines the names rather than from the package that re-exports them."""
    node = site.node
    if not isinstance(node, ast.ImportFrom) or any(alias.name == "*" for alias in node.names):
        return None
    package = code.absolute(file.path, "." * node.level + (node.module or ""))
    homes = {alias.name: code.home(package, alias.name) if package else None for alias in node.names}
    found = set(homes.values())
    if len(found) != 1 or None in found or package in found:
        return None
    home = next(iter(found))
    span = file.module_span(node)
    if home is None or span is None or home == code.names.get(file.path):
        return None
    return (Edit(file.path, *span, relative(code, file.path, home) if node.level else home),)


def deferred(code: Codebase, file: CodeFile, site: ImportSite) -> tuple[Edit, ...] | None:
    """Import where the names are used: inside functions, and for annotations under `if TYPE_CHECKING`.

    None where a name is used while the module is loaded, or in an annotation that a framework evaluates.
    """
    node = site.node
    if not site.at_top or not alone_on_its_lines(file, node) or _is_reexport(code, file, node):
        return None
    edits: list[Edit] = []
    typed: list[ast.alias] = []
    inner: dict[FunctionNode, list[ast.alias]] = {}
    for alias in node.names:
        used = references(file, _bound(node, alias))
        if alias.name == "*" or not used or not all(_is_movable(code, use) for use in used):
            return None
        if any(use.moment != "call" for use in used):
            typed.append(alias)
            edits += _quoted(file, used)
        for use in used:
            if use.moment == "call" and use.function is not None and alias not in inner.setdefault(use.function, []):
                inner[use.function].append(alias)
    removed = remove_aliases(file, site, node.names)
    inserted = [insert_in_function(file, function, _statement(node, names)) for function, names in inner.items()]
    if removed is None or None in inserted:
        return None
    checked = _for_types(file, node, typed) if typed else ()
    return (*removed, *dict.fromkeys(edits), *(edit for edit in inserted if edit is not None), *checked)


def _bound(node: ast.stmt, alias: ast.alias) -> str:
    return alias.asname or (alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name)


def _is_reexport(code: Codebase, file: CodeFile, node: ast.stmt) -> bool:
    """Whether other modules take these names from here."""
    assert isinstance(node, ast.Import | ast.ImportFrom)
    own = code.names.get(file.path)
    names = {_bound(node, alias) for alias in node.names}
    exported = file.bindings.get("__all__")
    if exported is not None and any(re.search(rf"['\"]{re.escape(name)}['\"]", file.text) for name in names):
        return True
    return own is not None and any(_takes(code, path, own, names) for path in code.paths if path != file.path)


def _takes(code: Codebase, path: str, module: str, names: set[str]) -> bool:
    text = code.text(path) or ""
    if not any(name in text for name in names):
        return False
    other = code.file(path)
    for site in other.imports if other is not None else ():
        node = site.node
        if not isinstance(node, ast.ImportFrom) or not names & {alias.name for alias in node.names}:
            continue
        if code.absolute(path, "." * node.level + (node.module or "")) == module:
            return True
    return any(f"{module.rpartition('.')[2]}.{name}" in text for name in names)


def _is_movable(code: Codebase, use: Reference) -> bool:
    if use.moment == "call":
        return True
    if use.moment == "load":
        return False
    if use.function is not None:
        return _is_plain(code, use.function, use.owner)
    return use.owner is None or (not use.owner.bases and not use.owner.decorator_list)


def _is_plain(code: Codebase, function: FunctionNode, owner: ast.ClassDef | None) -> bool:
    """Whether nothing reads the annotations of this function: no decorator of a framework, no `Depends`."""
    called = [item.func if isinstance(item, ast.Call) else item for item in function.decorator_list]
    if not all((dotted(item) or "").rpartition(".")[2] in _PLAIN for item in called):
        return False
    names = {function.name} | ({owner.name} if owner is not None else set())
    return not any(_is_injected(code, name) for name in names)


def _is_injected(code: Codebase, name: str) -> bool:
    pattern = re.compile(rf"\b(?:Depends|Security|add_\w+_route|add_exception_handler)\([^)]*\b{re.escape(name)}\b")
    return any(name in text and pattern.search(text) for path in code.paths if (text := code.text(path)))


def _quoted(file: CodeFile, used: Iterable[Reference]) -> list[Edit]:
    """Turn annotations that are evaluated into strings."""
    whole = {id(use.annotation): use.annotation for use in used if use.moment == "annotation"}
    edits = []
    for annotation in whole.values():
        if annotation is not None:
            text = file.source(annotation)
            quote = "'" if '"' in text else '"'
            edits.append(replace(file, annotation, f"{quote}{text}{quote}"))
    return edits


def _statement(node: ast.stmt, aliases: Sequence[ast.alias]) -> str:
    names = ", ".join(alias.name + (f" as {alias.asname}" if alias.asname else "") for alias in aliases)
    if isinstance(node, ast.ImportFrom):
        return f"from {'.' * node.level}{node.module or ''} import {names}"
    return f"import {names}"


def _for_types(file: CodeFile, node: ast.stmt, aliases: Sequence[ast.alias]) -> tuple[Edit, ...]:
    """`if TYPE_CHECKING:` with the import in it, in the block that is there or in a new one."""
    statement = _statement(node, aliases)
    for other in file.tree.body:
        if isinstance(other, ast.If) and (dotted(other.test) or "").rpartition(".")[2] == "TYPE_CHECKING":
            edit = insert_after(file, other.body[-1], statement)
            if edit is not None:
                return (edit,)
    block = f"\nif TYPE_CHECKING:\n    {statement}"
    for other in file.tree.body:
        if isinstance(other, ast.ImportFrom) and other.module == "typing" and not other.level:
            if any(alias.name == "TYPE_CHECKING" for alias in other.names):
                return (add_import(file, block, without=node),)
            end = file.end(other.names[-1])
            named = Edit(file.path, Position(end.line, end.column), Position(end.line, end.column), ", TYPE_CHECKING")
            return (named, add_import(file, block, without=node))
    return (add_import(file, f"from typing import TYPE_CHECKING\n{block}", without=node),)


def site_of(code: Codebase, path: str, line: int) -> tuple[CodeFile, ImportSite] | None:
    """The file and the import statement at a place."""
    file = code.file(path)
    site = file.import_at(line) if file is not None else None
    return (file, site) if file is not None and site is not None else None
