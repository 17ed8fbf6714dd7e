"""The owner of something cannot be changed

## What it asks
B changes its own object and sends `owner_id`, `user_id`, `owner` and `userId` with A's id, and the id of A's object,
along. Then A and B look.

## What is right
The fields are ignored or refused; the object stays B's and keeps its id.

## Why it matters
Whoever can move things between users can plant them, and whoever can change an id can overwrite.

## How to mend it
Take only the fields of a schema of its own for changes (`TaskUpdate`), never `setattr` over the whole body.

## Reference
OWASP API3:2023 Broken Object Property Level Authorization; CWE-915
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.foreign import claims_of_owner, owners_in
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped, unclear
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """B gives away what is its own."""
    methods = [it for it in ("PATCH", "PUT") if it in session.resource.methods]
    if not methods or not session.a.id:
        return skipped("nothing changes a thing" if session.a.id else "what the service calls A is not known")
    mine, own = session.mine(session.a), session.estate.create(session.b)
    claims = {session.resource.key: int(mine.id) if mine.id.isdigit() else mine.id, **claims_of_owner(session.a)}
    body = {**session.resource.template, session.resource.marked: own.marker, **claims}
    tried = session.send(methods[0], session.path_of(own), by=session.b, json=body, note="claims that it is A's")
    looked = session.read(own)
    theirs = session.listing(session.a, note="A looks") if session.resource.listed else session.read(mine)
    if tried.status == 405:
        return skipped("nothing changes a thing")
    owners = owners_in(looked, session.resource.key).values()
    if theirs.shows(own.marker) or not session.sees(own, looked) or session.a.id in owners:
        return failed("B makes A the owner of what was B's", tried, looked, theirs, root="isolation.mass")
    if not tried.good and tried.status not in (400, 403, 422):
        return unclear(f"the answer is {tried.status}", tried, settle="the service's own logs")
    return passed(
        f"a claim of another owner changes nothing: {tried.status}", tried, theirs, control=(own.made, looked)
    )


PROBE = Probe(
    id="isolation.mass-update",
    name="The owner of something cannot be changed",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API3:2023, CWE-915",
    requirements=("D3",),
    requests=7,
    cause="The body is copied into the object field by field.",
    fix="Use a schema for changes that has neither owner nor id.",
    needs=(
        Need.TWO_USERS,
        Need.THING,
    ),
    rank=1,
    writes=True,
)
