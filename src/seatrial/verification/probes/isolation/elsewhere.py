"""Nothing else that is below a user's id is open to nobody

## What it asks
The other lists that the schema has below the id of a user, with A's id and without credentials; then, without them too,
a creation with an empty body where fields are required, so that nothing is made.

## What is right
401 (403 is tolerated) for the list, or at least for the creation.

## Why it matters
The router of the tasks asks who is there, and the one of the tags that came later does not: whoever knows an id reads
and writes what is that user's.

## How to mend it
Put the dependency that finds the user on every router, and compare its id with that of the path.

## Reference
OWASP API2:2023 Broken Authentication; CWE-306 Missing Authentication for Critical Function
"""

from __future__ import annotations

from urllib.parse import quote

from seatrial.issue import Severity
from seatrial.verification.api import Resource
from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped, unclear
from seatrial.verification.session import Session

_MOST = 2  # other resources that are looked at


def check(session: Session) -> Finding:
    """Nobody in particular lists and makes what is below A's id."""
    others = [it for it in session.api.others if it.by_user and it.listed and it.template and not it.public]
    if not others:
        return skipped("the schema has no other list below the id of a user")
    seen: list[Exchange] = []
    for it in others[:_MOST]:
        listed = session.send("GET", _at(it.listing or it.collection, session), note="without credentials")
        made = session.send("POST", _at(it.collection, session), json={}, note="without credentials, an empty body")
        if listed.good and made.status not in (401, 403):
            said = f"without credentials the {it.name}s of A are listed, and an empty one is answered {made.status}"
            return failed(f"{said}, not 401", listed, made, root="isolation.anonymous")
        if listed.good:
            return unclear(f"everybody may list the {it.name}s of A", listed, made, settle="the people who know why")
        seen += [listed, made]
    return passed(f"refused: {', '.join(str(it.status) for it in seen)}", *seen, control=_shown(session, others[0]))


def _shown(session: Session, resource: Resource) -> tuple[Exchange, ...]:
    """A's own list, as the control; none where that is refused as well, and then nothing is shown."""
    own = session.send("GET", _at(resource.listing or resource.collection, session), by=session.a, note="control")
    return (own,) if own.good else ()


def _at(path: str, session: Session) -> str:
    return path.replace("{user}", quote(session.a.id, safe=""))


PROBE = Probe(
    id="isolation.elsewhere",
    name="Nothing else below a user's id is open to nobody",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API2:2023, CWE-306",
    requirements=("D3",),
    requests=2 * _MOST + 1,
    cause="A router does not ask who is there.",
    fix="Put the dependency that finds the user on every router.",
    needs=(Need.USER, Need.THING),
    rank=1,
    writes=True,
)
