"""Distribution that is imported and not there

## What it finds
An import of a module that neither the standard library, nor the backend, nor any of the distributions that the
manifest leads to provides.

## Why it bites
The author has it installed, by hand or along with something else; nobody else has. `ModuleNotFoundError` at the first
import that is executed, in a clean room or on a platform.

## What is flagged
The first import that fails, by distribution: `import google.oauth2` and `import google.auth` are one. Imports that an
installed distribution makes count for the backend's import that leads to them.

## What is not
Backends that declare nothing at all (see `no-manifest`), imports guarded by `try … except ImportError`, imports under
under `if TYPE_CHECKING`, development tools that only tests import.

## Fix safety
Safe where it is known which distribution provides the module: one line is added to the manifest that production
installs, in the style of its neighbours. Where the distribution is only guessed from the module's name, or nothing
that the server loads needs it, for review.

## Reference
https://packaging.python.org/en/latest/discussions/distribution-package-vs-import-package/
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Evidence, Fix
from seatrial.project.manifest.declared import Requirement
from seatrial.rules.case import Case
from seatrial.rules.declaring import Declared, declare
from seatrial.rules.dependencies.wrong_distribution import is_mistaken
from seatrial.rules.distributions import is_well_known, normalised, requirement_for
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.installing import need_of
from seatrial.rules.missing import Kind, kind_of, reach_behind
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import MissingModule, Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each distribution."""
    for group in grouped(case.timeline, MissingModule, lambda fault: _distribution(case, fault)):
        requirement, reach = requirement_for(group.fault.name), reach_behind(case, group.reach)
        declared = case.manifest.declares(normalised(requirement))
        added = None if declared else declare(case, requirement)
        fix = _fix(group, requirement, added)
        yield Finding(
            location=group.location,
            reach=reach,
            certain=group.first.certain and reach is group.reach,
            problem=_problem(group.fault.name, _bare(requirement)),
            cause=_cause(case, group, requirement, declared),
            fix=fix,
            no_fix_reason=None if fix else _no_fix(case, declared),
            related=group.related,
            evidence=tuple(_evidence(case, requirement)),
            needs=(need_of(requirement),),
        )


def _distribution(case: Case, fault: MissingModule) -> str | None:
    if kind_of(case, fault) is not Kind.UNDECLARED or (fault.chain and is_mistaken(case, fault.chain[0])):
        return None
    return normalised(requirement_for(fault.name))


def _problem(module: str, distribution: str) -> str:
    if normalised(module) == normalised(distribution):
        return f"`{module}` is not installed."
    return f"`{module}` is not installed: it comes with {distribution}."


def _bare(requirement: str) -> str:
    return requirement.partition("<")[0]


def _cause(case: Case, group: Group[MissingModule], requirement: str, declared: tuple[Requirement, ...]) -> str:
    asked = f" `{group.fault.distribution}` imports it without requiring it." if group.fault.distribution else ""
    if declared:
        place = declared[0].location
        why = case.environment.absent.get(normalised(requirement), "") if case.environment is not None else ""
        lacking = f"it could not be had: {why.rstrip('.')}" if why else "the environment does not have it"
        return f"{place.path}:{place.line} declares it, and {lacking}.{asked}"
    if (group_name := _only_in_group(case, requirement)) is not None:
        return f"It is declared only for the group `{group_name}`, which production does not install.{asked}"
    files = ", ".join(document.path for document in case.manifest.installed)
    return (f"{files} does not declare {_bare(requirement)}." if files else "The backend has no manifest.") + asked


def _only_in_group(case: Case, requirement: str) -> str | None:
    every = [found for document in case.manifest.documents for found in document.requirements]
    return next((it.group or it.extra for it in every if it.key == normalised(requirement)), None)


def _evidence(case: Case, requirement: str) -> Iterator[Evidence]:
    for document in case.manifest.alternatives:
        for found in document.requirements:
            if found.key == normalised(requirement):
                place = f"{found.location.path}:{found.location.line}"
                yield Evidence(f"{document.path}, which is not installed, declares it", place)


def _fix(group: Group[MissingModule], requirement: str, added: Declared | None) -> Fix | None:
    if added is None:
        return None
    known = is_well_known(group.fault.name.partition(".")[0])
    needed = group.reach is not Reach.UNREACHED
    applicability = Applicability.SAFE if known and needed else Applicability.REVIEW
    explanation = f"Declare {requirement} in {added.path}. {added.then}".strip()
    return Fix(applicability, explanation, added.edits)


def _no_fix(case: Case, declared: tuple[Requirement, ...]) -> str:
    lock = case.manifest.lock
    if declared and lock is not None and not lock.packages.get(declared[0].key):
        return f"{lock.path} is older than that: make it anew (`{lock.kind} lock`)."
    if declared:
        return "Install what is declared."
    if not case.manifest.requirements and case.manifest.lock is None:
        return "There is no manifest to declare it in: `no-manifest` writes one that has it."
    return "The manifest is written in a way that no line can be added to exactly."


_MAIN = "import yaml\nfrom fastapi import FastAPI\n\napp = FastAPI(title=yaml.safe_load('Tasks'))\n"
_PROCFILE = "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n"

RULE = Rule(
    code="DEP001",
    name="missing-distribution",
    summary="A distribution is imported and not declared",
    check=check,
    fix="sometimes",
    requirements=("A1", "A3", "B1"),
    bad={"requirements.txt": "fastapi\nuvicorn\n", "Procfile": _PROCFILE, "main.py": _MAIN},
    good={"requirements.txt": "fastapi\nuvicorn\nPyYAML\n", "Procfile": _PROCFILE, "main.py": _MAIN},
    expect=Expectation("main.py", 1, exception="ModuleNotFoundError"),
)
