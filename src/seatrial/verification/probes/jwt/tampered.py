"""A token whose claims were changed is refused

## What it asks
A's token with B as its subject, and with a later end, under the old signature.

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
from seatrial.verification.forging import SIGNATURE, judged, own_token, tried
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session
from seatrial.verification.tokens import unsigned


def check(session: Session) -> Finding:
    """Other claims under the old signature."""
    token = own_token(session)
    end = token.claims.get("exp")
    later = {**token.claims, "exp": int(end) + 3600 if isinstance(end, int | float) else 4102444800}
    seen = [tried(session, "changed in its end", f"{unsigned(token.header, later)}.{token.signature}")]
    if len(session.users) > 1 and session.b.id:
        forged = f"{unsigned(token.header, {**token.claims, 'sub': session.b.id})}.{token.signature}"
        seen.append(tried(session, "changed in its subject", forged, of=session.b))
    return judged(seen, session.door.opened, SIGNATURE)


PROBE = Probe(
    id="jwt.tampered",
    name="A token whose claims were changed is refused",
    check=check,
    severity=Severity.ERROR,
    reference="RFC 8725 section 3.3, CWE-347",
    requirements=("D3",),
    requests=4,
    cause="The token is decoded and its signature not checked.",
    fix='Decode with the key and the algorithm that you sign with: jwt.decode(token, key, algorithms=["HS256"]).',
    needs=(Need.TOKEN,),
    rank=0,
    core=True,
)
