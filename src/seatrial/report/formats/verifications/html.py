"""A verification as one HTML page that needs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.report import html
from seatrial.report.blocks_verify import report_of

if TYPE_CHECKING:
    from seatrial.report.page import Page
    from seatrial.verification.results import Verification


def verification(result: Verification, _page: Page | None = None) -> str:
    """The page of one verification."""
    return html.page(report_of(result))
