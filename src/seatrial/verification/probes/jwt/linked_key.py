"""A key that the token points at is not fetched

## What it asks
A's token, signed with a key of our own, with a `jku` and an `x5u` that point at a name which cannot exist
(`.invalid`), so that nothing outside is asked.

## What is right
401, and never a 5xx: that would mean that the service tried.

## Why it matters
Then everybody signs with the key they publish, and the service fetches what strangers tell it to.

## How to mend it
Ignore `jku` and `x5u`, or compare them with a list.

## Reference
RFC 8725 section 3.10; CWE-918
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.forging import own_token, refusals, signed_by
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.published import key_pair
from seatrial.verification.session import Session

_NOWHERE = "https://keys.seatrial.invalid/"


def check(session: Session) -> Finding:
    """The key at an address in the header."""
    token = own_token(session)
    key, _ = key_pair()
    pointing = {"alg": "RS256", "kid": "seatrial", "jku": f"{_NOWHERE}jwks.json", "x5u": f"{_NOWHERE}x5u.pem"}
    forged = signed_by(key, {**token.header, **pointing}, token.claims)
    return refusals(session, [("signed with a key that its header points at", forged)], "jwt.brought")


PROBE = Probe(
    id="jwt.linked-key",
    name="A key that the token points at is not fetched",
    check=check,
    severity=Severity.ERROR,
    reference="RFC 8725 section 3.10, CWE-918",
    requirements=("D3",),
    requests=4,
    cause="The key is fetched from where the token says.",
    fix="Ignore jku and x5u, or compare them with a list.",
    needs=(Need.TOKEN,),
    rank=2,
)
