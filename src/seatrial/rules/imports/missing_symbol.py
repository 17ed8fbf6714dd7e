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
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from seatrial.issue import Applicability, Edit, Evidence, Fix, Location, Position, Related
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.edits import add_import
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.missing import is_echo
from seatrial.rules.nearest import nearest_name
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.shadows import shadow_behind
from seatrial.rules.statements import dotted, moved_aliases, respelt, use_at
from seatrial.simulation.timeline import MissingSymbol


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was meant: the same name in another module, another name in this one, or a submodule not yet imported."""

    kind: Literal["elsewhere", "misspelt", "submodule"]
    module: str
    name: str
    sure: bool
    location: Location | None


@dataclass(frozen=True, slots=True)
class _Wrong:
    """One missing name and what was meant."""

    group: Group[MissingSymbol]
    answer: _Answer | None


def check(case: Case) -> Iterator[Finding]:
    """One finding for each name that a module of the backend lacks, or for several that moved together."""
    for wrongs in _together(case):
        fix = _fix(case, wrongs)
        group, answer = wrongs[0].group, wrongs[0].answer
        others = [
            Related(place.location, place.message)
            for wrong in wrongs
            for place in ((*wrong.group.related, *_own_place(wrong.group, group)))
        ]
        symbols = " and no ".join(f"`{wrong.group.fault.symbol}`" for wrong in wrongs)
        yield Finding(
            location=group.location,
            reach=group.reach,
            certain=group.first.certain,
            problem=f"`{group.fault.module}` has no {symbols}.",
            cause=" ".join(_cause(wrong.group.fault, wrong.answer) for wrong in wrongs),
            fix=fix,
            no_fix_reason=None if fix else _no_fix(answer),
            related=tuple(dict.fromkeys(others)),
            evidence=tuple(evidence for wrong in wrongs for evidence in _evidence(wrong.answer)),
        )


def _own_place(group: Group[MissingSymbol], leading: Group[MissingSymbol]) -> tuple[Related, ...]:
    if group.location == leading.location:
        return ()
    return (Related(group.location, group.first.failure.message),)


def _together(case: Case) -> list[list[_Wrong]]:
    """The names that are missing; those that one module lost to one other are one root cause."""
    causes: dict[Hashable, list[_Wrong]] = {}
    for group in grouped(case.timeline, MissingSymbol, lambda fault: _key(case, fault)):
        answer = _answer(case, group.fault)
        moved = answer is not None and answer.kind == "elsewhere" and answer.sure
        to = answer.module if answer is not None and moved else group.fault.symbol
        causes.setdefault((group.fault.module, moved, to), []).append(_Wrong(group, answer))
    return list(causes.values())


def _key(case: Case, fault: MissingSymbol) -> tuple[str, str] | None:
    own = fault.first_party and shadow_behind(case, fault) is None and not is_echo(case, fault)
    return (fault.module, fault.symbol) if own else None


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


def _fix(case: Case, wrongs: Sequence[_Wrong]) -> Fix | None:
    answer = wrongs[0].answer
    if answer is None:
        return None
    places: dict[Location, list[str]] = {}
    for wrong in wrongs:
        for place in wrong.group.places:
            places.setdefault(place, []).append(wrong.group.fault.symbol)
    made = [_edits(case, place, wrongs[0].group.fault.module, symbols, answer) for place, symbols in places.items()]
    edits = tuple(dict.fromkeys(edit for part in made for edit in part or ()))
    if not edits:
        return None
    sure = answer.sure and None not in made
    return Fix(Applicability.SAFE if sure else Applicability.REVIEW, _explanation(wrongs, answer), edits)


def _explanation(wrongs: Sequence[_Wrong], answer: _Answer) -> str:
    if answer.kind == "misspelt":
        return f"Use `{answer.name}`."
    if answer.kind == "submodule":
        return f"Import `{answer.module}` before it is used."
    symbols = ", ".join(f"`{wrong.group.fault.symbol}`" for wrong in wrongs)
    return f"Import {symbols} from `{answer.module}`."


def _edits(case: Case, place: Location, module: str, symbols: Sequence[str], answer: _Answer) -> Sequence[Edit] | None:
    use = use_at(case.code, place, module)
    if use is not None and isinstance(use.site.node, ast.ImportFrom) and set(symbols) <= set(use.symbols):
        aliases = [alias for alias in use.site.node.names if alias.name in symbols]
        if answer.kind == "misspelt":
            return respelt(use, aliases[0], answer.name)
        return moved_aliases(case.code, use, aliases, answer.module)
    file = case.code.file(place.path)
    return _in_attribute(file, place, symbols[0], answer) if file is not None else None


def _in_attribute(file: CodeFile, place: Location, symbol: str, answer: _Answer) -> Sequence[Edit] | None:
    if answer.kind == "submodule":
        return (add_import(file, f"import {answer.module}"),)
    if answer.kind != "misspelt":
        return None
    found = [
        node
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Attribute) and node.attr == symbol and node.end_lineno == place.line
    ]
    if len(found) != 1 or dotted(found[0].value) is None:
        return None
    end = file.end(found[0])
    return (Edit(file.path, Position(end.line, end.column - len(symbol)), end, answer.name),)


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
