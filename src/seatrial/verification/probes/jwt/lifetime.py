"""A token ends within a day

## What it asks
Nothing is sent: the end of A's own token is read.

## What is right
Within 24 hours of its making.

## Why it matters
A token cannot be called back; how long a stolen one works is how long it lives.

## How to mend it
15 minutes for access tokens, and a refresh token that can be called back.

## Reference
CWE-613
"""

from __future__ import annotations

import time

from seatrial.issue import Severity
from seatrial.verification.forging import own_token
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session

_DAY_S = 24 * 3600


def check(session: Session) -> Finding:
    """The end of A's own token."""
    claims, opened = own_token(session).claims, session.door.opened
    end, made = claims.get("exp"), claims.get("iat", time.time())
    if not isinstance(end, int | float):
        return failed("A's own token has no end", opened, severity=Severity.WARNING)
    hours = (end - made) / 3600 if isinstance(made, int | float) else (end - time.time()) / 3600
    if hours * 3600 > _DAY_S:
        return failed(f"a token lives for {hours:.0f} hours", opened)
    return passed(f"a token lives for {hours:.1f} hours", opened, control=opened)


PROBE = Probe(
    id="jwt.lifetime",
    name="A token ends within a day",
    check=check,
    severity=Severity.NOTE,
    reference="CWE-613",
    requirements=("D3",),
    requests=2,
    cause="The end is set far away, or not at all.",
    fix="15 minutes for access tokens, and a refresh token that can be called back.",
    needs=(Need.TOKEN,),
    rank=3,
)
