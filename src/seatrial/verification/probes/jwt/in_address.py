"""A token in the address opens nothing

## What it asks
A's token as `access_token` in the query, and none in the header.

## What is right
401.

## Why it matters
Addresses are written into logs, histories and referrers, and so are the tokens in them.

## How to mend it
Read the token from the header (or from a cookie) only.

## Reference
RFC 6750 section 2.3 and 5.3; CWE-598
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.exchange import Exchange
from seatrial.verification.forging import judged
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """The token in the query."""
    door, me = session.door, session.api.accounts.me
    tried = _tried(session, door.path)
    if tried.status in (400, 422) and me and me.path != door.path:
        tried = _tried(session, me.path)  # a strict query says nothing of the token in it
    return judged([tried], door.opened)


def _tried(session: Session, path: str) -> Exchange:
    return session.send("GET", f"{path}?access_token={session.a.jwt}&token={session.a.jwt}", note="in the address")


PROBE = Probe(
    id="jwt.in-address",
    name="A token in the address opens nothing",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 6750 section 2.3, CWE-598",
    requirements=("D3",),
    requests=3,
    cause="The token is read from the query as well.",
    fix="Read the token from the header (or from a cookie) only.",
    needs=(Need.TOKEN,),
    rank=3,
)
