"""Audits as JSON: documents of schema `seatrial/audit/1` and `seatrial/audits/1`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatrial.report.json import audit_document, text

if TYPE_CHECKING:
    from seatrial.report import contract
    from seatrial.report.page import Page
    from seatrial.report.results import Audit


def audit(result: Audit, _page: Page | None = None) -> str:
    """One audit as a document of schema `seatrial/audit/1`."""
    return text(audit_document(result))


def audits(results: Sequence[Audit], _page: Page | None = None) -> str:
    """The audits of several backends as a document of schema `seatrial/audits/1`."""
    document: contract.AuditsDocument = {
        "schema": "seatrial/audits/1",
        "audits": [audit_document(result) for result in results],
    }
    return text(document)
