"""A token of somebody else is refused

## What it asks
A's token, signed with the service's own key, with another `iss`, with none, and with a list of others. Only where its
own tokens carry one.

## What is right
401.

## Why it matters
Services that share a key, or an issuer, take each other's tokens.

## How to mend it
`jwt.decode(..., issuer=...)` and `options={"require": ["iss"]}`.

## Reference
RFC 7519 section 4.1.1; RFC 8725 section 3.8; CWE-345
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.forging import mint_refused, own_token
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Another iss."""
    if "iss" not in own_token(session).claims:
        return skipped("the service's own tokens carry no iss")
    other = "https://elsewhere.invalid"
    variants: list[tuple[str, dict[str, object], tuple[str, ...]]] = [
        ("of somebody else", {"iss": other}, ()),
        ("without iss", {}, ("iss",)),
        ("of somebody else, in a list", {"iss": [other]}, ()),
    ]
    return mint_refused(session, variants)


PROBE = Probe(
    id="jwt.issuer",
    name="A token of somebody else is refused",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 8725 section 3.8, CWE-345",
    requirements=("D3",),
    requests=5,
    cause="iss is not looked at.",
    fix="Pass issuer to jwt.decode, and demand the claim.",
    needs=(
        Need.TOKEN,
        Need.SECRET,
    ),
    rank=2,
)
