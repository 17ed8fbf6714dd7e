"""Workflow commands of GitHub, out of which no text can break."""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.issue import Issue, Severity
from seatrial.report.page import Page
from seatrial.report.places import from_here

_LEVELS = {
    Severity.BLOCKER: "error",
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
}


def annotation(level: str, properties: Mapping[str, str], message: str) -> str:
    """One annotation. `level` is error, warning or notice."""
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {listed}::{_message(message)}"


def of_issue(issue: Issue, page: Page) -> str:
    """The annotation of one issue, at its lines, with its fix in words."""
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


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
