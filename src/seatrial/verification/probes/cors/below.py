"""A host below the front end's is refused

## What it asks
A page of `https://evil.app.example.com`.

## What is right
It is not allowed, unless it was meant to be.

## Why it matters
A forgotten subdomain that somebody else takes over, or a page with user content, then reads as the user.

## How to mend it
Name the subdomains that are meant.

## Reference
OWASP API8:2023; CWE-942; OWASP WSTG-CLNT-07
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import refuses
from seatrial.verification.origins import below
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """A page of a host below the front end's asks."""
    origins = below(session.frontend)
    if not origins:
        return skipped("the front end's host is an address")
    return refuses(session, origins, "any host below the front end's is allowed", PROBE.severity)


PROBE = Probe(
    id="cors.subdomain",
    name="A host below the front end's is refused",
    check=check,
    severity=Severity.WARNING,
    reference="OWASP API8:2023, CWE-942, WSTG-CLNT-07",
    requirements=("D4", "C4"),
    requests=3,
    cause="The expression allows every subdomain.",
    fix="Name the subdomains that are meant.",
    needs=(Need.FRONTEND,),
    rank=3,
)
