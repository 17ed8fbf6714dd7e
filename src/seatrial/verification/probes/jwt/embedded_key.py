"""A key that the token brings along is not used

## What it asks
A's token, signed with a key of our own whose public half stands in the header (`jwk`).

## What is right
401.

## Why it matters
Then everybody signs with the key they bring.

## How to mend it
Take keys from your own configuration, by `kid` at most.

## Reference
RFC 8725 section 3.10; RFC 7515 section 4.1.3; CWE-347
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.forging import own_token, refusals, signed_by
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.published import key_pair
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """The key in the header."""
    token = own_token(session)
    key, public = key_pair()
    header = {**token.header, "alg": "RS256", "jwk": public}
    forged = signed_by(key, header, token.claims)
    return refusals(session, [("signed with the key in its own header", forged)], "jwt.brought")


PROBE = Probe(
    id="jwt.embedded-key",
    name="A key that the token brings along is not used",
    check=check,
    severity=Severity.ERROR,
    reference="RFC 8725 section 3.10, CWE-347",
    requirements=("D3",),
    requests=3,
    cause="The key is taken from the token's header.",
    fix="Take keys from your own configuration, by kid at most.",
    needs=(Need.TOKEN,),
    rank=2,
)
