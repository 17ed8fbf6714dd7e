"""What every rule is held to, whoever wrote it: its examples really fail and really serve, and its fix really mends."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest

from seatrial.issue import Issue, Severity, Stage, Verdict
from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from seatrial.progress import SILENT
from seatrial.project.files import scan
from seatrial.provision.interpreter import find_interpreter
from seatrial.report.results import Audit
from seatrial.rules.observation import (
    Answers,
    Blocked,
    Cited,
    Differs,
    InImage,
    Interrupted,
    Listens,
    Outlives,
    Prints,
    Probes,
    Redeployed,
)
from seatrial.rules.registry import all_rules
from seatrial.rules.rule import SECTIONS, Rule
from seatrial.simulation.gather import gather
from tests.rules.database import Database, database, pooled
from tests.rules.observing import observe
from tests.rules.reality import Installer, Started, lay, start
from tests.rules.seen import Place, Seen

RULES = all_rules()


def of_rules(rules: Iterable[Rule]) -> pytest.MarkDecorator:
    """A test for each rule; those of one rule share their starts, so they share a worker too."""
    return pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.code, marks=marks_of(rule)) for rule in rules])


def marks_of(rule: Rule) -> list[pytest.MarkDecorator]:
    """The parts of the system that its examples need."""
    needs = [pytest.mark.needs("postgresql")] if rule.expect.database else []
    needs += [pytest.mark.needs("pgbouncer")] if rule.expect.pooled else []
    needs += [pytest.mark.needs("old-python")] if rule.expect.image_python else []
    return [*needs, pytest.mark.needs("docker")] if isinstance(rule.expect.observation, InImage) else needs


every_rule = of_rules(RULES)
mending = of_rules(rule for rule in RULES if rule.fix != "never")


@dataclass(frozen=True)
class Outcome:
    """What one example did: how it started, and whether the hazard of its rule shows; None where that was not asked."""

    started: Started | None
    seen: Seen | None


@dataclass
class Workshop:
    """What all rules share: environments by what they hold, and what was found of an example by all that it is."""

    installer: Installer
    serve: Callable[[], Database]
    audits: dict[object, Audit] = field(default_factory=dict)
    outcomes: dict[object, Outcome] = field(default_factory=dict)


class Trial:
    """One rule's examples, each audited and started at most once."""

    def __init__(self, rule: Rule, folder: Path, workshop: Workshop) -> None:
        self.rule = rule
        self.workshop = workshop
        self.installer = workshop.installer
        self.bad_project = lay(folder / "bad", rule.bad)
        self.good_project = lay(folder / "good", rule.good)
        self._mended = folder / "mended"

    @cached_property
    def bad(self) -> Audit:
        return self._audit(self.bad_project)

    @cached_property
    def good(self) -> Audit:
        return self._audit(self.good_project)

    @cached_property
    def mended_project(self) -> Path:
        """The bad example with the rule's own patches, applied by git."""
        project = lay(self._mended, self.rule.bad)
        for entry in self.bad.entries:
            if entry.issue.code == self.rule.code:
                assert entry.diff, "no patch"
                patch = entry.diff.encode("utf-8", "surrogateescape")
                subprocess.run(["git", "apply", "-"], cwd=project, input=patch, check=True)
        return project

    @cached_property
    def mended(self) -> Audit:
        return self._audit(self.mended_project)

    def start(self, project: Path, target: str | None = None) -> Outcome:
        """Start a copy of the project under the environment that its papers document, and look for the hazard."""
        key = (
            contents(project),
            target,
            self.rule.expect,
            tuple(self.rule.environment.items()),
            self._over(project),
        )
        if key not in self.workshop.outcomes:
            self.workshop.outcomes[key] = self._started(project, target)
        return self.workshop.outcomes[key]

    def _started(self, project: Path, target: str | None) -> Outcome:
        with ExitStack() as stack:
            served = self.workshop.serve() if self.rule.expect.database else None
            if served is not None and self.rule.expect.pooled:
                served = stack.enter_context(pooled(served))
            return self._started_beside(served, project, target)

    def _started_beside(self, served: Database | None, project: Path, target: str | None) -> Outcome:
        documented = gather(scan(project), ".", self._options(project), SILENT).documented
        copy = project.with_name(f"{project.name}-started")
        shutil.copytree(project, copy, dirs_exist_ok=True)
        environment, expect = self._installed(project), self.rule.expect
        for path, text in documented.dotenv:
            (copy / path).write_text(served.text(text) if served is not None else text)
        variables = {**documented.process, **self.rule.environment}
        variables = served.variables(variables) if served is not None else variables
        place = Place(copy, environment, variables, served)
        seen = observe(expect.observation, place) if expect.observation else None
        if isinstance(expect.observation, SERVING):
            return Outcome(None, seen)
        return Outcome(start(copy, environment, variables=variables, target=target, request=expect.request), seen)

    def _installed(self, project: Path) -> Path:
        """Its environment, made with the Python that its version file names where the rule is about that."""
        named = project / ".python-version"
        installer = self.installer
        if self.rule.expect.image_python and named.is_file():
            folder = project.with_name(f"{project.name}-environments")
            python = find_interpreter(named.read_text().strip()).executable
            installer = Installer(folder, str(python), installer.constraints)
        return installer.environment(project, self._over(project))

    def _audit(self, project: Path) -> Audit:
        key = (contents(project), self.rule.expect.stage is Stage.INSTALL, self._over(project))
        if key not in self.workshop.audits:
            self.workshop.audits[key] = audit(project, self._options(project))
        return self.workshop.audits[key]

    def _over(self, project: Path) -> tuple[str, ...]:
        """What the environment holds that is not what the manifest asks for: that of the bad example alone."""
        return self.rule.expect.installed if project == self.bad_project else ()

    def _options(self, project: Path) -> AuditOptions:
        if self.rule.expect.image_python:
            return AuditOptions()
        if self.rule.expect.stage is Stage.INSTALL:  # judged by what resolving shows, as there may be no environment
            return AuditOptions(python=".".join(map(str, sys.version_info[:2])))
        python = self.installer.environment(project, self._over(project)) / "bin" / "python"
        return AuditOptions(python=str(python), offline=True)


