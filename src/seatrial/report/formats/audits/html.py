"""Audits as one HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatrial.report.binding import bind
from seatrial.report.html import pages

if TYPE_CHECKING:
    from seatrial.report.page import Page
    from seatrial.report.results import Audit


def audit(result: Audit, page: Page) -> str:
    """The page of one audit."""
    return audits((result,), page)


def audits(results: Sequence[Audit], page: Page) -> str:
    """The page of the audits of several backends, one below another."""
    from seatrial.report.gathering import dossier_of

    return pages(tuple(bind(dossier_of(result, page.path)) for result in results))
