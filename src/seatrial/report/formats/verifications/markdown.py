"""A verification as Markdown: the page's twin, for the summary of a job or a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.report.blocks_verify import report_of
from seatrial.report.twin import twin

if TYPE_CHECKING:
    from seatrial.report.page import Page
    from seatrial.verification.results import Verification


def verification(result: Verification, _page: Page | None = None) -> str:
    """The twin of one verification's page."""
    return twin(report_of(result))