SERVING = (Answers, Differs, Interrupted, Redeployed, Blocked, Prints, Listens, Outlives, Probes)
"""Observations that fail where the project does not serve: no second start is needed to see that."""


def contents(project: Path) -> frozenset[tuple[str, bytes]]:
    """All that a project is."""
    files = (path for path in project.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return frozenset((path.relative_to(project).as_posix(), path.read_bytes()) for path in files)


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[], Database]]:
    """The database of the examples, running from the first that asks for it to the end."""
    with ExitStack() as stack:
        running: list[Database] = []

        def once() -> Database:
            if not running:
                running.append(stack.enter_context(database()))
            return running[0]

        yield once


@pytest.fixture(scope="session")
def trial(tmp_path_factory: pytest.TempPathFactory, serve: Callable[[], Database]) -> Callable[[Rule], Trial]:
    workshop = Workshop(Installer(tmp_path_factory.mktemp("environments")), serve)
    made: dict[str, Trial] = {}

    def of(rule: Rule) -> Trial:
        if rule.code not in made:
            made[rule.code] = Trial(rule, tmp_path_factory.mktemp(rule.code), workshop)
        return made[rule.code]

    return of


TrialOf = Callable[[Rule], Trial]


def own(rule: Rule, found: Audit) -> list[Issue]:
    return [entry.issue for entry in found.entries if entry.issue.code == rule.code]


def others(rule: Rule, found: Audit) -> list[Issue]:
    """What is said beside the rule's own issues, but for what any small example lacks to be safe in production."""
    issues = (entry.issue for entry in found.entries)
    return [issue for issue in issues if issue.code != rule.code and not is_hazard(issue)]


def is_hazard(issue: Issue) -> bool:
    """A warning or note of what production would meet (no health route, nothing pinned): not held against others."""
    return issue.stage is Stage.PRODUCTION and issue.severity in (Severity.WARNING, Severity.NOTE)


@every_rule
def test_its_documentation_has_every_section(rule: Rule) -> None:
    title, *_ = rule.documentation.splitlines()
    headings = [line.removeprefix("## ") for line in rule.documentation.splitlines() if line.startswith("## ")]
    assert title
    assert tuple(headings) == SECTIONS
    assert "https://" in rule.documentation.partition("## Reference")[2]


