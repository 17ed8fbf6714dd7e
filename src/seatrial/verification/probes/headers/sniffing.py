"""Browsers take answers for what they are

## What it asks
Nothing new: it reads the answer to A's own read.

## What is right
`X-Content-Type-Options: nosniff`, and a `Content-Type` that is that of the body.

## Why it matters
Without it a browser may take a text for a page and run what a user wrote into it.

## How to mend it
Send `X-Content-Type-Options: nosniff` with every answer, in a middleware.

## Reference
Fetch Standard, X-Content-Type-Options; OWASP API8:2023; CWE-693
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.controls import alive
from seatrial.verification.probe import Finding, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Read one answer."""
    seen = alive(session)
    if (seen.answer.header("x-content-type-options") or "").strip().lower() != "nosniff":
        return failed("X-Content-Type-Options is not nosniff", seen)
    kind = (seen.answer.header("content-type") or "").lower()
    if seen.answer.json is not None and "json" not in kind:
        return failed(f"JSON is sent as {kind or 'nothing'}", seen)
    return passed("nosniff", seen, control=seen)


PROBE = Probe(
    id="headers.sniffing",
    name="Browsers take answers for what they are",
    check=check,
    severity=Severity.WARNING,
    reference="Fetch Standard, OWASP API8:2023, CWE-693",
    requirements=("B7",),
    requests=0,
    cause="The header is missing.",
    fix="Send `X-Content-Type-Options: nosniff` with every answer.",
    rank=4,
)
