"""A host that begins like the front end's is refused

## What it asks
A page of `https://app.example.com.evil.example`, where the front end is `https://app.example.com`.

## What is right
It is not allowed.

## Why it matters
Anybody can make such a name below a domain of their own.

## How to mend it
Compare whole origins. An expression is matched with `fullmatch`; `startswith` and `in` are no comparison.

## Reference
OWASP API8:2023; CWE-942; OWASP WSTG-CLNT-07
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import refuses
from seatrial.verification.origins import longer_behind
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Pages of hosts with letters behind the front end's ask."""
    origins = longer_behind(session.frontend)
    if not origins:
        return skipped("the front end's host cannot be lengthened")
    return refuses(session, origins, "only the beginning of the origin is compared", PROBE.severity)


PROBE = Probe(
    id="cors.longer-behind",
    name="A host that begins like the front end's is refused",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API8:2023, CWE-942, WSTG-CLNT-07",
    requirements=("D4", "C4"),
    requests=4,
    cause="Only the beginning of the origin is compared.",
    fix="Compare whole origins.",
    needs=(Need.FRONTEND,),
    rank=3,
)
