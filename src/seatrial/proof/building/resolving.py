"""The first stage: whether what is declared can be had together."""

from __future__ import annotations

from dataclasses import replace

from seatrial.issue import Issue, Location
from seatrial.options import BuildOptions
from seatrial.proof.building.installing import disk_full
from seatrial.proof.building.values import UNRESOLVED, Mark, Step
from seatrial.provision.environment import Environment
from seatrial.provision.equip import equip
from seatrial.provision.problems import InstallProblem
from seatrial.simulation.gather import Facts, order_of


def resolve_declared(facts: Facts, options: BuildOptions) -> Step:
    """Conflicts in a sentence each, with the lines that cause them."""
    environment = facts.environment
    if environment.origin == "own":
        order = order_of(facts.tree, facts.manifest, options)
        environment = equip(replace(order, ignore_own=True))
    outside = [it for it in environment.problems if it.kind == "unreachable-index"]
    if outside:
        said = outside[0].explanation
        why = disk_full(said) or said[-600:]
        return Step("resolve", Mark.INCONCLUSIVE, tuple(part for part in (outside[0].message, why) if part))
    problems = [it for it in environment.problems if it.kind != "build-needed"]
    if not problems:
        return Step("resolve", Mark.PASS, _found(environment))
    issues = tuple(_issue(problem, facts) for problem in problems)
    evidence = tuple(part for it in problems for part in (it.message, *_lines(it)))
    return Step("resolve", Mark.FAIL, evidence, issues)


def _found(environment: Environment) -> tuple[str, ...]:
    count = len(environment.versions)
    said = [f"{count} distributions" if count else "nothing is declared"]
    return (*said, *([environment.note] if environment.note else []))


def _lines(problem: InstallProblem) -> tuple[str, ...]:
    places = [(line.text, line.location) for line in problem.lines]
    return tuple(f"{where.path}:{where.line}: {text}" for text, where in places if where is not None)


def _issue(problem: InstallProblem, facts: Facts) -> Issue:
    where = next((line.location for line in problem.lines if line.location is not None), None)
    files = facts.manifest.installation.files if facts.manifest.installation else ("pyproject.toml",)
    cause = problem.explanation or problem.message
    return UNRESOLVED.issue(where or Location(files[0], 1), problem.message, cause, _lines(problem))
