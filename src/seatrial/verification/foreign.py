"""What the probes of isolation share: the paths at which B tries, and A's own look as the control."""

from __future__ import annotations

from seatrial.verification.estate import Thing
from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Unclear
from seatrial.verification.session import Session


def foreign_paths(session: Session, it: Thing) -> tuple[str, ...]:
    """The paths at which B can ask for an object of A's: below A's id, and below B's own where paths name the user."""
    own = session.path_of(it)
    return (own, session.path_of(it, session.b)) if session.resource.by_user else (own,)


def owner_sees(session: Session, it: Thing) -> Exchange:
    """A's own look at its object, as the control. Raises Unclear where A does not see it."""
    exchange = session.read(it)
    if not (exchange.good and exchange.shows(it.marker)):
        raise Unclear(
            f"{it.owner.label} cannot read its own object: {exchange.status}", "a service in which that works"
        )
    return exchange
