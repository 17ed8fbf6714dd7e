"""Nothing is deleted without credentials

## What it asks
DELETE to A's object without credentials. Then A looks.

## What is right
401 (403 is tolerated), and A finds its object as it was.

## Why it matters
What needs no login is open to every robot.

## How to mend it
Put the dependency that finds the user on the router, not on each endpoint.

## Reference
OWASP API2:2023 Broken Authentication; CWE-306 Missing Authentication for Critical Function; RFC 9110 section 15.5.2
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.foreign import ASK_FIRST, NOBODY_ASKED, without_credentials
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Nobody in particular sends DELETE."""
    return without_credentials(session, "DELETE")


PROBE = Probe(
    id="isolation.anonymous-delete",
    name="Nothing is deleted without credentials",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API2:2023, CWE-306",
    requirements=("D3",),
    requests=4,
    cause=NOBODY_ASKED,
    fix=ASK_FIRST,
    needs=(
        Need.USER,
        Need.THING,
    ),
    rank=1,
    writes=True,
)
