"""The flaws of a verification as SARIF 2.1.0, each with the exchange that shows it.

Only flaws are results: GitHub makes an alert of every result, whatever its kind. A result needs a file to stand in: the
schema that was given, else `verify.toml`, the file that says how the service is verified.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from seatrial import __version__
from seatrial.report.fingerprint import KEY
from seatrial.report.formats.audits.sarif import LEVELS, ROOT, SCHEMA, SHORT, TAGS
from seatrial.verification.probe import Verdict

if TYPE_CHECKING:
    from seatrial.report.page import Page
    from seatrial.verification.evidence import Evidence
    from seatrial.verification.probe import Probe
    from seatrial.verification.results import Result, Verification


def verification(result: Verification, _page: Page | None = None) -> str:
    """One log with one run."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(result)]}
    return json.dumps(log, indent=2) + "\n"


def _run(result: Verification) -> dict[str, Any]:
    flaws = result.flaws
    codes = [it.probe.id for it in flaws]
    notes = [*result.limits, *(f"left: {it}" for it in result.left), *_unjudged(result)]
    invocation = {
        "executionSuccessful": not result.interrupted,
        "toolExecutionNotifications": [{"level": "note", "message": {"text": note}} for note in notes],
    }
    driver = {"name": "seatrial", "semanticVersion": __version__, "rules": [_rule(it.probe) for it in flaws]}
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": "seatrial/verify/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder in which seatrial was run."}}},
        "invocations": [invocation],
        "results": [_result(it, codes.index(it.probe.id), result) for it in flaws],
    }


def _unjudged(result: Verification) -> list[str]:
    open_ = [it for it in result.results if it.verdict is Verdict.INCONCLUSIVE]
    return [f"{it.probe.id} is inconclusive: {it.reason}" for it in open_]


def _rule(probe: Probe) -> dict[str, Any]:
    whole = probe.documentation.strip()
    return {
        "id": probe.id,
        "name": probe.id,
        "shortDescription": {"text": probe.name[:SHORT]},
        "fullDescription": {"text": f"{probe.name}. {probe.reference}"[:SHORT]},
        "help": {"text": whole, "markdown": f"# {whole}"},
        "properties": {"tags": [probe.group, *probe.requirements][:TAGS], "precision": "very-high"},
    }


def _result(it: Result, index: int, whole: Verification) -> dict[str, Any]:
    told = f"{it.reason}. {it.cause} {it.fix}"
    result: dict[str, Any] = {
        "ruleId": it.probe.id,
        "ruleIndex": index,
        "level": LEVELS[it.severity],
        "message": {"text": told},
        "locations": [_location(it, whole)],
        "partialFingerprints": {KEY: _fingerprint(it, whole)},
        "properties": {"severity": it.severity.value, "facts": list(it.facts), "curl": [e.curl for e in it.evidence]},
    }
    if it.evidence:
        result["webRequest"] = _request(it.evidence[0])
        result["webResponse"] = _response(it.evidence[0])
    return result


def _fingerprint(it: Result, whole: Verification) -> str:
    """The same flaw of the same service has the same one tomorrow, whatever the ids of that run."""
    return hashlib.sha256(f"{urlsplit(whole.url).netloc}\0{it.root}".encode()).hexdigest()[:32]


def _location(it: Result, whole: Verification) -> dict[str, Any]:
    given = PurePath(whole.source)
    file = given.as_posix() if given.suffix in (".json", ".yaml", ".yml") and not given.is_absolute() else "verify.toml"
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uriBaseId": ROOT, "uri": quote(file)},
            "region": {"startLine": 1},
        }
    }
    if it.evidence:
        asked = it.evidence[0]
        name = f"{asked.method} {urlsplit(asked.url).path or '/'}"
        place["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "resource"}]
    return place


def _request(evidence: Evidence) -> dict[str, Any]:
    return {
        "protocol": "HTTP",
        "method": evidence.method,
        "target": evidence.url,
        "headers": dict(evidence.request_headers),
        "body": {"text": evidence.request_body},
    }


def _response(evidence: Evidence) -> dict[str, Any]:
    return {
        "protocol": "HTTP",
        "statusCode": evidence.status,
        "headers": dict(evidence.headers),
        "body": {"text": evidence.body},
    }
