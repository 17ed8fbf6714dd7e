"""What `prepare` found as JSON: the contract that programs read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from seatrial.report.page import Page

if TYPE_CHECKING:
    from seatrial.report import contract
    from seatrial.report.preparation import Preparation


def preparation(result: Preparation, _page: Page | None = None, *, written: bool = False) -> str:
    """A document of schema `seatrial/prepare/1`."""
    document: contract.PreparationDocument = {
        "schema": "seatrial/prepare/1",
        "backend": result.backend,
        "papers": [{"name": it.paper, "path": it.path, "state": it.state.value} for it in result.sheets],
        "out_of_step": result.out_of_step,
        "written": sorted(result.files) if written else [],
        "applied": list(result.applied),
        "patch": result.patch,
        "notes": list(result.notes),
        "duration_s": round(result.duration_s, 3),
    }
    return json.dumps(document, indent=2) + "\n"
