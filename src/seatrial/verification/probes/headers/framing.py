"""Answers are not put into frames

## What it asks
Nothing new: it reads the answer to A's own read.

## What is right
`Content-Security-Policy` with `frame-ancestors`, or `X-Frame-Options`.

## Why it matters
For JSON it matters little: this is a note. It matters where an answer can turn out to be a page, an error page for
instance.

## How to mend it
`Content-Security-Policy: default-src 'none'; frame-ancestors 'none'` suits an API.

## Reference
CSP Level 3, frame-ancestors; CWE-1021
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.controls import alive
from seatrial.verification.probe import Finding, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Read one answer."""
    seen = alive(session)
    policy = (seen.answer.header("content-security-policy") or "").lower()
    frames = (seen.answer.header("x-frame-options") or "").strip().upper()
    if "frame-ancestors" in policy or frames in ("DENY", "SAMEORIGIN"):
        return passed("no other page may frame it", seen, control=seen)
    return failed("nothing says who may put the answer into a frame", seen)


PROBE = Probe(
    id="headers.framing",
    name="Answers are not put into frames",
    check=check,
    severity=Severity.NOTE,
    reference="CSP Level 3, CWE-1021",
    requirements=("B7",),
    requests=0,
    cause="Neither header is sent.",
    fix="Send `Content-Security-Policy: default-src 'none'; frame-ancestors 'none'`.",
    rank=6,
)
