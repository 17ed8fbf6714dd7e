"""Nothing is read without credentials

## What it asks
A's object and the list, asked for without credentials.

## What is right
401 (403 is tolerated), and nothing of A's in the answer.

## Why it matters
What needs no login is public.

## How to mend it
Put the dependency that finds the user on the router, not on each endpoint.

## Reference
OWASP API2:2023 Broken Authentication; CWE-306 Missing Authentication for Critical Function; RFC 9110 section 15.5.2
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.exchange import Exchange
from seatrial.verification.foreign import ASK_FIRST, NOBODY_ASKED, closed, owner_sees
from seatrial.verification.probe import Finding, Need, Probe, Unclear, Verdict, failed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Nobody in particular reads."""
    mine = session.mine(session.a)
    control = owner_sees(session, mine)
    readable = session.resource.readable
    tried = [session.send("GET", session.path_of(mine), note="without credentials")] if readable else []
    if session.resource.listed:
        tried.append(_listed(session))
    for it in tried:
        finding = closed(it, (control,), "without credentials nothing is read")
        if it.shows(mine.marker):
            return failed(f"without credentials A's object is shown: {it.status}", it, root="isolation.anonymous")
        if finding.verdict is not Verdict.PASS:
            return finding
    return closed(tried[0], (control,), "without credentials nothing is read")


def _listed(session: Session) -> Exchange:
    """The list, asked for without credentials: what the door was found by, where there is one."""
    path = session.resource.listing_of(session.a.id)
    try:
        return session.door.refused if session.door.path == path else session.send("GET", path)
    except Unclear:
        return session.send("GET", path, note="without credentials")


PROBE = Probe(
    id="isolation.anonymous-read",
    name="Nothing is read without credentials",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API2:2023, CWE-306",
    requirements=("D3",),
    requests=4,
    cause=NOBODY_ASKED,
    fix=ASK_FIRST,
    needs=(Need.USER, Need.THING, Need.PRIVATE),
    rank=0,
    core=True,
)
