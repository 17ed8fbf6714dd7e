"""Another user's object cannot be read

## What it asks
B asks for an object that A has just made, by its id. Where paths name the user, once below A's id and once below B's
own.

## What is right
403 or 404, and the object's text nowhere in the answer, not even in a header. A reads it before and after.

## Why it matters
Ids get known: from links, logs, screenshots, counting. Whoever knows one reads what is not theirs.

## How to mend it
Look objects up by id and owner at once: `select(Task).where(Task.id == id, Task.owner_id == user.id)`, and answer 404.

## Reference
OWASP API1:2023 Broken Object Level Authorization; CWE-639; OWASP WSTG-ATHZ-04
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.estate import Thing
from seatrial.verification.foreign import BY_OWNER, foreign_paths, owner_sees
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """B reads what is A's."""
    mine = session.mine(session.a)
    if not session.resource.readable:
        return _in_lists(session, mine)
    seen = [session.send("GET", path, by=session.b, note="reads what is A's") for path in foreign_paths(session, mine)]
    for it in seen:
        if it.shows(mine.marker) or it.good:
            return failed(f"B reads what is A's: GET answered {it.status}", it, mine.made, root="isolation.item")
    return passed("B is refused what A reads", *seen, control=(mine.made, owner_sees(session, mine)))


def _in_lists(session: Session, mine: Thing) -> Finding:
    """The service has no GET of one thing: a list is all that reads it."""
    owners = (session.b, session.a) if session.resource.by_user else (session.b,)
    seen = [session.listing(session.b, of=it, note="looks for what is A's") for it in owners]
    for it in seen:
        if session.lists(mine, it):
            return failed(f"B's list shows what is A's: {it.status}", it, mine.made, root="isolation.list")
    return passed("B finds in no list what A finds in its own", *seen, control=(mine.made, owner_sees(session, mine)))


PROBE = Probe(
    id="isolation.foreign-read",
    name="Another user's object cannot be read",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API1:2023, CWE-639",
    requirements=("D3",),
    requests=5,
    cause="The object is looked up by its id alone.",
    fix=BY_OWNER,
    needs=(Need.TWO_USERS, Need.THING, Need.PRIVATE),
    rank=0,
    core=True,
)
