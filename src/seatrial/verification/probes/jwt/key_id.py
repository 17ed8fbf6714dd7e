"""The name of a key is no path and no query

## What it asks
A's token with a `kid` that leads to an empty file, signed with the empty key, and one that ends a query in SQL and
brings its own key.

## What is right
401, and never a 5xx.

## Why it matters
A `kid` that is used as a file name or pasted into SQL lets the sender choose the key.

## How to mend it
Look the `kid` up in a dictionary of the keys that there are.

## Reference
RFC 8725 section 3.10; CWE-22; CWE-89
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.forging import own_token, refusals
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session
from seatrial.verification.tokens import signed

_EMPTY = "../../../../../../../../dev/null"
_QUERY = "x' UNION SELECT 'seatrial' -- "


def check(session: Session) -> Finding:
    """Names of keys that are more than names."""
    token = own_token(session)
    header = {**token.header, "alg": "HS256"}
    variants = [
        ("named after an empty file", signed({**header, "kid": _EMPTY}, token.claims, b"")),
        ("named by a query", signed({**header, "kid": _QUERY}, token.claims, b"seatrial")),
    ]
    return refusals(session, variants, "jwt.brought")


PROBE = Probe(
    id="jwt.key-id",
    name="The name of a key is no path and no query",
    check=check,
    severity=Severity.ERROR,
    reference="RFC 8725 section 3.10, CWE-22, CWE-89",
    requirements=("D3",),
    requests=4,
    cause="The kid of the token is used as a path or in a query.",
    fix="Look the kid up in a dictionary of the keys that there are.",
    needs=(Need.TOKEN,),
    rank=2,
)