@every_rule
def test_its_examples_are_python(rule: Rule) -> None:
    for files in (rule.good, rule.bad):
        for path, text in files.items():
            broken = files is rule.bad and rule.expect.exception == "SyntaxError" and path == rule.expect.path
            if path.endswith(".py") and not broken:
                compile(text, path, "exec")


@every_rule
def test_the_bad_example_raises_this_issue_at_its_place_and_no_other(rule: Rule, trial: TrialOf) -> None:
    found = own(rule, trial(rule).bad)
    assert [(issue.location.path, issue.location.line, issue.stage) for issue in found] == [
        (rule.expect.path, rule.expect.line, rule.expect.stage)
    ]
    assert {issue.code for issue in others(rule, trial(rule).bad)} == set(rule.expect.also)
    assert (found[0].fix is None) == (found[0].no_fix_reason is not None)
    assert found[0].category == rule.category


@every_rule
def test_a_blocker_is_what_stops_the_start(rule: Rule, trial: TrialOf) -> None:
    (issue,) = own(rule, trial(rule).bad)
    stops = rule.expect.stage in (Stage.INSTALL, Stage.IMPORT, Stage.STARTUP)
    assert (issue.severity is Severity.BLOCKER) == stops


@every_rule
def test_the_good_example_is_silent(rule: Rule, trial: TrialOf) -> None:
    assert own(rule, trial(rule).good) + others(rule, trial(rule).good) == []


@every_rule
def test_the_bad_example_really_fails_where_it_says(rule: Rule, trial: TrialOf) -> None:
    if rule.expect.stage is Stage.INSTALL:
        assert_nothing_is_installed(trial(rule))
        return
    outcome = trial(rule).start(trial(rule).bad_project, rule.expect.target)
    if isinstance(rule.expect.observation, Cited):
        assert rule.expect.observation.source in rule.documentation
        served(outcome, rule)
        return
    if rule.expect.observation is not None:
        assert outcome.seen is not None
        assert outcome.seen.hazard, outcome.seen.evidence
        return
    started = outcome.started
    assert started is not None
    if rule.expect.request is not None:
        assert started.status is not None, started.output
        assert started.status >= 400, started.output
        return
    stage = Stage.IMPORT if rule.expect.target is not None else rule.expect.stage
    assert started.stage is stage, started.output
    assert rule.expect.exception is None or rule.expect.exception in started.output


@every_rule
def test_the_good_example_really_serves(rule: Rule, trial: TrialOf) -> None:
    served(trial(rule).start(trial(rule).good_project), rule)


@mending
def test_the_patch_makes_the_bad_example_serve(rule: Rule, trial: TrialOf) -> None:
    served(trial(rule).start(trial(rule).mended_project), rule)


@mending
def test_a_second_audit_is_silent(rule: Rule, trial: TrialOf) -> None:
    assert own(rule, trial(rule).mended) + others(rule, trial(rule).mended) == []


@of_rules(rule for rule in RULES if rule.measure is not None)
def test_its_requirements_fail_in_the_bad_example_and_not_in_the_good_one(rule: Rule, trial: TrialOf) -> None:
    (issue,) = own(rule, trial(rule).bad)
    failed = {(it.requirement, it.location) for it in trial(rule).bad.measures if it.verdict is Verdict.FAILS}
    assert {(requirement, issue.location) for requirement in rule.requirements} <= failed
    assert not [it for it in trial(rule).good.measures if it.verdict is Verdict.FAILS and rule.code in it.statement]
    assert {it.requirement for it in trial(rule).good.measures} & set(rule.requirements)


def assert_nothing_is_installed(trial: Trial) -> None:
    """The installer gives up, or has nothing to install: then not even the server is there."""
    made = trial.installer.attempt(trial.bad_project)
    if isinstance(made, Path):
        started = trial.start(trial.bad_project).started
        assert started is not None
        assert "command not found" in started.output


def served(outcome: Outcome, rule: Rule) -> None:
    """It serves, without the hazard."""
    if outcome.seen is not None:
        assert not outcome.seen.hazard, outcome.seen.evidence
    if outcome.started is not None:
        assert outcome.started.stage is None, outcome.started.output
    if outcome.started is not None and rule.expect.request is not None:
        assert outcome.started.status is not None, outcome.started.output
        assert outcome.started.status < 400, outcome.started.output
