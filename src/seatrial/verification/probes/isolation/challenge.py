"""A refusal says how to sign in

## What it asks
What was answered to a request without credentials.

## What is right
401 with `WWW-Authenticate`.

## Why it matters
Clients and libraries learn from it that a login is missing, and which.

## How to mend it
`HTTPException(401, headers={"WWW-Authenticate": "Bearer"})`, as FastAPI's security classes do.

## Reference
RFC 9110 section 15.5.2 and 11.6.1
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """The answer to nobody."""
    door = session.door
    value = door.refused.answer.header("www-authenticate")
    if door.refused.status != 401:
        return failed(f"without credentials the answer is {door.refused.status} and not 401", door.refused)
    if not value:
        return failed("401 without WWW-Authenticate", door.refused)
    return passed(f"401 with WWW-Authenticate: {value[:80]}", door.refused, control=door.opened)


PROBE = Probe(
    id="isolation.challenge",
    name="A refusal says how to sign in",
    check=check,
    severity=Severity.NOTE,
    reference="RFC 9110 section 15.5.2",
    requirements=("D3",),
    requests=2,
    cause="The refusal is made by hand, without the header.",
    fix='Raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"}).',
    needs=(Need.USER,),
    rank=3,
)
