"""Nothing can be made in another user's name

## What it asks
B sends what makes an object to the path that names A. Only where paths name the user.

## What is right
403 or 404, and nothing of it in A's list.

## Why it matters
A user who can write into another's list can plant what the other will trust.

## How to mend it
Take the owner from the token, and refuse a path that names another.

## Reference
OWASP API1:2023 Broken Object Level Authorization; CWE-639
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.foreign import ITEM, REFUSALS
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped, unclear
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """B creates below A's id."""
    if "{user}" not in session.resource.collection:
        return skipped("paths do not name the user")
    mine, marker = session.mine(session.a), session.estate.marker("foreign")
    path = session.resource.collection_of(session.a.id)
    tried = session.estate.attempt(session.a, marker, path, session.b, {})
    listed = session.listing(session.a, note="control: A's own list")
    if marker in listed.answer.text:
        return failed(f"B makes something in A's name: {tried.status}", tried, listed, root=ITEM)
    if tried.good:
        return failed(f"B's request below A's id is answered {tried.status}", tried, listed, severity=Severity.WARNING)
    if tried.status not in REFUSALS:
        return unclear(f"B is answered {tried.status}, which is no refusal", tried, settle="the service's own logs")
    return passed(f"B is refused below A's id: {tried.status}", tried, control=(mine.made, listed))


PROBE = Probe(
    id="isolation.foreign-create",
    name="Nothing can be made in another user's name",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API1:2023, CWE-639",
    requirements=("D3",),
    requests=4,
    cause="The path's user is believed.",
    fix="Compare the path's user with that of the token, or leave it out of the path.",
    needs=(
        Need.TWO_USERS,
        Need.THING,
    ),
    rank=1,
    writes=True,
)
