"""The audit as GitHub's workflow commands: each issue is an annotation at its line of a pull request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatrial.issue import Severity
from seatrial.report.annotations import annotation
from seatrial.report.page import Page
from seatrial.report.places import from_here
from seatrial.report.results import ranked

if TYPE_CHECKING:
    from seatrial.issue import Issue
    from seatrial.report.results import Audit

_LEVELS = {
    Severity.BLOCKER: "error",
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
}


def audit(result: Audit, page: Page) -> str:
    """One line for each issue, worst first."""
    return "".join(_annotation(entry.issue, page) + "\n" for entry in ranked(result.entries))


def audits(results: Sequence[Audit], page: Page) -> str:
    """The lines of several backends, one backend after another."""
    return "".join(audit(result, page) for result in results)


def _annotation(issue: Issue, page: Page) -> str:
    place = issue.location
    properties = {
        "file": from_here(place.path, page),
        "line": str(place.line),
        "endLine": str(place.end_line or place.line),
        "col": str(place.column),
        "title": f"{issue.code} {issue.name} ({issue.severity})",
    }
    fix = f"\nFix: {issue.fix.explanation}" if issue.fix else ""
    return annotation(_LEVELS[issue.severity], properties, f"{issue.problem} {issue.cause}{fix}")
