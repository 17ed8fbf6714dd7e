"""The environment holds other releases than the manifest asks for

## What it finds
A virtual environment of the backend's own in which a declared distribution is missing, or has a version that the
manifest or its lock file does not allow.

## Why it bites
What runs here is not what is declared, and the platform installs what is declared. A function that is missing here
exists there, and the other way round: both "it works on my machine" and "it only fails on mine" begin so.

## What is flagged
The declared requirement, once for the environment, with the others that differ.

## What is not
Distributions that nothing declares (what the dependencies bring, tools), requirements for another platform or Python,
and those that come from a path or a repository.

## Fix safety
Never: either the environment is to be brought in step (the command is named), or the manifest is to ask for what
proved good here, and only a person can say which.

## Reference
https://pip.pypa.io/en/stable/cli/pip_install/
https://docs.astral.sh/uv/concepts/projects/sync/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Evidence, Measure, Related, Severity, Stage, Verdict
from seatrial.project.manifest.compare import allows
from seatrial.project.manifest.declared import Requirement
from seatrial.provision.environment import Environment
from seatrial.rules.case import Case
from seatrial.rules.distributions import normalised
from seatrial.rules.missing import felt_missing
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_COMMANDS = {"uv": "uv sync", "poetry": "poetry sync", "pdm": "pdm sync", "pipenv": "pipenv sync"}
_MOST = 4


@dataclass(frozen=True, slots=True)
class _Difference:
    """One requirement that the environment does not meet, and what is said of it."""

    requirement: Requirement
    said: str


def check(case: Case) -> Iterator[Finding]:
    """At most one finding."""
    environment = case.environment
    felt = felt_missing(case) if environment is not None else frozenset()
    differences = [it for it in _differences(case) if it.requirement.key not in felt]
    if environment is not None and differences:
        yield _finding(case, environment, differences)


def is_other(case: Case, distribution: str) -> bool:
    """Whether the environment's release of a distribution is not the one that is asked for."""
    return any(it.requirement.key == normalised(distribution) for it in _differences(case))


def _differences(case: Case) -> Iterator[_Difference]:
    if case.environment is not None and case.environment.origin == "own":
        yield from _held(case, case.environment)


def _held(case: Case, environment: Environment) -> Iterator[_Difference]:
    for requirement in case.manifest.requirements:
        if not requirement.name or requirement.url or not _applies(requirement, environment):
            continue
        held = environment.distribution(requirement.name)
        locked = case.manifest.lock.versions(requirement.name) if case.manifest.lock is not None else ()
        name, asked = requirement.name, f"{requirement.name}{requirement.specifier}"
        if held is None:
            yield _Difference(requirement, f"{name} is not in it")
        elif not allows(requirement, held.version):
            yield _Difference(requirement, f"it holds {name} {held.version}, and {asked} is asked for")
        elif locked and held.version not in locked:
            yield _Difference(requirement, f"it holds {name} {held.version}, and {', '.join(locked)} is locked")


def _applies(requirement: Requirement, environment: Environment) -> bool:
    """Whether its marker holds for the environment's Python; what cannot be told does not count."""
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    try:
        return not requirement.marker or Marker(requirement.marker).evaluate(dict(environment.interpreter.markers))
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
        return False


def _finding(case: Case, environment: Environment, differences: list[_Difference]) -> Finding:
    first, *others = differences
    said = "; ".join(it.said for it in differences[:_MOST])
    left = len(differences) - _MOST
    more = f"; and {left} more" if left > 0 else ""
    return Finding(
        location=first.requirement.location,
        reach=Reach.BOOT,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem=f"The environment is not what is declared: {said}{more}.",
        cause="What is declared was changed after it was made, or something was installed into it by hand.",
        no_fix_reason=f"`{_command(case)}` brings it in step; if it is the environment that is right, declare that.",
        related=tuple(Related(it.requirement.location, f"The environment: {it.said}") for it in others),
        evidence=(Evidence("what is installed", f"the environment's own metadata, {_place(case, environment)}"),),
    )


def _place(case: Case, environment: Environment) -> str:
    folder, root = environment.directory, case.tree.root
    if folder is None:
        return "in its site-packages"
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.name


def _command(case: Case) -> str:
    chosen = case.manifest.installation
    if chosen is not None and case.manifest.lock is not None and chosen.tool in _COMMANDS:
        return _COMMANDS[chosen.tool]
    files = [it for it in case.manifest.installed if it.kind == "requirements"]
    return f"pip install -r {files[0].path}" if files else "pip install ."


def measure(case: Case) -> Iterator[Measure]:
    """Whether the environment that the backend was judged in is what is declared."""
    asked, environment = [it for it in case.manifest.requirements if it.name], case.environment
    if environment is None or environment.origin == "none" or not asked:
        yield Measure("A3", Verdict.CANNOT_TELL, "there is no environment to hold against what is declared")
    elif not environment.problems:
        what = "the environment holds" if environment.origin == "own" else "resolving gives"
        said = f"{what} a release that is asked for of each of {len(asked)} requirements"
        yield Measure("A3", Verdict.HOLDS, said, asked[0].location)


_MAIN = """\
import more_itertools
from fastapi import FastAPI

app = FastAPI()


@app.get("/crews")
def crews() -> list[tuple[str, ...]]:
    sailors = ["Ann", "Bartholomew", "Cid"]
    return list(more_itertools.constrained_batches(sailors, 12))
"""
_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "requirements.txt": "fastapi\nmore-itertools>=9.1\nuvicorn\n",
    "main.py": _MAIN,
}

RULE = Rule(
    code="DEP017",
    name="environment-differs",
    summary="The environment holds other releases than the manifest asks for",
    check=check,
    measure=measure,
    fix="never",
    requirements=("A3",),
    bad=_PROJECT,
    good=_PROJECT,
    expect=Expectation(
        "requirements.txt", 2, stage=Stage.PRODUCTION, request="/crews", installed=("more-itertools==8.14.0",)
    ),
)
