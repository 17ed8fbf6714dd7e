"""A token signed with another key is refused

## What it asks
A's token, signed with a key that the service does not know.

## What is right
401, without looking at what the token claims.

## Why it matters
Whoever can write a token for others is everybody.

## How to mend it
`jwt.decode(token, key, algorithms=[...])`, with the algorithm that you sign with, and no `verify_signature: False`.

## Reference
RFC 8725 section 3.3; CWE-347 Improper Verification of Cryptographic Signature
"""

from __future__ import annotations

import secrets

from seatrial.issue import Severity
from seatrial.verification.forging import SIGNATURE, foreign_key, own_token, refusals, signed_by
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Signed with a key of our own."""
    token = own_token(session)
    key = secrets.token_bytes(32) if token.hashed else foreign_key(token.algorithm)
    forged = signed_by(key, token.header, token.claims)
    return refusals(session, [("signed with another key", forged)], SIGNATURE)


PROBE = Probe(
    id="jwt.wrong-key",
    name="A token signed with another key is refused",
    check=check,
    severity=Severity.ERROR,
    reference="RFC 8725 section 3.3, CWE-347",
    requirements=("D3",),
    requests=3,
    cause="The token is decoded and its signature not checked.",
    fix='Decode with the key and the algorithm that you sign with: jwt.decode(token, key, algorithms=["HS256"]).',
    needs=(Need.TOKEN,),
    rank=0,
    core=True,
)
