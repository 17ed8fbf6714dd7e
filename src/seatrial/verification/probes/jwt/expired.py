"""A token that has ended is refused

## What it asks
A's token, signed with the service's own key, with an end an hour ago.

## What is right
401.

## Why it matters
A stolen token works for ever.

## How to mend it
`jwt.decode` looks at `exp` by itself; do not switch that off.

## Reference
RFC 7519 section 4.1.4; CWE-613
"""

from __future__ import annotations

import time

from seatrial.issue import Severity
from seatrial.verification.forging import mint_refused, own_token
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Ended an hour ago."""
    ended = int(time.time()) - 3600
    # Nothing else may be wrong with it: what the service's own tokens carry stays, at its proper time.
    before = {name: ended - 60 for name in ("iat", "nbf") if name in own_token(session).claims}
    return mint_refused(session, [("ended an hour ago", {"exp": ended, **before}, ())])


PROBE = Probe(
    id="jwt.expired",
    name="A token that has ended is refused",
    check=check,
    severity=Severity.ERROR,
    reference="RFC 7519 section 4.1.4, CWE-613",
    requirements=("D3",),
    requests=3,
    cause="The end of the token is not looked at.",
    fix="Leave verify_exp on.",
    needs=(
        Need.TOKEN,
        Need.SECRET,
    ),
    rank=1,
)
