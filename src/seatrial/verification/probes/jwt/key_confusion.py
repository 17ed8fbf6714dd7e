"""The public key does not sign tokens

## What it asks
Where tokens are signed with a private key: the service's own public key, which everybody may read, used as a shared
one (HS256), as PEM with and without a final newline, as DER, and as JSON.

## What is right
401.

## Why it matters
A library that takes the algorithm from the token checks with the public key as if it were a secret, and everybody has
it.

## How to mend it
Name the algorithms that you accept, of one kind only: `algorithms=["RS256"]`.

## Reference
RFC 8725 section 2.1; CWE-327; CVE-2015-9235
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.forging import own_token, refusals
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.published import published_keys
from seatrial.verification.session import Session
from seatrial.verification.tokens import signed


def check(session: Session) -> Finding:
    """The public key as a shared one."""
    token = own_token(session)
    if token.hashed:
        return skipped("tokens are signed with a shared key, so that there is no public one")
    keys = published_keys(session)
    if not keys:
        return skipped("the service publishes no key that signs its tokens", "a JWKS at /.well-known/jwks.json")
    header = {**token.header, "alg": "HS256"}
    variants = [(f"signed with the public key as {name}", signed(header, token.claims, key)) for name, key in keys]
    return refusals(session, variants, "jwt.confusion")


PROBE = Probe(
    id="jwt.key-confusion",
    name="The public key does not sign tokens",
    check=check,
    severity=Severity.ERROR,
    reference="RFC 8725 section 2.1, CWE-327, CVE-2015-9235",
    requirements=("D3",),
    requests=10,
    cause="Algorithms of both kinds are accepted, with the one key.",
    fix='Name the algorithms of one kind only: algorithms=["RS256"].',
    needs=(Need.TOKEN,),
    rank=1,
)
