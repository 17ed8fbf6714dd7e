"""The audit as SARIF 2.1.0, which code scanning services and editors read, fixes included."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from seatrial import __version__
from seatrial.issue import Severity
from seatrial.report.page import Page
from seatrial.report.places import from_here
from seatrial.report.results import Entry, ranked

if TYPE_CHECKING:
    from seatrial.issue import Edit, Fix, Issue, Location
    from seatrial.report.results import Audit

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Severity.BLOCKER: "error",
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
}


def audit(result: Audit, page: Page) -> str:
    """One log with one run."""
    return audits((result,), page)


def audits(results: Sequence[Audit], page: Page) -> str:
    """One log with one run, in which the issues of several backends stand together."""
    entries = [entry for result in results for entry in ranked(result.entries)]
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(entries, page)]}
    return json.dumps(log, indent=2) + "\n"


def _run(entries: Sequence[Entry], page: Page) -> dict[str, Any]:
    rules = {entry.issue.code: entry.issue.name for entry in entries}
    codes = sorted(rules)
    driver = {
        "name": "seatrial",
        "semanticVersion": __version__,
        "rules": [{"id": code, "name": rules[code]} for code in codes],
    }
    results = [_result(entry.issue, codes.index(entry.issue.code), page) for entry in entries]
    return {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}


def _result(issue: Issue, index: int, page: Page) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": issue.code,
        "ruleIndex": index,
        "level": _LEVELS[issue.severity],
        "message": {"text": f"{issue.problem} {issue.cause}"},
        "locations": [_location(issue.location, page)],
        "properties": {"severity": issue.severity.value, "stage": issue.stage.value, "category": issue.category},
    }
    if issue.related:
        result["relatedLocations"] = [
            {**_location(it.location, page), "message": {"text": it.message}} for it in issue.related
        ]
    if issue.fix and issue.fix.edits and not issue.fix.moves:  # SARIF cannot rename a file
        result["fixes"] = [_fix(issue.fix, page)]
    return result


def _location(place: Location, page: Page) -> dict[str, Any]:
    region = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
    known = {name: value for name, value in region.items() if value is not None}
    return {"physicalLocation": {"artifactLocation": _artifact(place.path, page), "region": known}}


def _artifact(path: str, page: Page) -> dict[str, str]:
    # A name that is not UTF-8 keeps its bytes in a URI.
    return {"uri": quote(from_here(path, page).encode("utf-8", "surrogateescape"))}


def _fix(fix: Fix, page: Page) -> dict[str, Any]:
    paths = dict.fromkeys(edit.path for edit in fix.edits)
    changes = [
        {
            "artifactLocation": _artifact(path, page),
            "replacements": [_replacement(edit) for edit in fix.edits if edit.path == path],
        }
        for path in paths
    ]
    return {"description": {"text": fix.explanation}, "artifactChanges": changes}


def _replacement(edit: Edit) -> dict[str, Any]:
    region = {
        "startLine": edit.start.line,
        "startColumn": edit.start.column,
        "endLine": edit.end.line,
        "endColumn": edit.end.column,
    }
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}
