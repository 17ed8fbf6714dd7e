"""A verification as JSON, in the order of the contract."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from seatrial.report.json import text
from seatrial.verification.probe import Verdict

if TYPE_CHECKING:
    from seatrial.report import contract
    from seatrial.report.page import Page
    from seatrial.verification.evidence import Evidence
    from seatrial.verification.results import Result, Verification


def verification(result: Verification, _page: Page | None = None) -> str:
    """One verification as a document of schema `seatrial/verify/1`."""
    return text(verification_document(result))


def verification_document(result: Verification) -> contract.VerificationDocument:
    """One verification as a document of schema `seatrial/verify/1`."""
    counts = Counter(it.verdict for it in result.results)
    return {
        "schema": "seatrial/verify/1",
        "url": result.url,
        "frontend": result.frontend or None,
        "source": result.source,
        "identities": result.identities,
        "probes": [_probe(it) for it in result.results],
        "verdicts": {it.value: counts[it] for it in Verdict},
        "flaws": [it.probe.id for it in result.flaws],
        "failed": result.failed,
        "fail_level": result.fail_level.value,
        "unjudged": list(result.unjudged),
        "created": list(result.created),
        "deleted": list(result.deleted),
        "left": list(result.left),
        "journal": result.journal or None,
        "limits": list(result.limits),
        "interrupted": result.interrupted,
        "requests": result.requests,
        "waited_s": result.waited_s,
        "first_answer_s": result.first_s,
        "duration_s": round(result.duration_s, 3),
    }


def _probe(result: Result) -> contract.ProbeDocument:
    return {
        "id": result.probe.id,
        "name": result.probe.name,
        "group": result.probe.group,
        "severity": result.severity.value,
        "verdict": result.verdict.value,
        "reason": result.reason,
        "cause": result.cause,
        "fix": result.fix,
        "settle": result.settle,
        "facts": list(result.facts),
        "evidence": [_exchange(it) for it in result.evidence],
        "controls": [_exchange(it) for it in result.controls],
        "same_as": result.same_as or None,
        "reference": result.probe.reference,
        "requirements": list(result.probe.requirements),
        "requests": result.requests,
        "duration_s": result.seconds,
    }


def _exchange(evidence: Evidence) -> contract.EvidenceOfExchange:
    return {
        "by": evidence.by,
        "note": evidence.note,
        "method": evidence.method,
        "url": evidence.url,
        "request_headers": dict(evidence.request_headers),
        "request_body": evidence.request_body,
        "status": evidence.status,
        "headers": dict(evidence.headers),
        "body": evidence.body,
        "seconds": evidence.seconds,
        "curl": evidence.curl,
    }
