"""Import of a name that its module does not define

## What it finds
`from module import name`, or `module.name`, where the module is one of the backend's own, is fully loaded by
then, and has no such name: it is misspelt, it lives elsewhere, or a package does not re-export it.

## Why it bites
`ImportError: cannot import name …` (or `AttributeError`) when the statement is executed, which for the modules that
the start loads is before the server listens.

## What is flagged
The first statement that fails; others that ask the same module for the same name are related places.

## What is not
Modules that make names at run time (`__getattr__`, `globals()`, `exec`), and a name that is missing only because its
module is still being loaded (see `circular-import`).

## Fix safety
Safe where exactly one module defines the name, or exactly one name of the module comes near it. For review where
several do. A misspelt name is corrected where it is used, too.

## Reference
https://docs.python.org/3/reference/simple_stmts.html#import
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from seatrial.issue import Applicability, Edit, Evidence, Fix, Location, Position
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.edits import add_import, insert_after, remove_aliases, rename_alias, rename_module, replace
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.nearest import nearest_name
from seatrial.rules.references import binds_elsewhere, mentions, references
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.statements import Use, dotted, relative, use_at
from seatrial.simulation.timeline import MissingSymbol


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was meant: the same name in another module, another name in this one, or a submodule not yet imported."""

    kind: Literal["elsewhere", "misspelt", "submodule"]
    module: str
    name: str
    sure: bool
    location: Location | None


def check(case: Case) -> Iterator[Finding]:
    """One finding for each name that is asked of a module of the backend which does not have it."""
    for group in grouped(case.timeline, MissingSymbol, _key):
        answer = _answer(case, group.fault)
        fix = _fix(case, group, answer) if answer is not None else None
        yield Finding(
            location=group.location,
            reach=group.reach,
            certain=group.first.certain,
            problem=f"`{group.fault.module}` has no `{group.fault.symbol}`.",
            cause=_cause(group.fault, answer),
            fix=fix,
            no_fix_reason=None if fix else _no_fix(answer),
            related=group.related,
            evidence=tuple(_evidence(answer)),
        )


def _key(fault: MissingSymbol) -> tuple[str, str] | None:
    return (fault.module, fault.symbol) if fault.first_party else None


def _no_fix(answer: _Answer | None) -> str:
    if answer is None:
        return "No module of the backend defines this name, or one near it."
    return "The statement is written in a way that cannot be edited exactly."


def _cause(fault: MissingSymbol, answer: _Answer | None) -> str:
    if answer is None:
        return f"No module of the backend defines `{fault.symbol}`."
    if answer.kind == "misspelt":
        return f"`{fault.module}` has `{answer.name}`; the name asked for is spelt differently."
    if answer.kind == "submodule":
        return f"`{answer.module}` is a module that nothing has imported by then, so the package does not have it."
    where = f" ({answer.location.path}:{answer.location.line})" if answer.location else ""
    if answer.module.startswith(fault.module + "."):
        return f"`{answer.name}` is defined in `{answer.module}`{where}, and the package does not re-export it."
    return f"`{answer.name}` is defined in `{answer.module}`{where}."


def _evidence(answer: _Answer | None) -> Iterator[Evidence]:
    if answer is not None and answer.location is not None:
        place = f"{answer.location.path}:{answer.location.line}"
        yield Evidence(f"`{answer.name}` is defined here", place)


def _answer(case: Case, fault: MissingSymbol) -> _Answer | None:
    child = f"{fault.module}.{fault.symbol}"
    if fault.by_attribute and child in case.code.modules:
        return _Answer("submodule", child, fault.symbol, True, Location(case.code.modules[child], 1))
    homes = [(name, place) for name, place in case.code.definitions(fault.symbol) if name != fault.module]
    below = [home for home in homes if home[0].startswith(fault.module + ".")]
    for choice in (homes, below):
        if len(choice) == 1:
            return _Answer("elsewhere", choice[0][0], fault.symbol, True, choice[0][1])
    if (near := _near(case, fault)) is not None:
        return near
    if (moved := _moved_module(case, fault)) is not None:
        return moved
    if homes:
        name, place = (below or homes)[0]
        return _Answer("elsewhere", name, fault.symbol, False, place)
    return None


def _near(case: Case, fault: MissingSymbol) -> _Answer | None:
    file = case.code.module(fault.module)
    prefix = fault.module + "."
    submodules = {name[len(prefix) :].partition(".")[0] for name in case.code.modules if name.startswith(prefix)}
    bindings = dict(file.bindings) if file is not None else {}
    public = {name for name in bindings if not name.startswith("__")} | submodules
    name = nearest_name(fault.symbol, public)
    if name is None:
        return None
    place = Location(file.path, bindings[name].line) if file is not None and name in bindings else None
    return _Answer("misspelt", fault.module, name, True, place)


