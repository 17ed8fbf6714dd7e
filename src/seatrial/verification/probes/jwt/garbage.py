"""What is no token is refused

## What it asks
`Bearer` alone, one and three short parts, parts that are no JSON, 64 thousand characters, and `Basic`.

## What is right
401, or 400 or 431; never a 5xx, and never a 2xx.

## Why it matters
What a stranger can send must not raise what nobody catches.

## How to mend it
Catch the library's base class where the token is read, and answer 401.

## Reference
RFC 6750 section 3.1; CWE-20
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.forging import judged
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session
from seatrial.verification.user import BEARER, User

_TEXTS = (
    ("nothing but Bearer", "Bearer", ""),
    ("one part", BEARER, "a"),
    ("three parts", BEARER, "a.b.c"),
    ("parts that are no JSON", BEARER, "bm90LWpzb24.bm90LWpzb24.bm90LWpzb24"),
    ("a list where an object belongs", BEARER, "W10.W10.W10"),
    ("64 thousand characters", BEARER, "eyJ" + "x" * 64000),
    ("Basic", "Authorization: Basic {token}", "YTpi"),
)


def check(session: Session) -> Finding:
    """What is no token."""
    door = session.door
    seen = []
    for note, carrier, text in _TEXTS:
        headers = User("A", token=text, carrier=carrier).headers if text else (("Authorization", carrier),)
        seen.append(session.send("GET", door.path, headers=headers, note=note))
    return judged(seen, door.opened, others=(400, 413, 414, 431))


PROBE = Probe(
    id="jwt.garbage",
    name="What is no token is refused",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 6750 section 3.1, CWE-20",
    requirements=("D3",),
    requests=11,
    cause="What the library raises is not caught.",
    fix="Catch the library's base class where the token is read, and answer 401.",
    needs=(Need.TOKEN,),
    rank=2,
)
