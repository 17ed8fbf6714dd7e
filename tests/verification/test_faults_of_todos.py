from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.verification.probe import Verdict
from tests.verification import faults_of_todos as faults
from tests.verification.planting import Fault
from tests.verification.trials import FRONTEND, at, found, hooks, options, todos, verify


def _name(fault: Fault) -> str:
    return f"{fault.caught_by}: {fault.name}"


@pytest.mark.parametrize("fault", faults.ALL, ids=_name)
def test_fault_is_caught(fault: Fault, tmp_path: Path) -> None:
    frontend = fault.frontend or FRONTEND
    app = todos(tmp_path, fault.plants, frontend=frontend)
    with at(app) as url:
        run = verify(url, options(app, tmp_path, fault.caught_by, frontend=frontend))
    result = found(run, fault.caught_by)
    assert result.verdict is Verdict.FAIL, f"{result.verdict}: {result.reason}"
    assert result.evidence and result.cause and result.fix
    assert run.left == ()


@pytest.mark.parametrize("fault", faults.OUTAGES, ids=_name)
def test_fault_of_an_outage_is_caught(fault: Fault, tmp_path: Path) -> None:
    app = todos(tmp_path, fault.plants)
    with at(app) as url:
        run = verify(url, hooks(app, options(app, tmp_path, fault.caught_by)))
    result = found(run, fault.caught_by)
    assert result.verdict is Verdict.FAIL, f"{result.verdict}: {result.reason}"
    assert app.state.settings.database.exists()
