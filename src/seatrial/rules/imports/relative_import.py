"""Relative import that leads out of its package

## What it finds
`from .module import name` in a file that is started or imported without a package, and `from ...module import name`
with more dots than the file has packages above it.

## Why it bites
Dots count packages, seen from the folder the server starts in, not folders on disk. With `uvicorn main:app` the file
`main.py` has no package at all: `ImportError: attempted relative import with no known parent package`. With too many
dots it is `ImportError: attempted relative import beyond top-level package`.

## What is flagged
The statement that fails first. All others that fail for the same reason in the same folder are mended with it.

## What is not
Files that are only ever started with `python -m package.module`, which gives them their package.

## Fix safety
Safe where the module that the dots mean on disk can be imported under exactly one absolute name, or exactly one
module of the backend comes near and offers every name that is asked for.

## Reference
https://docs.python.org/3/reference/import.html#package-relative-imports
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, ImportSite
from seatrial.rules.cutting import site_of
from seatrial.rules.edits import rename_module, replace
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.inits import missing_init
from seatrial.rules.nearest import leader, nearest_modules
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import RelativeImport


def check(case: Case) -> Iterator[Finding]:
    """One finding for each package (or lack of one) whose relative imports lead nowhere."""
    if missing_init(case) is not None:
        return
    for group in grouped(case.timeline, RelativeImport, lambda fault: (fault.no_parent, fault.package)):
        fault = group.fault
        written = "." * fault.level + fault.module
        places = _places(case, group)
        edits = [edits for place in places if (edits := _edits(case, place)) is not None]
        fix = None
        if edits:
            sure = len(edits) == len(places)
            flat = tuple(dict.fromkeys(edit for part in edits for edit in part))
            fix = Fix(Applicability.SAFE if sure else Applicability.REVIEW, "Import it by its absolute name.", flat)
        yield Finding(
            location=group.location,
            reach=group.reach,
            certain=group.first.certain,
            problem=f"`{written}` leads out of the package that this file belongs to.",
            cause=_cause(case, group),
            fix=fix,
            no_fix_reason=None if fix else "No module of the backend is found where the dots lead on disk.",
            related=group.related,
        )


def _cause(case: Case, group: Group[RelativeImport]) -> str:
    fault = group.fault
    if fault.no_parent:
        started = f" by `{case.target.value}`" if case.target is not None else ""
        return (
            f"The server loads {group.location.path}{started} as a module without a package, where dots mean nothing."
        )
    depth = fault.package.count(".") + 1
    return f"The package is `{fault.package}`: {depth} deep, and {fault.level} dots go one above what it is in."


def _places(case: Case, group: Group[RelativeImport]) -> tuple[Location, ...]:
    """The places of the mishaps and, where the package is missing, every other relative import of those files."""
    places = dict.fromkeys((place.path, place.line) for place in group.places)
    if group.fault.no_parent:
        for path in dict.fromkeys(place.path for place in group.places):
            file = case.code.file(path)
            for site in file.imports if file is not None else ():
                if isinstance(site.node, ast.ImportFrom) and site.node.level and not site.for_types_only:
                    places.setdefault((path, site.node.lineno))
    return tuple(Location(path, line) for path, line in places)


def _edits(case: Case, place: Location) -> tuple[Edit, ...] | None:
    found = site_of(case.code, place.path, place.line)
    if found is None or not isinstance(found[1].node, ast.ImportFrom):
        return None
    file, site = found
    node = found[1].node
    if node.module is None:
        return _from_dots(case, file, site, node)
    name = _on_disk(case, file, node.level, node.module) or _near(case, node)
    edit = rename_module(file, node, name) if name else None
    return (edit,) if edit else None


def _near(case: Case, node: ast.ImportFrom) -> str | None:
    symbols = [alias.name for alias in node.names if alias.name != "*"]
    best = leader(nearest_modules(case.code, node.module or "", symbols))
    name = node.module or ""
    if name in case.code.modules and all(case.code.offers(name, symbol) for symbol in symbols):
        return name
    return best.name if best else None


def _from_dots(case: Case, file: CodeFile, site: ImportSite, node: ast.ImportFrom) -> tuple[Edit, ...] | None:
    """`from . import crud, models` names modules themselves; without a package they are imported as such."""
    package = _folder(file.path, node.level)
    names = {alias: _on_disk(case, file, node.level, alias.name) for alias in node.names}
    if None in names.values():
        parent = package.replace("/", ".") if package != "." else ""
        if parent and all(case.code.offers(parent, alias.name) for alias in node.names):
            edit = rename_module(file, node, parent)
            return (edit,) if edit else None
        return None
    parents = {(name or "").rpartition(".")[0] for name in names.values()}
    if len(parents) == 1 and (parent := parents.pop()):
        edit = rename_module(file, node, parent)
        return (edit,) if edit else None
    parts = [f"{name} as {alias.asname}" if alias.asname else str(name) for alias, name in names.items()]
    return (replace(file, site.node, f"import {', '.join(parts)}"),)


def _folder(path: str, level: int) -> str:
    folder = posixpath.dirname(path)
    for _ in range(level - 1):
        folder = posixpath.dirname(folder)
    return folder or "."


def _on_disk(case: Case, file: CodeFile, level: int, module: str) -> str | None:
    """The absolute name of the file that the dots would mean if they counted folders."""
    base = posixpath.normpath(posixpath.join(_folder(file.path, level), module.replace(".", "/")))
    for path in (f"{base}.py", f"{base}/__init__.py"):
        if path in case.code.names:
            return case.code.names[path]
    return None


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "config.py": 'TITLE = "Tasks"\n',
}

RULE = Rule(
    code="IMP005",
    name="relative-import",
    summary="A relative import leads out of its package",
    check=check,
    fix="sometimes",
    requirements=("A1", "A2"),
    bad={
        **_PROJECT,
        "main.py": "from fastapi import FastAPI\n\nfrom .config import TITLE\n\napp = FastAPI(title=TITLE)\n",
    },
    good={
        **_PROJECT,
        "main.py": "from fastapi import FastAPI\n\nfrom config import TITLE\n\napp = FastAPI(title=TITLE)\n",
    },
    expect=Expectation("main.py", 3, exception="ImportError"),
)
