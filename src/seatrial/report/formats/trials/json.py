"""A trial as JSON: a document of schema `seatrial/boot/1`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.report.json import boot_document, issue_document, text
from seatrial.report.results import ranked

if TYPE_CHECKING:
    from seatrial.report import contract
    from seatrial.report.page import Page
    from seatrial.report.results import Trial


def trial(result: Trial, _page: Page | None = None) -> str:
    """One trial as a document of schema `seatrial/boot/1`."""
    document: contract.TrialDocument = {
        "schema": "seatrial/boot/1",
        "before": boot_document(result.before),
        "after": boot_document(result.after),
        "applied": [step.code for step in result.steps],
        "patch": result.patch,
        "routes": {"expected": list(result.routes.expected), "served": list(result.routes.served)},
        "unexplained": [issue_document(entry) for entry in ranked(result.unexplained)],
        "duration_s": round(result.duration_s, 3),
    }
    return text(document)
