"""What is deleted is gone

## What it asks
A deletes an object of its own and asks for it again.

## What is right
404 or 410.

## Why it matters
A flag that only the list looks at leaves everything readable that a user believed deleted.

## How to mend it
Filter by the flag wherever objects are looked up, or delete them.

## Reference
CWE-672; RFC 9110 section 15.5.5
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.estate import Thing
from seatrial.verification.exchange import Exchange
from seatrial.verification.foreign import owner_sees
from seatrial.verification.probe import Finding, Need, Probe, Unclear, failed, passed, unclear
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """A asks for what it has deleted."""
    mine, before, deleted = session.once("deletion", lambda: _delete(session))
    after = session.read(mine)
    if session.sees(mine, after):
        return failed(f"what was deleted is still answered: {after.status}", deleted, after)
    if session.resource.readable and after.status not in (404, 410):
        return unclear(f"what was deleted is answered {after.status}", after, settle="an answer of 404")
    told = f"is answered {after.status}" if session.resource.readable else "is in the list no more"
    return passed(f"what was deleted {told}", after, control=(before, deleted))


def _delete(session: Session) -> tuple[Thing, Exchange, Exchange]:
    mine = session.estate.create(session.a)
    before = owner_sees(session, mine)
    deleted = session.send("DELETE", session.path_of(mine), by=session.a, note="deletes its own")
    if not deleted.good:
        raise Unclear(f"A's own DELETE answered {deleted.status}", "a DELETE that works")
    session.estate.gone(mine.number)
    return mine, before, deleted


PROBE = Probe(
    id="isolation.gone",
    name="What is deleted is gone",
    check=check,
    severity=Severity.WARNING,
    reference="CWE-672",
    requirements=("D3",),
    requests=4,
    cause="Deleting sets a flag that reading does not look at.",
    fix="Filter by the flag wherever objects are looked up.",
    needs=(
        Need.USER,
        Need.THING,
    ),
    rank=3,
    writes=True,
)
