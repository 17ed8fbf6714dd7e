"""Odd parameters of a list are refused

## What it asks
A lists with a page that is negative, too far for the database, or no number.

## What is right
422, or an answer as if it had not been asked. Never 5xx.

## Why it matters
`LIMIT -1` and an offset of 2^63 are errors of the database; unchecked, they are a 500 that anybody can bring about.
A limit without a bound is a way to ask for everything at once.

## How to mend it
Give the parameters their bounds: `Annotated[int, Query(ge=1, le=100)]`.

## Reference
OWASP API4:2023; CWE-248; CWE-20
"""

from __future__ import annotations

from urllib.parse import quote

from seatrial.issue import Severity
from seatrial.verification.controls import alive
from seatrial.verification.faulty import judged
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session

_PAGES = ("limit", "offset", "skip", "page", "size", "per_page", "page_size")
MOST = 3


def check(session: Session) -> Finding:
    """List with odd parameters, those that the service has."""
    known = [it for it in session.resource.query if it.lower() in _PAGES] or ["limit", "offset"]
    other = [it for it in session.resource.query if it.lower() not in _PAGES]
    if not session.resource.listed:
        return skipped("the resource has no list")
    asked = [(name, value) for name, value in zip(known[:2], ("-1", str(2**63)), strict=False)]
    asked += [(name, "\0") for name in other[:1]]
    collection = session.resource.listing_of(session.a.id)
    seen = []
    for name, value in asked[:MOST]:
        what = f"{name}={value}" if value != "\0" else f"a NUL in {name}"
        exchange = session.send("GET", f"{collection}?{name}={quote(value)}", by=session.a, note=what)
        seen.append((what, exchange))
    return judged(seen, alive(session))


PROBE = Probe(
    id="errors.odd-queries",
    name="Odd parameters of a list are refused",
    check=check,
    severity=Severity.WARNING,
    reference="OWASP API4:2023, CWE-248, CWE-20",
    requirements=("B10",),
    requests=MOST,
    cause="The parameter reaches the database unchecked.",
    fix="Bound it: `Annotated[int, Query(ge=1, le=100)]`.",
    needs=(Need.USER, Need.THING),
    rank=5,
)
