"""A token for somebody else is refused

## What it asks
A's token, signed with the service's own key, with another `aud`, with none, and with a list of others. Only where its
own tokens carry one.

## What is right
401.

## Why it matters
Services that share a key, or an issuer, take each other's tokens.

## How to mend it
`jwt.decode(..., audience=...)` and `options={"require": ["aud"]}`.

## Reference
RFC 7519 section 4.1.3; RFC 8725 section 3.9; CWE-345
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.forging import mint_refused, own_token
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Another aud."""
    if "aud" not in own_token(session).claims:
        return skipped("the service's own tokens carry no aud")
    other = "https://elsewhere.invalid"
    variants: list[tuple[str, dict[str, object], tuple[str, ...]]] = [
        ("for somebody else", {"aud": other}, ()),
        ("without aud", {}, ("aud",)),
        ("for somebody else, in a list", {"aud": [other]}, ()),
    ]
    return mint_refused(session, variants)


PROBE = Probe(
    id="jwt.audience",
    name="A token for somebody else is refused",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 8725 section 3.9, CWE-345",
    requirements=("D3",),
    requests=5,
    cause="aud is not looked at.",
    fix="Pass audience to jwt.decode, and demand the claim.",
    needs=(
        Need.TOKEN,
        Need.SECRET,
    ),
    rank=2,
)
