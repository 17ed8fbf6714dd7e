"""The front end's host without TLS is refused

## What it asks
A page of `http://app.example.com`, where the front end is `https://app.example.com`.

## What is right
It is not allowed.

## Why it matters
Whoever sits on the way (a café's network) can play that page, and reads through it as the user.

## How to mend it
Allow the https origin only.

## Reference
OWASP API8:2023; CWE-942; OWASP WSTG-CLNT-07
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import refuses
from seatrial.verification.origins import in_the_clear
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """A page of the same host, fetched in the clear, asks."""
    origins = in_the_clear(session.frontend)
    if not origins:
        return skipped("the front end has no TLS itself")
    return refuses(session, origins, "the same host without TLS is allowed", PROBE.severity)


PROBE = Probe(
    id="cors.without-tls",
    name="The front end's host without TLS is refused",
    check=check,
    severity=Severity.WARNING,
    reference="OWASP API8:2023, CWE-942, WSTG-CLNT-07",
    requirements=("D4", "C4"),
    requests=3,
    cause="The scheme is not compared.",
    fix="Allow the https origin only.",
    needs=(Need.FRONTEND,),
    rank=3,
)
