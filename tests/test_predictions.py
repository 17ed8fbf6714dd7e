"""What an audit says of a start is what the start then does, told by the two public functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.boot import Outcome
from seatrial.options import AuditOptions, BootOptions
from seatrial.pipeline import audit, boot

NOTHING_DECLARED = {"main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}


@pytest.mark.parametrize("files", [NOTHING_DECLARED], ids=["nothing is declared"])
def test_prediction_is_what_is_observed(files: dict[str, str], tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    predicted = audit(tmp_path, AuditOptions()).predicted
    observed = boot(tmp_path, BootOptions()).before
    assert observed.outcome is Outcome.FAILS
    assert predicted == observed
