"""Rules hold on the oldest supported releases as they do on today's, which the harness runs them on.

The oldest are those that have wheels for Python 3.11. All rules are tried by `make nightly`, two in each run of CI.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from seatrial.provision.interpreter import interpreters_at_hand
from seatrial.rules.observation import Cited, Drifts, Ignored, InImage, Refused
from seatrial.rules.registry import all_rules
from seatrial.rules.rule import Rule
from tests.rules import test_harness as harness
from tests.rules.database import Database
from tests.rules.reality import Installer

OLDEST = (
    "fastapi==0.100.0",
    "starlette==0.27.0",
    "pydantic==2.0.3",
    "pydantic-settings==2.0.0",
    "uvicorn==0.20.0",
    "sqlalchemy==2.0.14",  # sqlmodel 0.0.14 says that 2.0.0 is enough, and imports `TryCast`, which came with this
    "sqlmodel==0.0.14",
    "asyncpg==0.27.0",
    "anyio<4",
)
PYTHON = (3, 11)
OF_FILES = (Cited, Drifts, Ignored, InImage, Refused)
"""Observations that have nothing to do with what is installed."""

OF_RELEASES = [it for it in all_rules() if not isinstance(it.expect.observation, OF_FILES) and not it.expect.installed]
IN_CI = ("DEP019", "IMP003")
serve = harness.serve


@pytest.fixture(scope="session")
def oldest(tmp_path_factory: pytest.TempPathFactory, serve: Callable[[], Database]) -> harness.TrialOf:
    """The examples of a rule, installed from the oldest releases."""
    python = next((it for it in interpreters_at_hand() if it.minor == PYTHON), None)
    if python is None:
        missing = "there is no Python 3.11 here, for which the oldest releases have wheels"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    installer = Installer(tmp_path_factory.mktemp("oldest"), str(python.executable), OLDEST)
    workshop = harness.Workshop(installer, serve)
    return lambda rule: harness.Trial(rule, tmp_path_factory.mktemp(rule.code), workshop)


def marked(rule: Rule) -> list[pytest.MarkDecorator]:
    return [*harness.marks_of(rule), *([] if rule.code in IN_CI else [pytest.mark.nightly])]


@pytest.mark.parametrize("rule", [pytest.param(it, id=it.code, marks=marked(it)) for it in OF_RELEASES])
def test_the_rule_holds_on_the_oldest_releases(rule: Rule, oldest: harness.TrialOf) -> None:
    trial = oldest(rule)
    for project in (trial.bad_project, trial.good_project):
        said = trial.installer.attempt(project)
        if isinstance(said, str):
            assert rule.code not in IN_CI, said
            pytest.skip(f"its example asks for newer releases: {said.splitlines()[0]}")
    harness.test_the_bad_example_raises_this_issue_at_its_place_and_no_other(rule, lambda _: trial)
    harness.test_the_bad_example_really_fails_where_it_says(rule, lambda _: trial)
    harness.test_the_good_example_is_silent(rule, lambda _: trial)
    harness.test_the_good_example_really_serves(rule, lambda _: trial)
    # A patch that asks for a newer release cannot be tried among the oldest.
    if rule.fix != "never" and not isinstance(trial.installer.attempt(trial.mended_project), str):
        harness.test_the_patch_makes_the_bad_example_serve(rule, lambda _: trial)
