"""A token that says it needs no signature is refused

## What it asks
A's token with `none`, `NONE` and `nOnE` as its algorithm and no signature, and once without the last dot.

## What is right
401.

## Why it matters
The token itself says how it is to be checked; a service that believes it checks nothing.

## How to mend it
Name the algorithms that you accept: `algorithms=["HS256"]`.

## Reference
RFC 8725 section 3.2; CWE-347
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.forging import SIGNATURE, own_token, refusals
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session
from seatrial.verification.tokens import unsigned

_SPELT = ("none", "NONE", "nOnE")


def check(session: Session) -> Finding:
    """No algorithm."""
    token = own_token(session)
    bodies = [(name, unsigned({**token.header, "alg": name}, token.claims)) for name in _SPELT]
    variants = [(f"of the algorithm {name}", f"{body}.") for name, body in bodies]
    return refusals(session, [*variants, ("of the algorithm none, in two parts", bodies[0][1])], SIGNATURE)


PROBE = Probe(
    id="jwt.none",
    name="A token that says it needs no signature is refused",
    check=check,
    severity=Severity.ERROR,
    reference="RFC 8725 section 3.2, CWE-347",
    requirements=("D3",),
    requests=7,
    cause="The algorithm is taken from the token.",
    fix='Name the algorithms that you accept: algorithms=["HS256"].',
    needs=(Need.TOKEN,),
    rank=0,
    core=True,
)
