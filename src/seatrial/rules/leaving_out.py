"""How to start without a module that cannot be loaded: neither import nor include its router, and keep its file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from seatrial.issue import Edit, Position
from seatrial.rules.edits import alone_on_its_lines, remove_aliases
from seatrial.rules.references import binds_elsewhere, references

if TYPE_CHECKING:
    from seatrial.rules.code import CodeFile, ImportSite
    from seatrial.rules.codebase import Codebase


def left_out(code: Codebase, path: str) -> tuple[Edit, ...]:
    """The edits after which nothing imports a file of the backend.

    Empty where something needs more of it than a router that is included, or nothing imports it.
    """
    names = {name for name, place in code.modules.items() if place == path}
    edits: list[Edit] = []
    for file in (code.file(other) for other in code.names if other != path):
        for site in file.imports if file is not None else ():
            aliases = [alias for alias in site.node.names if _leads_to(code, file, site, alias, names)]
            if file is None or not aliases:
                continue
            made = _without(file, site, aliases)
            if made is None:
                return ()
            edits += made
    return tuple(dict.fromkeys(edits))


def _leads_to(code: Codebase, file: CodeFile | None, site: ImportSite, alias: ast.alias, names: set[str]) -> bool:
    if file is None or isinstance(site.node, ast.Import):
        return alias.name in names
    module = code.absolute(file.path, "." * site.node.level + (site.node.module or ""))
    return module is not None and (module in names or f"{module}.{alias.name}" in names)


def _without(file: CodeFile, site: ImportSite, aliases: list[ast.alias]) -> list[Edit] | None:
    """The import and what includes the routers taken out; None where the names have another use."""
    edits: list[Edit] = []
    inclusions = {id(name): node for node, name in _inclusions(file)}
    for alias in aliases:
        bound = alias.asname or alias.name
        if bound == "*" or "." in bound or binds_elsewhere(file, bound, site.node):
            return None
        for use in references(file, bound):
            statement = inclusions.get(id(use.node))
            if statement is None:
                return None
            last = statement.end_lineno or statement.lineno
            if last == len(file.lines):
                return None
            edits.append(Edit(file.path, Position(statement.lineno, 1), Position(last + 1, 1), ""))
    made = remove_aliases(file, site, aliases)
    return None if made is None else [*made, *edits]


def _inclusions(file: CodeFile) -> Iterator[tuple[ast.stmt, ast.expr]]:
    """Statements such as `app.include_router(tasks.router)` that may go, with the name of what they include."""
    for block in (body for node in ast.walk(file.tree) if isinstance(body := getattr(node, "body", None), list)):
        for node in block if len(block) > 1 else ():
            call = node.value if isinstance(node, ast.Expr) else None
            if not isinstance(call, ast.Call) or not call.args or not alone_on_its_lines(file, node):
                continue
            if isinstance(call.func, ast.Attribute) and call.func.attr == "include_router":
                included = call.args[0]
                yield node, included.value if isinstance(included, ast.Attribute) else included
