"""A refusal does not tell what exists

## What it asks
B asks for an object of A's and for one that nobody has.

## What is right
The same status and the same body. 404 for both is best; 403 for both is as good.

## Why it matters
A difference tells which ids exist, and whose next attempt is worth it.

## How to mend it
Look up by id and owner at once: what is not found is not found.

## Reference
CWE-204
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.foreign import never_made, shape
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped, unclear
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """B compares two refusals."""
    if not session.resource.readable:
        return skipped(f"the service has no GET of one {session.resource.name}")
    mine, other = session.mine(session.a), session.b
    nothing = never_made(mine)
    foreign = session.send("GET", session.path_of(mine, other), by=other, note="asks for A's")
    absent = session.send("GET", session.resource.item_of(other.id, nothing), by=other, note="asks for nobody's")
    if foreign.good:
        return unclear("B reads what is A's", foreign, settle="isolation.foreign-read, when it passes")
    if shape(foreign, mine.id) != shape(absent, nothing):
        return failed(f"A's object answers {foreign.status}, no object {absent.status}: not the same", foreign, absent)
    return passed(f"both are answered {foreign.status}", foreign, absent, control=mine.made)


PROBE = Probe(
    id="isolation.oracle",
    name="A refusal does not tell what exists",
    check=check,
    severity=Severity.NOTE,
    reference="CWE-204",
    requirements=("D3",),
    requests=3,
    cause="The owner is checked after the object was found.",
    fix="Look up by id and owner at once.",
    needs=(Need.TWO_USERS, Need.THING, Need.PRIVATE),
    rank=3,
)
