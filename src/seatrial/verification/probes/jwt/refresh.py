"""A refresh token opens nothing but the refresh

## What it asks
The refresh token that the login handed out, sent as an access token.

## What is right
401.

## Why it matters
A refresh token lives for weeks; where it works as an access token, so does a stolen one.

## How to mend it
Give each kind a claim of its own (`type`, or another `aud`) and check it.

## Reference
RFC 6749 section 1.5; RFC 8725 section 3.11 and 3.12; CWE-613
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.forging import refusals
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """The refresh token as an access token."""
    if not session.a.refresh:
        return skipped("the login hands out no refresh token")
    return refusals(session, [("for the refresh only", session.a.refresh)])


PROBE = Probe(
    id="jwt.refresh",
    name="A refresh token opens nothing but the refresh",
    check=check,
    severity=Severity.ERROR,
    reference="RFC 8725 section 3.12, CWE-613",
    requirements=("D3",),
    requests=3,
    cause="Both kinds of tokens are checked alike.",
    fix="Give each kind a claim of its own, and check it.",
    needs=(Need.TOKEN,),
    rank=1,
)
