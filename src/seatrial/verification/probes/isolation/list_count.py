"""A count covers only what is the user's own

## What it asks
B asks for its list and compares the total, in the body or in `X-Total-Count`, with what it can list.

## What is right
They are equal.

## Why it matters
A total over everybody's things tells how much others have, and when it changes.

## How to mend it
Count the same selection that is listed.

## Reference
OWASP API3:2023; CWE-200
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.api import things
from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped, unclear
from seatrial.verification.session import Session

_TOTALS = ("total", "total_count", "totalCount", "count", "total_items", "totalItems")


def check(session: Session) -> Finding:
    """B's total, beside what B can list."""
    if not session.resource.listed:
        return skipped("nothing lists the things of a user")
    mine, other = session.mine(session.a), session.mine(session.b)
    listed = session.listing(session.b, note="lists and counts")
    total, seen = _total(listed), len(things(listed.answer.json))
    if total is None:
        return skipped("the list tells no total")
    if not session.lists(other, listed):
        return unclear("B's own object is not in its list", listed, settle="a list of one page")
    if total == seen:
        return passed(f"the total is {total}, and so many are listed", listed, control=(mine.made, other.made))
    if seen < 10 and total > seen:
        return failed(f"the total is {total}, and B can list {seen}", listed, root="isolation.list")
    return unclear(f"the total is {total}, and one page lists {seen}", listed, settle="a user with few things")


def _total(listed: Exchange) -> int | None:
    header = listed.answer.header("x-total-count") or ""
    if header.isdigit():
        return int(header)
    body = listed.answer.json
    places = [body, *(it for it in body.values() if isinstance(it, dict))] if isinstance(body, dict) else []
    found = (place.get(name) for place in places for name in _TOTALS)
    return next((it for it in found if isinstance(it, int)), None)


PROBE = Probe(
    id="isolation.list-count",
    name="A count covers only what is the user's own",
    check=check,
    severity=Severity.NOTE,
    reference="OWASP API3:2023, CWE-200",
    requirements=("D3",),
    requests=3,
    cause="The count is made over everybody's things.",
    fix="Count the same selection that is listed.",
    needs=(Need.TWO_USERS, Need.THING, Need.PRIVATE),
    rank=3,
)
