"""The limit cannot be passed by naming another client

## What it asks
After the limit was met: the same attempt again, with an invented `X-Forwarded-For`. Not at this machine, from which
uvicorn believes the header by default.

## What is right
Still 429.

## Why it matters
Whoever believes the header from anybody counts each attempt for a new client: the limit is none.

## How to mend it
Believe the header from the platform's proxy only: `--forwarded-allow-ips` with its address, never `*` where others
can reach the service.

## Reference
CWE-348; CWE-307
"""

from __future__ import annotations

import secrets

from seatrial.issue import Severity
from seatrial.verification.controls import alive
from seatrial.verification.doorbell import invented, ring
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, unclear
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Ring once more, as somebody else."""
    before = ring(session, invented(session), "nobody")
    if before.status != 429:
        return unclear("no limit was met", before, settle="see limits.guessing")
    client = f"198.51.100.{secrets.randbelow(254) + 1}"
    headers = (("X-Forwarded-For", client), ("X-Real-IP", client))
    seen = ring(session, invented(session), "nobody", headers)
    if seen.status != 429:
        return failed(f"another X-Forwarded-For, and the limit is gone: {seen.status}", seen, before)
    return passed("the header changes nothing", seen, control=(before, alive(session)))


PROBE = Probe(
    id="limits.other-client",
    name="The limit cannot be passed by naming another client",
    check=check,
    severity=Severity.WARNING,
    reference="CWE-348, CWE-307",
    requirements=("B10",),
    requests=2,
    cause="`X-Forwarded-For` is believed from anybody.",
    fix="Believe it from the platform's proxy only, and count by account as well.",
    needs=(Need.LOGIN, Need.REMOTE),
    rank=9,
)
