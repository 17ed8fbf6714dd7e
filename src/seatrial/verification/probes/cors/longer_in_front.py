"""A host that ends like the front end's is refused

## What it asks
A page of `https://evilapp.example.com` and one of `https://evil-app.example.com`, where the front end is
`https://app.example.com`.

## What is right
Neither is allowed.

## Why it matters
Anybody can register such a name, and then acts with the credentials of whoever visits.

## How to mend it
Compare whole origins. An expression needs its beginning: `^https://app\\.example\\.com$`; `endswith` is no comparison.

## Reference
OWASP API8:2023; CWE-942; OWASP WSTG-CLNT-07
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import refuses
from seatrial.verification.origins import longer_in_front
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Pages of hosts with letters before the front end's ask."""
    origins = longer_in_front(session.frontend)
    if not origins:
        return skipped("the front end's host cannot be lengthened")
    return refuses(session, origins, "only the end of the origin is compared", PROBE.severity)


PROBE = Probe(
    id="cors.longer-in-front",
    name="A host that ends like the front end's is refused",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API8:2023, CWE-942, WSTG-CLNT-07",
    requirements=("D4", "C4"),
    requests=4,
    cause="Only the end of the origin is compared.",
    fix="Compare whole origins.",
    needs=(Need.FRONTEND,),
    rank=3,
)
