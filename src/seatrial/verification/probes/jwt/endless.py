"""A token without an end is refused

## What it asks
A's token, signed with the service's own key, without `exp`.

## What is right
401.

## Why it matters
A token that was once made without an end works for ever.

## How to mend it
`options={"require": ["exp", "sub"]}`.

## Reference
RFC 7519 section 4.1.4; CWE-613
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.forging import mint_refused
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """No end."""
    return mint_refused(session, [("without an end", {}, ("exp",))])


PROBE = Probe(
    id="jwt.endless",
    name="A token without an end is refused",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 7519 section 4.1.4, CWE-613",
    requirements=("D3",),
    requests=3,
    cause="A token without exp is taken for one that has not ended.",
    fix='Demand it: options={"require": ["exp", "sub"]}.',
    needs=(
        Need.TOKEN,
        Need.SECRET,
    ),
    rank=2,
)
