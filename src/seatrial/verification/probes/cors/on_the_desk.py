"""Development servers are refused

## What it asks
Pages of `http://localhost:3000` and `http://localhost:5173`, where the front end is
elsewhere.

## What is right
None is allowed.

## Why it matters
Any program that listens on the user's own machine, and whatever is served there by mistake, can act as the user.

## How to mend it
Take the allowed origins from the environment, and leave the ones of development out of it in production.

## Reference
OWASP API8:2023; CWE-942; OWASP WSTG-CLNT-07
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import refuses
from seatrial.verification.origins import on_the_desk
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Pages of development servers ask."""
    origins = on_the_desk(session.frontend)
    if not origins:
        return skipped("the front end is a development server itself")
    return refuses(session, origins, "an origin of development is allowed in production", PROBE.severity)


PROBE = Probe(
    id="cors.development-origins",
    name="Development servers are refused",
    check=check,
    severity=Severity.WARNING,
    reference="OWASP API8:2023, CWE-942, WSTG-CLNT-07",
    requirements=("D4", "C4"),
    requests=4,
    cause="The origins of development are allowed in production.",
    fix="Take the origins from the environment; production names its own only.",
    needs=(Need.FRONTEND,),
    rank=3,
)
