"""The owner of something new cannot be chosen

## What it asks
B makes an object and sends `owner_id`, `user_id`, `owner` and `userId` with A's id along. Then A and B look.

## What is right
The fields are ignored or refused; what is made is B's, and A does not find it.

## Why it matters
Whoever can name the owner can plant things with others, or take what a plan or quota forbids.

## How to mend it
Take only the fields of a schema of its own for input (`TaskCreate`), and set the owner from the token.

## Reference
OWASP API3:2023 Broken Object Property Level Authorization; CWE-915
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.exchange import Exchange
from seatrial.verification.foreign import claims_of_owner, owners_in
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped, unclear
from seatrial.verification.session import Session
from seatrial.verification.user import User


def check(session: Session) -> Finding:
    """B makes something that claims to be A's."""
    if not session.a.id:
        return skipped("what the service calls A is not known", "an operation that tells a user's id")
    own, marker = session.mine(session.b), session.estate.marker("claimed")
    path = session.resource.collection_of(session.b.id)
    tried = session.estate.attempt(session.b, marker, path, session.b, claims_of_owner(session.a))
    if not tried.good:
        if tried.status in (400, 403, 422):
            return passed(f"a claim of another owner is refused: {tried.status}", tried, control=own.made)
        return unclear(f"the answer is {tried.status}", tried, settle="the service's own logs")
    identity = str(session.body_of(tried).get(session.resource.key, ""))
    looked = [_look(session, user, identity) for user in (session.a, session.b)]
    owners = owners_in(tried, session.resource.key)
    if looked[0].shows(marker) or session.a.id in owners.values():
        return failed("B makes something that is A's", tried, *looked, root="isolation.mass")
    if not looked[1].shows(marker):
        return failed("what B has made is B's no longer", tried, *looked, root="isolation.mass")
    return passed("a claim of another owner is ignored", tried, looked[0], control=(own.made, looked[1]))


def _look(session: Session, user: User, identity: str) -> Exchange:
    """What a user finds of the new thing, by its id or in the list."""
    if not session.resource.readable:
        return session.listing(user, note=f"{user.label} looks")
    return session.send("GET", session.resource.item_of(user.id, identity), by=user, note=f"{user.label} looks")


PROBE = Probe(
    id="isolation.mass-create",
    name="The owner of something new cannot be chosen",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API3:2023, CWE-915",
    requirements=("D3",),
    requests=5,
    cause="The body is copied into the object field by field.",
    fix="Use a schema for input that has no owner, and set the owner from the token.",
    needs=(
        Need.TWO_USERS,
        Need.THING,
    ),
    rank=1,
    writes=True,
)
