"""A real Chromium and a real locust against the service `todos`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.verification.probe import Verdict
from tests.verification import faults_of_todos as faults
from tests.verification.planting import Plant
from tests.verification.trials import at, found, options, todos, verify

ANY_ORIGIN = faults.CORS[0]
REFUSED = next(it for it in faults.CORS if it.name == "no CORS")


@pytest.mark.needs("chromium")
@pytest.mark.parametrize(
    ("plants", "verdict"),
    [((), Verdict.PASS), (ANY_ORIGIN.plants, Verdict.FAIL), (REFUSED.plants, Verdict.FAIL)],
    ids=["correct", "any origin", "no CORS"],
)
def test_browser_tells_who_is_let_in(plants: tuple[Plant, ...], verdict: Verdict, tmp_path: Path) -> None:
    app = todos(tmp_path, plants)
    with at(app) as url:
        run = verify(url, replace(options(app, tmp_path, "cors.browser"), browser=True))
    result = found(run, "cors.browser")
    assert result.verdict is verdict, f"{result.verdict}: {result.reason}"
    assert len(result.facts) == 2


def test_load_is_measured(tmp_path: Path) -> None:
    app = todos(tmp_path)
    with at(app) as url:
        run = verify(url, replace(options(app, tmp_path, "limits.load"), load=(3, 3.0)))
    result = found(run, "limits.load")
    assert result.verdict is Verdict.PASS, f"{result.verdict}: {result.reason} {result.facts}"
    assert "3 users for 3 s" in result.facts[0] and "error answers: none" in result.facts[2]
    assert run.left == ()


def test_errors_under_load_are_told(tmp_path: Path) -> None:
    app = todos(tmp_path, faults.TIRED.plants)
    with at(app) as url:
        run = verify(url, replace(options(app, tmp_path, "limits.load"), load=(3, 3.0)))
    result = found(run, "limits.load")
    assert result.verdict is Verdict.FAIL and "times 500" in result.reason, f"{result.reason} {result.facts}"
