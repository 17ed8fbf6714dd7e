"""Name or module that an installed distribution does not have, or no longer

## What it finds
`from library import name` and `import library.module` where the library is installed, and the release that is
installed has nothing of that name there: it moved, was renamed, was split off into another distribution, or never
was there.

## Why it bites
An unpinned manifest resolves to this year's release, the code was written for another. `ImportError` or
`ModuleNotFoundError` at the first such statement that is executed.

## What is flagged
The statement that fails first; other imports of the same thing are related places.

## What is not
Modules whose names cannot be told from their source (made at run time, or compiled).

## Fix safety
Safe where exactly one thing in the installed distribution has this name, or the library's own migration guide names
its successor: it is imported from there. Where several things have it, for review.

## Reference
https://packaging.python.org/en/latest/discussions/versioning/
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Applicability, Edit, Evidence, Fix, Location
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.declaring import declare
from seatrial.rules.edits import add_import, replace
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.inits import missing_init
from seatrial.rules.migrations import successor
from seatrial.rules.missing import Kind, is_echo, kind_of
from seatrial.rules.nearest import nearest_name
from seatrial.rules.outside import home_of, release_of
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.shadows import shadow_behind
from seatrial.rules.statements import dotted, moved_aliases, renamed, respelt, use_at
from seatrial.simulation.timeline import MissingModule, MissingSymbol, Refusal


@dataclass(frozen=True, slots=True)
class _Answer:
    """What to import instead. `symbol` is None where a whole module is meant; `declare` a distribution it needs."""

    module: str
    symbol: str | None
    sure: bool
    declare: str | None = None


def check(case: Case) -> Iterator[Finding]:
    """One finding for each name or module of a library that is asked for and not there."""
    init = missing_init(case)
    for symbol in grouped(case.timeline, MissingSymbol, lambda fault: _symbol_key(case, fault)):
        if init is None or init.mishap is not symbol.first:
            fault = symbol.fault
            yield _finding(case, symbol, f"`{fault.module}` has no `{fault.symbol}`", _of_symbol(case, fault))
    for refused in grouped(case.timeline, Refusal, _refusal_key):
        yield from _refused(case, refused)
    for module in grouped(case.timeline, MissingModule, lambda fault: _module_key(case, fault)):
        if init is None or init.mishap is not module.first:
            answer = _of_module(case, module)
            yield _finding(case, module, f"There is no module `{module.fault.name}`", answer)


def _symbol_key(case: Case, fault: MissingSymbol) -> tuple[str, str] | None:
    if fault.first_party or shadow_behind(case, fault) is not None or is_echo(case, fault):
        return None
    return fault.module, fault.symbol


def _module_key(case: Case, fault: MissingModule) -> str | None:
    return fault.name if kind_of(case, fault) is Kind.API else None


def _refusal_key(fault: Refusal) -> tuple[str, str] | None:
    return (fault.library, fault.subject) if fault.kind == "moved" else None


def _refused(case: Case, group: Group[Refusal]) -> Iterator[Finding]:
    """A library's own words for a name that went: they count as a missing name of the module that is asked."""
    use = use_at(case.code, group.location, group.fault.library)
    module = use.module if use is not None else group.fault.library
    fault = MissingSymbol(module, group.fault.subject, None, first_party=False)
    lost = Group(group.mishaps, tuple(fault for _ in group.mishaps))
    yield _finding(case, lost, f"`{module}` has no `{fault.symbol}`", _of_symbol(case, fault))


def _finding(
    case: Case, group: Group[MissingSymbol] | Group[MissingModule], problem: str, answer: _Answer | None
) -> Finding:
    fault = group.fault
    top = (fault.module if isinstance(fault, MissingSymbol) else fault.name).partition(".")[0]
    release = release_of(case, top)
    fix = _fix(case, group, answer) if answer is not None else None
    return Finding(
        location=group.location,
        reach=group.reach,
        certain=group.first.certain,
        problem=f"{problem} in {release}." if release else f"{problem}.",
        cause=_cause(fault, answer),
        fix=fix,
        no_fix_reason=None if fix else "Nothing that is installed has this name; see the library's migration guide.",
        related=group.related,
        evidence=(Evidence("This is the release that the code runs on", release),) if release else (),
    )


def _cause(fault: MissingSymbol | MissingModule, answer: _Answer | None) -> str:
    if answer is None:
        return "The code is written for another release of the library."
    if answer.symbol is None:
        return f"The module is `{answer.module}`."
    if isinstance(fault, MissingSymbol) and answer.module == fault.module:
        return f"The module has `{answer.symbol}`; the name asked for is spelt differently."
    return f"`{answer.symbol}` is in `{answer.module}`."


def _of_symbol(case: Case, fault: MissingSymbol) -> _Answer | None:
    known = successor(fault.module, fault.symbol)
    if known is not None:
        return _Answer(known.module, known.name, known.sure, known.requirement)
    home = home_of(case, fault.module, [fault.symbol])
    if home is not None:
        return _Answer(home.module, fault.symbol, home.sure)
    near = nearest_name(fault.symbol, case.packages.names(fault.module))
    return _Answer(fault.module, near, True) if near else None


