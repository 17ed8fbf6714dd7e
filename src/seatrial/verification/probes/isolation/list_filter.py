"""A filter by owner cannot widen the list

## What it asks
B lists with `owner_id`, `user_id`, `owner` and `userId` set to A's id.

## What is right
The filter is ignored or refused, and nothing of A's is shown.

## Why it matters
A filter meant for administrators that replaces the user's own id shows everybody's things.

## How to mend it
Take the owner from the token only; never let a parameter replace it.

## Reference
OWASP API1:2023; CWE-639
"""

from __future__ import annotations

from urllib.parse import urlencode

from seatrial.issue import Severity
from seatrial.verification.foreign import claims_of_owner
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """B asks for A's things by a filter."""
    if not session.resource.listed:
        return skipped("nothing lists the things of a user")
    if not session.a.id:
        return skipped("what the service calls A is not known", "an operation that tells a user's id")
    mine = session.mine(session.a)
    query = urlencode(claims_of_owner(session.a))
    tried = session.listing(session.b, query, note="filters by A")
    if session.lists(mine, tried):
        return failed("a filter by A's id shows B what is A's", tried, root="isolation.list")
    control = session.listing(session.a, query, note="control: A filters by itself")
    return passed(f"a filter by A's id shows B nothing of A's: {tried.status}", tried, control=(mine.made, control))


PROBE = Probe(
    id="isolation.list-filter",
    name="A filter by owner cannot widen the list",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API1:2023, CWE-639",
    requirements=("D3",),
    requests=4,
    cause="A parameter replaces the owner that the token names.",
    fix="Take the owner from the token only.",
    needs=(Need.TWO_USERS, Need.THING, Need.PRIVATE),
    rank=1,
)
