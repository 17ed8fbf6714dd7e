"""Nothing is made without credentials

## What it asks
What makes an object, sent without credentials.

## What is right
401 (403 is tolerated), and nothing is made.

## Why it matters
What needs no login is open to every robot.

## How to mend it
Put the dependency that finds the user on the router, not on each endpoint.

## Reference
OWASP API2:2023 Broken Authentication; CWE-306 Missing Authentication for Critical Function; RFC 9110 section 15.5.2
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.foreign import ASK_FIRST, NOBODY_ASKED, closed
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Nobody in particular makes something."""
    mine, marker = session.mine(session.a), session.estate.marker("nobody")
    path = session.resource.collection_of(session.a.id)
    tried = session.estate.attempt(session.a, marker, path, None, {})
    return closed(tried, (mine.made,), "without credentials nothing is made")


PROBE = Probe(
    id="isolation.anonymous-create",
    name="Nothing is made without credentials",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API2:2023, CWE-306",
    requirements=("D3",),
    requests=2,
    cause=NOBODY_ASKED,
    fix=ASK_FIRST,
    needs=(
        Need.USER,
        Need.THING,
    ),
    rank=1,
    writes=True,
)
