"""A token that does not hold yet is refused

## What it asks
A's token, signed with the service's own key, with `nbf` five minutes ahead and nothing else changed.

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
from seatrial.verification.forging import mint_refused, own_token
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session

_AHEAD_S = 300  # more than anybody's leeway, less than a token lives


def check(session: Session) -> Finding:
    """Holds in an hour."""
    end, later = own_token(session).claims.get("exp"), int(time.time()) + _AHEAD_S
    if isinstance(end, int | float) and end <= later:
        return skipped("a token ends before it could begin", "tokens of more than five minutes")
    return mint_refused(session, [("not to be used for five minutes", {"nbf": later}, ())])


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
