"""A token whose signature was cut is refused

## What it asks
A's token with half of its signature.

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

from seatrial.issue import Severity
from seatrial.verification.forging import SIGNATURE, own_token, refusals
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Half of the signature."""
    token = own_token(session)
    half = token.signature[: len(token.signature) // 8 * 4]  # of a length that base64 can have
    return refusals(session, [("cut in its signature", f"{token.body}.{half}")], SIGNATURE)


PROBE = Probe(
    id="jwt.cut-signature",
    name="A token whose signature was cut is refused",
    check=check,
    severity=Severity.ERROR,
    reference="RFC 8725 section 3.3, CWE-347",
    requirements=("D3",),
    requests=3,
    cause="The token is decoded and its signature not checked.",
    fix='Decode with the key and the algorithm that you sign with: jwt.decode(token, key, algorithms=["HS256"]).',
    needs=(Need.TOKEN,),
    rank=1,
)