def _of_module(case: Case, group: Group[MissingModule]) -> _Answer | None:
    use = use_at(case.code, group.location, group.fault.name)
    symbols = use.symbols if use is not None else ()
    known = [successor(use.module, symbol) for symbol in symbols] if use is not None else []
    if known and (first := known[0]) is not None and all(it and it.module == first.module for it in known):
        return _Answer(first.module, first.name if len(known) == 1 else None, first.sure, first.requirement)
    parent, _, last = group.fault.name.rpartition(".")
    near = nearest_name(last, case.packages.names(parent))
    if near and all(case.packages.has(f"{parent}.{near}", symbol) is not False for symbol in symbols):
        rest = use.module.removeprefix(group.fault.name) if use is not None else ""
        return _Answer(f"{parent}.{near}{rest}", None, True)
    home = home_of(case, group.fault.name, symbols)
    return _Answer(home.module, None, home.sure) if home is not None else None


def _fix(case: Case, group: Group[MissingSymbol] | Group[MissingModule], answer: _Answer) -> Fix | None:
    made = [_edits(case, place, group.fault, answer) for place in group.places]
    edits = [edit for part in made for edit in part or ()]
    if not edits:
        return None
    sure = answer.sure and None not in made
    here = isinstance(group.fault, MissingSymbol) and answer.module == group.fault.module
    explanation = f"Use `{answer.symbol}`." if here else f"Import it from `{answer.module}`."
    if answer.declare and not case.manifest.declares(answer.declare):
        declared = declare(case, answer.declare)
        edits += declared.edits if declared else ()
        sure = sure and declared is not None
        explanation = f"Import it from `{answer.module}`, and declare {answer.declare}."
    return Fix(Applicability.SAFE if sure else Applicability.REVIEW, explanation, tuple(dict.fromkeys(edits)))


def _edits(
    case: Case, place: Location, fault: MissingSymbol | MissingModule, answer: _Answer
) -> tuple[Edit, ...] | None:
    use = use_at(case.code, place, fault.module if isinstance(fault, MissingSymbol) else fault.name)
    if use is None:
        return _in_attribute(case, place, fault, answer) if isinstance(fault, MissingSymbol) else None
    if isinstance(fault, MissingModule) and answer.symbol is None:
        return renamed(case.code, use, answer.module)
    symbol = fault.symbol if isinstance(fault, MissingSymbol) else use.symbols[0]
    alias = next((alias for alias in use.site.node.names if alias.name == symbol), None)
    if alias is None or not isinstance(use.site.node, ast.ImportFrom):
        return _in_attribute(case, place, fault, answer) if isinstance(fault, MissingSymbol) else None
    if answer.symbol == symbol:
        return moved_aliases(case.code, use, [alias], answer.module)
    if answer.module == use.module and answer.symbol is not None:
        return respelt(use, alias, answer.symbol)
    kept = answer.symbol or symbol
    return moved_aliases(case.code, use, [alias], answer.module, {symbol: f"{kept} as {alias.asname or symbol}"})


def _in_attribute(case: Case, place: Location, fault: MissingSymbol, answer: _Answer) -> tuple[Edit, ...] | None:
    """`module.name` in an expression: the chain is replaced, and what it then begins with imported."""
    file = case.code.file(place.path)
    if file is None or answer.symbol is None:
        return None
    wanted = {fault.module, *_names_of(file, fault.module)}
    chains = [
        node
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Attribute) and node.attr == fault.symbol and dotted(node.value) in wanted
    ]
    if not chains:
        return None
    if answer.module == fault.module:
        return tuple(replace(file, node, f"{dotted(node.value)}.{answer.symbol}") for node in chains)
    edits = [replace(file, node, f"{answer.module}.{answer.symbol}") for node in chains]
    return (*edits, add_import(file, f"import {answer.module}"))


def _names_of(file: CodeFile, module: str) -> list[str]:
    """The names under which a file has imported a module."""
    return [name for name, binding in file.bindings.items() if binding.kind == "import" and binding.source == module]


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_REST = """\

app = FastAPI()


@app.get("/tasks")
def tasks() -> JSONResponse:
    return JSONResponse(["sail"])
"""

RULE = Rule(
    code="IMP003",
    name="moved-api",
    summary="A library does not have, or no longer has, what is imported from it",
    check=check,
    fix="sometimes",
    requirements=("A2", "A3"),
    bad={**_PROJECT, "main.py": "from fastapi import FastAPI, JSONResponse\n" + _REST},
    good={
        **_PROJECT,
        "main.py": "from fastapi import FastAPI\nfrom fastapi.responses import JSONResponse\n" + _REST,
    },
    expect=Expectation("main.py", 1, exception="ImportError"),
)