def _moved_module(case: Case, fault: MissingSymbol) -> _Answer | None:
    """`from package import module` where that module lies in another package."""
    found = [name for name in case.code.modules if name.rpartition(".")[2] == fault.symbol and "." in name]
    if len(found) != 1:
        return None
    place = Location(case.code.modules[found[0]], 1)
    return _Answer("elsewhere", found[0].rpartition(".")[0], fault.symbol, True, place)


def _fix(case: Case, group: Group[MissingSymbol], answer: _Answer) -> Fix | None:
    edits: list[Edit] = []
    complete = True
    for place in group.places:
        made = _edits(case, place, group.fault, answer)
        complete = complete and made is not None
        edits += made or ()
    if not edits:
        return None
    applicability = Applicability.SAFE if complete and answer.sure else Applicability.REVIEW
    return Fix(applicability, _explanation(answer), tuple(dict.fromkeys(edits)))


def _explanation(answer: _Answer) -> str:
    if answer.kind == "misspelt":
        return f"Use `{answer.name}`."
    if answer.kind == "submodule":
        return f"Import `{answer.module}` before it is used."
    return f"Import `{answer.name}` from `{answer.module}`."


def _edits(case: Case, place: Location, fault: MissingSymbol, answer: _Answer) -> Sequence[Edit] | None:
    file = case.code.file(place.path)
    if file is None:
        return None
    use = use_at(case.code, place, fault.module)
    if use is not None and isinstance(use.site.node, ast.ImportFrom) and fault.symbol in use.symbols:
        return _in_import(case, use, fault.symbol, answer)
    return _in_attribute(file, place, fault, answer)


def _in_import(case: Case, use: Use, symbol: str, answer: _Answer) -> Sequence[Edit] | None:
    alias = next(alias for alias in use.site.node.names if alias.name == symbol)
    if answer.kind == "misspelt":
        return _respelt(use, alias, answer.name)
    return moved_alias(case, use, alias, answer.module)


def _respelt(use: Use, alias: ast.alias, name: str) -> Sequence[Edit]:
    """Correct the import and what uses it; keep the old name by `as` where the new one would collide."""
    file = use.file
    if alias.asname is not None:
        return (rename_alias(file, alias, name),)
    if binds_elsewhere(file, alias.name, use.site.node) or mentions(file, name):
        used = references(file, alias.name)
        return (rename_alias(file, alias, f"{name} as {alias.name}" if used else name),)
    uses = [replace(file, reference.node, name) for reference in references(file, alias.name)]
    return (rename_alias(file, alias, name), *uses)


def moved_alias(case: Case, use: Use, alias: ast.alias, module: str) -> Sequence[Edit] | None:
    """Import one name of a statement from another module, the others as before."""
    node = use.site.node
    assert isinstance(node, ast.ImportFrom)
    written = relative(case.code, use.file.path, module) if node.level else module
    if len(node.names) == 1:
        edit = rename_module(use.file, node, written)
        return (edit,) if edit else None
    statement = f"from {written} import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
    added, removed = insert_after(use.file, node, statement), remove_aliases(use.file, use.site, [alias])
    return (*removed, added) if added and removed else None


def _in_attribute(file: CodeFile, place: Location, fault: MissingSymbol, answer: _Answer) -> Sequence[Edit] | None:
    if answer.kind == "submodule":
        return (add_import(file, f"import {answer.module}"),)
    if answer.kind != "misspelt":
        return None
    found = [
        node
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Attribute) and node.attr == fault.symbol and node.end_lineno == place.line
    ]
    if len(found) != 1 or dotted(found[0].value) is None:
        return None
    end = file.end(found[0])
    return (Edit(file.path, Position(end.line, end.column - len(fault.symbol)), end, answer.name),)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT\n",
    "app/__init__.py": "",
    "app/models/__init__.py": "",
    "app/models/task.py": "class Task:\n    title: str\n",
}

RULE = Rule(
    code="IMP002",
    name="missing-symbol",
    summary="A name is imported from a module that does not define it",
    check=check,
    fix="sometimes",
    requirements=("A1", "A2"),
    bad={
        **_PROJECT,
        "app/main.py": (
            "from fastapi import FastAPI\n\nfrom app.models import Task\n\napp = FastAPI(title=Task.__name__)\n"
        ),
    },
    good={
        **_PROJECT,
        "app/main.py": (
            "from fastapi import FastAPI\n\nfrom app.models.task import Task\n\napp = FastAPI(title=Task.__name__)\n"
        ),
    },
    expect=Expectation("app/main.py", 3, exception="ImportError"),
)
