"""The audit as SARIF 2.1.0, which code scanning services and editors read, fixes included."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from seatrial import __version__
from seatrial.issue import Severity
from seatrial.report.fingerprint import KEY, fingerprints
from seatrial.report.page import Page
from seatrial.report.places import from_here
from seatrial.report.results import Entry, ranked

if TYPE_CHECKING:
    from seatrial.issue import Edit, Fix, Location
    from seatrial.report.results import Audit

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
_MOST, SHORT, TAGS = 5000, 1000, 10  # GitHub shows no more results, characters and tags than these
_PLACES = 100  # nor more places of one result
LEVELS = {
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
    found = [_Found(entry, print_, result) for result in results for entry, print_ in _told(result)]
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(found[:_MOST], results, page)]}
    return json.dumps(log, indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class _Found:
    """One issue with its fingerprint and the audit that it comes from."""

    entry: Entry
    fingerprint: str
    audit: Audit


def _told(result: Audit) -> list[tuple[Entry, str]]:
    prints = fingerprints(result.entries, result.sources)
    pairs = {id(entry): prints[index] for index, entry in enumerate(result.entries)}
    return [(entry, pairs[id(entry)]) for entry in ranked(result.entries)]


def _run(found: Sequence[_Found], results: Sequence[Audit], page: Page) -> dict[str, Any]:
    codes = sorted({it.entry.issue.code for it in found})
    names = {it.entry.issue.code: it.entry.issue.name for it in found}
    driver = {
        "name": "seatrial",
        "semanticVersion": __version__,
        "rules": [_rule(code, names[code]) for code in codes],
    }
    notes = [limit for result in results for limit in result.limits]
    left = sum(len(result.entries) for result in results) - len(found)
    notes += [f"{left} milder issues are left out: code scanning shows no more than {_MOST}."] if left else []
    invocation = {
        "executionSuccessful": True,
        "toolExecutionNotifications": [{"level": "note", "message": {"text": note}} for note in notes],
    }
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": "seatrial/audit/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder in which seatrial was run."}}},
        "invocations": [invocation],
        "results": [_result(it, codes.index(it.entry.issue.code), page) for it in found],
    }


def _rule(code: str, name: str) -> dict[str, Any]:
    """What a viewer shows of a rule. What no rule raises (a comment that silences nothing) has its name only."""
    from seatrial.report.manual import markdown_of
    from seatrial.rules.registry import find_rule

    rule = find_rule(code)
    known: dict[str, Any] = {"id": code, "name": name}
    if rule is None:
        return known
    whole = markdown_of(rule)
    return {
        **known,
        "shortDescription": {"text": rule.summary[:SHORT]},
        "fullDescription": {"text": whole.partition("\n\n")[0].replace("\n", " ")[:SHORT]},
        "help": {"text": whole, "markdown": whole},
        "properties": {"tags": [rule.category, *rule.requirements][:TAGS], "precision": "very-high"},
    }


def _result(found: _Found, index: int, page: Page) -> dict[str, Any]:
    issue = found.entry.issue
    result: dict[str, Any] = {
        "ruleId": issue.code,
        "ruleIndex": index,
        "level": LEVELS[issue.severity],
        "message": {"text": f"{issue.problem} {issue.cause}"},
        "locations": [_location(issue.location, page)],
        "partialFingerprints": {KEY: found.fingerprint},
        "properties": {"severity": issue.severity.value, "stage": issue.stage.value, "category": issue.category},
    }
    if issue.related:
        result["relatedLocations"] = [
            {"id": number, **_location(it.location, page), "message": {"text": it.message}}
            for number, it in enumerate(issue.related[:_PLACES])
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
    return {"uriBaseId": ROOT, "uri": quote(from_here(path, page).encode("utf-8", "surrogateescape"))}


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
