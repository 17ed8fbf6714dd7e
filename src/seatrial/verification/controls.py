"""Answers that the probes hold their findings against: that the server is alive, and what it says to nonsense."""

from __future__ import annotations

from contextlib import suppress

from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Unclear
from seatrial.verification.session import Session


def alive(session: Session) -> Exchange:
    """An answer of 2xx in this run, by which a refusal is seen to be one. Raises Unclear where there is none."""
    if session.users:
        with suppress(Unclear):
            return session.door.opened
    for it in session.client.ledger:
        if it.good:
            return it
    raise Unclear("the server has not answered anything with success", "a path that answers")


def nowhere(session: Session) -> Exchange:
    """What the server says to a path that certainly does not exist, asked once."""
    path = f"/{session.estate.marker('nowhere')}"
    return session.once("nowhere", lambda: session.send("GET", path, note="control: a path that does not exist"))


def differs(exchange: Exchange, session: Session) -> bool:
    """Whether an answer is another than the one to nonsense: some servers answer 200 to everything."""
    other = nowhere(session)
    return exchange.status != other.status or exchange.answer.body[:2000] != other.answer.body[:2000]
