"""The audit as GitHub's workflow commands: each issue is an annotation at its line of a pull request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatrial.report.annotations import of_issue
from seatrial.report.page import Page
from seatrial.report.results import ranked

if TYPE_CHECKING:
    from seatrial.report.results import Audit


def audit(result: Audit, page: Page) -> str:
    """One line for each issue, worst first."""
    return "".join(of_issue(entry.issue, page) + "\n" for entry in ranked(result.entries))


def audits(results: Sequence[Audit], page: Page) -> str:
    """The lines of several backends, one backend after another."""
    return "".join(audit(result, page) for result in results)
