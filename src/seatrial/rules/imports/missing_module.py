"""Import of a module that the backend does not have

## What it finds
An `import` of one of the backend's own modules that is not where the statement says: renamed, moved, misspelt,
spelt in another case, or with a package in front that is missing or too much.

## Why it bites
Python looks for `app.databse` in the folders of `sys.path` and nowhere else. `ModuleNotFoundError` stops the start at
the first such statement that is executed. A path that differs only in case is found on the author's Mac or
Windows machine and not on the Linux server.

## What is flagged
The statement that fails first; the others that ask for the same module are its related places. Imports inside
functions and in files that the start never loads are flagged with the severity that follows from that.

## What is not
Imports guarded by `try … except ImportError`, imports under `if TYPE_CHECKING`, and packages that are not the
backend's own (see `undeclared-module`).

## Fix safety
Safe where exactly one module of the backend comes near by its path and offers every name that is asked for; every
place is then mended in the style it is written in. Where several come near, the nearest is given for review. Where
nothing comes near by its path, the only module that defines all the names is meant. Where there is none, and the files
that ask for it only bring routers, it is proposed for review to start without these until the module is back.

## Reference
https://docs.python.org/3/reference/import.html#searching
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seatrial.issue import Applicability, Edit, Evidence, Fix
from seatrial.rules.case import Case
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.leaving_out import left_out
from seatrial.rules.missing import Kind, kind_of
from seatrial.rules.nearest import Candidate, leader, nearest_modules
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.shadows import shadow_behind
from seatrial.rules.statements import Use, renamed, use_at
from seatrial.simulation.timeline import MissingModule, NotAPackage, Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each module of the backend that is asked for and not there."""
    groups: list[Group[MissingModule] | Group[NotAPackage]] = []
    groups += grouped(case.timeline, MissingModule, lambda fault: fault.name if _is_own(case, fault) else None)
    groups += grouped(case.timeline, NotAPackage, lambda fault: fault.name if _is_ours(case, fault) else None)
    for group in groups:
        yield _finding(case, group)


def _is_own(case: Case, fault: MissingModule) -> bool:
    return kind_of(case, fault) is Kind.OWN


def _is_ours(case: Case, fault: NotAPackage) -> bool:
    return fault.parent in case.code.modules and shadow_behind(case, fault) is None


def _finding(case: Case, group: Group[MissingModule] | Group[NotAPackage]) -> Finding:
    fault = group.fault
    uses = [use for place in group.places if (use := use_at(case.code, place, fault.name))]
    fix, chosen = _fix(case, uses, complete=len(uses) == len(group.places))
    fix = fix or _left_out(case, group)
    problem = f"There is no module `{fault.name}`."
    if isinstance(fault, NotAPackage):
        problem = f"There is no module `{fault.name}`: `{fault.parent}` is a file, not a package."
    return Finding(
        location=group.location,
        reach=group.reach,
        certain=group.first.certain,
        problem=problem,
        cause=_cause(chosen),
        fix=fix,
        no_fix_reason=None if fix else "No module of the backend comes near it by name or by what it defines.",
        related=group.related,
        evidence=tuple(_evidence(case, chosen)),
    )


def _left_out(case: Case, group: Group[MissingModule] | Group[NotAPackage]) -> Fix | None:
    """Start without the routers whose files ask for the module."""
    paths = tuple(dict.fromkeys(it.location.path for it in group.mishaps if it.reach is Reach.BOOT))
    parts = [left_out(case.code, path) for path in paths]
    if not parts or not all(parts):
        return None
    what = " and ".join(paths)
    told = f"Start without the routes of {what} until `{group.fault.name}` is back, which is nowhere in the backend."
    return Fix(Applicability.REVIEW, told, tuple(dict.fromkeys(edit for part in parts for edit in part)))


def _cause(chosen: Candidate | None) -> str:
    if chosen is None:
        return "No file of the backend has this path, seen from the folder the server starts in."
    return f"`{chosen.name}` is what the backend has: it {chosen.why}."


def _evidence(case: Case, chosen: Candidate | None) -> Iterator[Evidence]:
    if chosen is not None:
        path = case.code.modules.get(chosen.name)
        yield Evidence(f"`{chosen.name}` exists", path or chosen.name.replace(".", "/") + "/")


def _fix(case: Case, uses: Sequence[Use], *, complete: bool) -> tuple[Fix | None, Candidate | None]:
    """One fix for all places, and the answer that it gives for the first of them."""
    edits: list[Edit] = []
    answers: list[Candidate] = []
    sure = complete
    for use in uses:
        candidates = nearest_modules(case.code, use.module, use.symbols)
        made = renamed(case.code, use, candidates[0].name) if candidates else None
        sure = sure and made is not None and leader(candidates) is not None
        if made is not None:
            edits += made
            answers.append(candidates[0])
    if not edits:
        return None, None
    applicability = Applicability.SAFE if sure else Applicability.REVIEW
    return Fix(applicability, f"Import it from `{answers[0].name}`.", tuple(dict.fromkeys(edits))), answers[0]


RULE = Rule(
    code="IMP001",
    name="missing-module",
    summary="A module of the backend is imported from where it is not",
    check=check,
    fix="sometimes",
    requirements=("A1", "A2"),
    bad={
        "requirements.txt": "fastapi\nuvicorn\n",
        "Procfile": "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT\n",
        "app/__init__.py": "",
        "app/database.py": 'URL = "sqlite://"\n',
        "app/main.py": ("from fastapi import FastAPI\n\nfrom app.databse import URL\n\napp = FastAPI(title=URL)\n"),
    },
    good={
        "requirements.txt": "fastapi\nuvicorn\n",
        "Procfile": "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT\n",
        "app/__init__.py": "",
        "app/database.py": 'URL = "sqlite://"\n',
        "app/main.py": ("from fastapi import FastAPI\n\nfrom app.database import URL\n\napp = FastAPI(title=URL)\n"),
    },
    expect=Expectation("app/main.py", 3, exception="ModuleNotFoundError"),
)
