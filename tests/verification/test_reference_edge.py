"""Each fault that is planted at the edge of the reference backend is caught by its probe.

Each takes a start of the backend, so that every other one is tried by `make nightly` only.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.options import VerifyOptions
from seatrial.verification.probe import Verdict
from seatrial.verification.run import verify
from tests.verification import faults_of_reference_edge as faults
from tests.verification.planting import Fault
from tests.verification.reference import FRONTEND, Reference, prepared
from tests.verification.trials import found


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return prepared(tmp_path_factory.mktemp("reference"))


TRIED = [
    pytest.param(it, id=f"{it.caught_by}: {it.name}", marks=[pytest.mark.nightly] if number % 2 else [])
    for number, it in enumerate(faults.ALL)
]


@pytest.mark.needs("postgresql")
@pytest.mark.parametrize("fault", TRIED)
def test_fault_is_caught(fault: Fault, reference: Reference, tmp_path: Path) -> None:
    with reference.served(fault.plants) as url:
        options = VerifyOptions(frontend=FRONTEND, select=(fault.caught_by,), journals=tmp_path, seconds=300.0)
        run = verify(url, options)
    result = found(run, fault.caught_by)
    assert result.verdict is Verdict.FAIL, f"{result.verdict}: {result.reason}"
    assert run.left == ()
