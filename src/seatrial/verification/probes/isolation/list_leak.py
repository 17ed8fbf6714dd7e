"""A list shows only what is the user's own

## What it asks
B asks for its list: as it comes, as long as it may be, its last page, and, where paths name the user, A's.

## What is right
Nothing of A's in it, and B's own object in it. A finds its object in its own list.

## Why it matters
One forgotten `where` shows every user everything.

## How to mend it
Filter by owner in the query itself: `select(Task).where(Task.owner_id == user.id)`.

## Reference
OWASP API1:2023, API3:2023; CWE-639
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.estate import Thing
from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Finding, Need, Probe, Unclear, failed, passed, skipped
from seatrial.verification.session import Session

_LIST = "isolation.list"


def check(session: Session) -> Finding:
    """B lists."""
    if not session.resource.listed:
        return skipped("nothing lists the things of a user")
    mine, other = session.mine(session.a), session.mine(session.b)
    control = (_shown(session, mine), _shown(session, other))
    seen = [control[1], *(session.listing(session.b, query, note="lists") for query in _pages(session))]
    if session.resource.by_user:
        seen.append(session.listing(session.b, of=session.a, note="lists below A's id"))
    for it in seen:
        if session.lists(mine, it):
            return failed(f"B's list shows what is A's: {it.request.url}", it, control[0], root=_LIST)
    return passed("B's lists show nothing of A's", *seen, control=control)


def _shown(session: Session, own: Thing) -> Exchange:
    """The list in which a user finds its own object."""
    listed = session.listing(own.owner, note=f"control: {own.owner.label} lists")
    if not session.lists(own, listed):
        raise Unclear(
            f"{own.owner.label} does not find its own object in its list: {listed.status}", "a list of one page"
        )
    return listed


def _pages(session: Session) -> list[str]:
    known = session.resource.query
    size = next((it for it in ("limit", "page_size", "per_page", "size") if it in known), "")
    start = next((it for it in ("offset", "skip") if it in known), "")
    pages = [f"{size}=100"] if size else []
    # With a page of another size asked for, the next page tells nothing more.
    return pages or ([f"{start}=1"] if start else ["page=2"] if "page" in known else [])


PROBE = Probe(
    id="isolation.list-leak",
    name="A list shows only what is the user's own",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API1:2023, API3:2023, CWE-639",
    requirements=("D3",),
    requests=8,
    cause="The list is selected without its owner.",
    fix="Filter by owner in the query itself.",
    needs=(Need.TWO_USERS, Need.THING, Need.PRIVATE),
    rank=0,
    core=True,
)
