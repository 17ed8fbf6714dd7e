"""A token that does not hold yet is refused

## What it asks
A's token, signed with the service's own key, with `nbf` an hour ahead.

## What is right
401.

## Why it matters
A token for later is used now.

## How to mend it
`jwt.decode` looks at `nbf` by itself; do not switch that off.

## Reference
RFC 7519 section 4.1.5; CWE-613
"""

from __future__ import annotations

import time

from seatrial.issue import Severity
from seatrial.verification.forging import mint_refused
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Holds in an hour."""
    now = int(time.time())
    return mint_refused(session, [("not to be used for an hour", {"nbf": now + 3600, "exp": now + 7200}, ())])


PROBE = Probe(
    id="jwt.not-yet",
    name="A token that does not hold yet is refused",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 7519 section 4.1.5, CWE-613",
    requirements=("D3",),
    requests=3,
    cause="nbf is not looked at.",
    fix="Leave verify_nbf on.",
    needs=(
        Need.TOKEN,
        Need.SECRET,
    ),
    rank=3,
)
