"""What every rule is held to, whoever wrote it: its examples really fail and really serve, and its fix really mends."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import pytest

from seatrial.issue import Issue, Severity, Stage
from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from seatrial.progress import SILENT
from seatrial.project.files import scan
from seatrial.report.results import Audit
from seatrial.rules.registry import all_rules
from seatrial.rules.rule import SECTIONS, Rule
from seatrial.simulation.gather import gather
from tests.rules.reality import Installer, Started, lay, start

RULES = all_rules()
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
mending = pytest.mark.parametrize("rule", [rule for rule in RULES if rule.fix != "never"], ids=lambda rule: rule.code)


class Trial:
    """One rule's examples, each audited and started at most once."""

    def __init__(self, rule: Rule, folder: Path, installer: Installer) -> None:
        self.rule = rule
        self.installer = installer
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
            assert entry.diff, "no patch"
            patch = entry.diff.encode("utf-8", "surrogateescape")
            subprocess.run(["git", "apply", "-"], cwd=project, input=patch, check=True)
        return project

    @cached_property
    def mended(self) -> Audit:
        return self._audit(self.mended_project)

    def start(self, project: Path, target: str | None = None) -> Started:
        """Start a copy of the project under the environment that its papers document."""
        documented = gather(scan(project), ".", self._options(project), SILENT).documented
        copy = project.with_name(f"{project.name}-started")
        shutil.copytree(project, copy, dirs_exist_ok=True)
        for path, text in documented.dotenv:
            (copy / path).write_text(text)
        environment, request = self.installer.environment(project), self.rule.expect.request
        variables = {**documented.process, **self.rule.environment}
        return start(copy, environment, variables=variables, target=target, request=request)

    def _audit(self, project: Path) -> Audit:
        return audit(project, self._options(project))

    def _options(self, project: Path) -> AuditOptions:
        if self.rule.expect.stage is Stage.INSTALL:  # judged by what resolving shows, as there may be no environment
            return AuditOptions(python=".".join(map(str, sys.version_info[:2])))
        python = self.installer.environment(project) / "bin" / "python"
        return AuditOptions(python=str(python), offline=True)


@pytest.fixture(scope="session")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Rule], Trial]:
    installer = Installer(tmp_path_factory.mktemp("environments"))
    made: dict[str, Trial] = {}

    def of(rule: Rule) -> Trial:
        if rule.code not in made:
            made[rule.code] = Trial(rule, tmp_path_factory.mktemp(rule.code), installer)
        return made[rule.code]

    return of


TrialOf = Callable[[Rule], Trial]


def issues(found: Audit) -> list[Issue]:
    return [entry.issue for entry in found.entries]


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
    found = issues(trial(rule).bad)
    assert [(issue.code, issue.location.path, issue.location.line, issue.stage) for issue in found] == [
        (rule.code, rule.expect.path, rule.expect.line, rule.expect.stage)
    ]
    assert (found[0].fix is None) == (found[0].no_fix_reason is not None)
    assert found[0].category == rule.category


@every_rule
def test_a_blocker_is_what_stops_the_start(rule: Rule, trial: TrialOf) -> None:
    (issue,) = issues(trial(rule).bad)
    stops = rule.expect.stage in (Stage.INSTALL, Stage.IMPORT, Stage.STARTUP)
    assert (issue.severity is Severity.BLOCKER) == stops


@every_rule
def test_the_good_example_is_silent(rule: Rule, trial: TrialOf) -> None:
    assert issues(trial(rule).good) == []


@every_rule
def test_the_bad_example_really_fails_where_it_says(rule: Rule, trial: TrialOf) -> None:
    if rule.expect.stage is Stage.INSTALL:
        assert_nothing_is_installed(trial(rule))
        return
    started = trial(rule).start(trial(rule).bad_project, rule.expect.target)
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
    assert issues(trial(rule).mended) == []


def assert_nothing_is_installed(trial: Trial) -> None:
    """The installer gives up, or has nothing to install: then not even the server is there."""
    made = trial.installer.attempt(trial.bad_project)
    if isinstance(made, Path):
        assert "command not found" in trial.start(trial.bad_project).output


def served(started: Started, rule: Rule) -> None:
    assert started.stage is None, started.output
    if rule.expect.request is not None:
        assert started.status is not None, started.output
        assert started.status < 400, started.output
