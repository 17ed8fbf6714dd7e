"""The key that signs tokens is not a common one

## What it asks
Nothing is sent: about 200 keys of tutorials, templates and defaults, and the empty one, are tried against the
signature of A's own token.

## What is right
None of them fits.

## Why it matters
Whoever guesses the key signs tokens for everybody, and nobody notices.

## How to mend it
Make one of 32 random bytes (`openssl rand -hex 32`), keep it in the environment, and refuse to start without.

## Reference
RFC 8725 section 3.5; RFC 7518 section 3.2; CWE-1391
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.common_keys import COMMON
from seatrial.verification.forging import keyed_by, own_token
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Common keys against A's own token."""
    token = own_token(session)
    if not token.hashed:
        return skipped("tokens are not signed with a shared key")
    opened = session.door.opened
    found = keyed_by(token, COMMON)
    if found is None:
        return passed(f"none of {len(COMMON)} common keys has signed A's token", opened, control=opened)
    session.signing_key = session.signing_key or found.encode()
    name = f"{found[:2]}{'*' * max(0, len(found) - 2)}" if found else "the empty one"
    return failed(f"the key is a common one of {len(found)} characters: {name}", opened)


PROBE = Probe(
    id="jwt.weak-key",
    name="The key that signs tokens is not a common one",
    check=check,
    severity=Severity.ERROR,
    reference="RFC 8725 section 3.5, CWE-1391",
    requirements=("D3",),
    requests=2,
    cause="The key stands in a tutorial, a template or a default.",
    fix="Make one of 32 random bytes (openssl rand -hex 32) and refuse to start without.",
    needs=(Need.TOKEN,),
    rank=0,
)
