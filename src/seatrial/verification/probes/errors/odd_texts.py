"""Odd texts are stored or refused

## What it asks
A creates objects whose text holds a NUL, or half a surrogate pair.

## What is right
They are refused with 4xx, or stored. Never 5xx.

## Why it matters
PostgreSQL takes no NUL in a text, and no encoder takes half a surrogate pair: both come from a phone's clipboard or
from an attacker, and both end in a 500 where nobody looked.

## How to mend it
A validator that refuses them: `if "\\0" in text: raise ValueError`; pydantic's strings refuse half pairs by
themselves.

## Reference
CWE-248; CWE-20
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.estate import Refused
from seatrial.verification.exchange import Exchange
from seatrial.verification.faulty import judged
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session

ODD = (("a NUL in a text", "\0"), ("half a surrogate pair", "\ud800"))


def check(session: Session) -> Finding:
    """Create from odd texts; what comes of it is the run's own and is removed."""
    mine = session.mine(session.a)
    seen = [(what, _create(session, text)) for what, text in ODD]
    return judged(seen, mine.made)


def _create(session: Session, text: str) -> Exchange:
    try:
        return session.estate.create(session.a, text).made
    except Refused as refusal:
        return refusal.exchange


PROBE = Probe(
    id="errors.odd-texts",
    name="Odd texts are stored or refused",
    check=check,
    severity=Severity.WARNING,
    reference="CWE-248, CWE-20",
    requirements=("B10",),
    requests=4,
    cause="The text reaches the database or the encoder unchecked.",
    fix="Refuse NUL and half surrogate pairs in a validator.",
    needs=(Need.USER, Need.THING),
    rank=5,
    writes=True,
)
