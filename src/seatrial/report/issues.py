"""Issues in a text report: under a heading for each severity and stage, each with its place, cause, fix and kin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from seatrial.issue import Applicability, Evidence, Fix, Issue, Location, Related, Severity, Stage
from seatrial.report.excerpt import excerpt
from seatrial.report.page import Page, clean
from seatrial.report.results import Entry, ranked

COLOURS = {
    Severity.BLOCKER: "bold red",
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.NOTE: "cyan",
}
_HEADINGS = {
    (Severity.BLOCKER, Stage.INSTALL): "Stops the installation",
    (Severity.BLOCKER, Stage.IMPORT): "Stops the import",
    (Severity.BLOCKER, Stage.STARTUP): "Stops the startup",
    (Severity.ERROR, Stage.REQUEST): "Breaks requests",
    (Severity.ERROR, Stage.PRODUCTION): "To be settled before production",
    (Severity.WARNING, Stage.PRODUCTION): "Hazards in production",
}
_LABEL = " " * 10
_DIFF_LINES = 24  # of a longer diff the rest is counted; --patch has all of it
_PLACES = 3  # related places named; the rest is counted


def issues(entries: Iterable[Entry], sources: Mapping[str, str], page: Page) -> list[list[str]]:
    """One block of lines for each heading and each issue, worst first."""
    blocks: list[list[str]] = []
    for kind, group in groupby(ranked(entries), key=lambda it: (it.issue.severity, it.issue.stage)):
        members = list(group)
        blocks.append([page.paint(heading(*kind, len(members)), "bold")])
        blocks += [_issue(entry, sources, page) for entry in members]
    return blocks


def heading(severity: Severity, stage: Stage, number: int) -> str:
    """What the issues of one severity and stage do: `Stops the import (3 blockers)`."""
    noun = severity.value if number == 1 else f"{severity.value}s"
    said = "For information" if severity is Severity.NOTE else _HEADINGS.get((severity, stage), f"At {stage.value}")
    return f"{said} ({number} {noun})"


def _issue(entry: Entry, sources: Mapping[str, str], page: Page) -> list[str]:
    issue = entry.issue
    lines = [_title(issue, page), *page.prose(issue.problem, "  ")]
    if issue.location.path in sources:
        lines += excerpt(sources[issue.location.path], issue.location, page)
    lines += page.prose(issue.cause, _LABEL, "  cause")
    lines += _mend(issue, entry.readable_diff, page)
    lines += _related(issue.related, page)
    return lines + _evidence(issue.evidence, page)


def _title(issue: Issue, page: Page) -> str:
    severity = page.paint(issue.severity.value, COLOURS[issue.severity])
    return f"{severity} {issue.code} {page.paint(issue.name, 'dim')}  {page.paint(place(issue.location), 'bold')}"


def place(location: Location) -> str:
    """A location as editors and terminals make it a link."""
    return f"{clean(location.path)}:{location.line}:{location.column}"


def _mend(issue: Issue, diff: str, page: Page) -> list[str]:
    if issue.fix:
        return page.prose(_offer(issue.fix), _LABEL, "  fix") + _diff(diff, page)
    return page.prose(issue.no_fix_reason, _LABEL, "  no fix") if issue.no_fix_reason else []


def _offer(fix: Fix) -> str:
    return fix.explanation if fix.applicability is Applicability.SAFE else f"{fix.explanation} (to be reviewed)"


def _diff(diff: str, page: Page) -> list[str]:
    lines = diff.splitlines()
    shown = [_LABEL + page.diff_line(line) for line in lines[:_DIFF_LINES]]
    if len(lines) > _DIFF_LINES:
        shown.append(
            page.paint(f"{_LABEL}and {len(lines) - _DIFF_LINES} more lines, all of them with --patch FILE", "dim")
        )
    return shown


def _related(related: tuple[Related, ...], page: Page) -> list[str]:
    lines: list[str] = []
    for index, it in enumerate(related[:_PLACES]):
        text = f"{it.location.path}:{it.location.line} {it.message}"
        lines += page.prose(text, _LABEL, "" if index else "  also")
    if len(related) > _PLACES:
        lines.append(page.paint(f"{_LABEL}and {len(related) - _PLACES} more places", "dim"))
    return lines


def _evidence(evidence: tuple[Evidence, ...], page: Page) -> list[str]:
    lines: list[str] = []
    for index, it in enumerate(evidence):
        lines += page.prose(f"{it.claim} ({it.source})", _LABEL, "" if index else "  seen")
    return [page.paint(line, "dim") for line in lines]
