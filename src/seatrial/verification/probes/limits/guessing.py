"""Guessing passwords is stopped

## What it asks
Signs in again and again with a wrong password, at an address that nobody has, and no more than twelve times.

## What is right
429, with `Retry-After`, after a few attempts.

## Why it matters
Without a limit a list of common passwords goes through in minutes. Limits by address of the client alone are passed
by whoever has many.

## How to mend it
Count failures by account and by client, in something that all workers share, and answer 429 with `Retry-After`.

## Reference
OWASP API2:2023, API4:2023; CWE-307; RFC 6585, section 4; OWASP WSTG-ATHN-03
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.controls import alive
from seatrial.verification.doorbell import invented, ring
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session

MOST = 11  # one more than the widest limit that is usual, ten in a minute
_CAUSE = "The login itself fails: a table, a driver or a key that it stands on is missing."
_FIX = "Look into the server's log for this request."


def check(session: Session) -> Finding:
    """Ring until the door says no, or eleven times."""
    control = alive(session)
    seen = []
    for _ in range(MOST):
        seen.append(ring(session, invented(session), "nobody"))
        if seen[-1].status == 429:
            break
        if seen[-1].status >= 500:
            return failed(f"a wrong password is answered {seen[-1].status}", seen[-1], cause=_CAUSE, fix=_FIX)
    if seen[-1].status != 429:
        return failed(f"{len(seen)} wrong passwords, and none was answered 429", seen[-1], seen[0])
    if seen[-1].answer.header("retry-after") is None:
        return failed("429 without Retry-After", seen[-1], severity=Severity.NOTE)
    return passed(f"attempt {len(seen)} is answered 429", seen[-1], control=(control, seen[0]))


PROBE = Probe(
    id="limits.guessing",
    name="Guessing passwords is stopped",
    check=check,
    severity=Severity.WARNING,
    reference="OWASP API2:2023, CWE-307, RFC 6585 section 4, WSTG-ATHN-03",
    requirements=("B10",),
    requests=MOST,
    cause="Nothing counts failed attempts.",
    fix="Count them by account and client, shared by all workers; answer 429 with `Retry-After`.",
    needs=(Need.LOGIN,),
    rank=9,
)
