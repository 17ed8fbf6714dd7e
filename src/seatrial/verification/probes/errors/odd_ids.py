"""Odd ids are refused

## What it asks
A reads objects whose ids are too large for the database, negative, much too long, or no id at all.

## What is right
404 or 422 (any 4xx), never 5xx.

## Why it matters
A 500 is an unhandled exception: it fills the log, wakes people up, and often answers with its details. An id of
2^63 is enough where an integer goes to PostgreSQL as it came.

## How to mend it
Give the parameter its bounds: `Annotated[int, Path(ge=1, le=2**63 - 1)]`, or the type `UUID`.

## Reference
CWE-248; CWE-20; CWE-190
"""

from __future__ import annotations

from urllib.parse import quote

from seatrial.issue import Severity
from seatrial.verification.faulty import judged
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session

ODD = (
    ("an id of 2^63", str(2**63)),
    ("a negative id", "-1"),
    ("a NUL in an id", "\0"),
    ("an id of 300 letters", "x" * 300),
)


def check(session: Session) -> Finding:
    """Read by odd ids."""
    if not session.resource.readable:
        return skipped(f"the service has no GET of one {session.resource.name}")
    mine = session.mine(session.a)
    seen = []
    for what, identity in ODD:
        path = session.resource.item_of(quote(session.a.id, safe=""), quote(identity, safe=""))
        seen.append((what, session.send("GET", path, by=session.a, note=what)))
    return judged(seen, mine.made)


PROBE = Probe(
    id="errors.odd-ids",
    name="Odd ids are refused",
    check=check,
    severity=Severity.WARNING,
    reference="CWE-248, CWE-20",
    requirements=("B10",),
    requests=5,
    cause="The id reaches the database unchecked.",
    fix="Bound it: `Annotated[int, Path(ge=1, le=2**63 - 1)]`, or take a `UUID`.",
    needs=(Need.USER, Need.THING),
    rank=4,
)
