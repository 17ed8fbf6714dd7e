"""Answers hold no secrets of users

## What it asks
Every answer of the run so far that holds JSON is looked through for fields named like a password, a hash, a salt or a
secret; and the account of A is asked for.

## What is right
None. Tokens that a login hands out are what it is for.

## Why it matters
A hash that is sent is a hash that is attacked at leisure.

## How to mend it
Declare a `response_model` of its own (`UserRead`) that has no such field.

## Reference
OWASP API3:2023; CWE-213
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Severity
from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session

_SECRET = re.compile(r"passw|^pwd$|hash|^salt$|secret|^otp|totp|private_?key", re.I)
_DEEPEST = 6


def check(session: Session) -> Finding:
    """The names of all fields that were answered."""
    me = session.api.accounts.me
    if session.api.resource:
        session.mine(session.a)
    asked = [session.send("GET", me.path, by=session.a, note="its own account")] if me else [session.door.opened]
    seen = [it for it in session.client.ledger if it.good and it.answer.json is not None and it.request.by != "nobody"]
    for it in seen:
        for name in _fields(it.answer.json):
            return failed(f"{it.request.method} {it.request.url} answers with {name!r}", it)
    return passed(f"{len(seen)} answers hold no such field", *asked, control=_telling(seen, asked))


def _telling(seen: list[Exchange], asked: list[Exchange]) -> tuple[Exchange, ...]:
    """Answers that were looked through and do hold fields."""
    return tuple(it for it in (*asked, *seen) if isinstance(it.answer.json, dict | list))[:2]


def _fields(document: object, depth: int = 0) -> Iterator[str]:
    """The fields named like a secret that have a text in them."""
    if depth > _DEEPEST:
        return
    if isinstance(document, dict):
        for name, value in document.items():
            if isinstance(value, str) and value and _SECRET.search(str(name)):
                yield str(name)
            yield from _fields(value, depth + 1)
    elif isinstance(document, list):
        for value in document[:20]:
            yield from _fields(value, depth + 1)


PROBE = Probe(
    id="isolation.excess",
    name="Answers hold no secrets of users",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API3:2023, CWE-213",
    requirements=("D3",),
    requests=3,
    cause="The row of the database is answered as it is.",
    fix="Declare a response model that has no such field.",
    needs=(Need.USER,),
    rank=2,
)
