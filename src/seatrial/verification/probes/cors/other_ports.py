"""Another port of the front end's host is refused

## What it asks
A page of the front end's host on another port.

## What is right
It is not allowed.

## Why it matters
Another port is another server, which may belong to somebody else or to a tool that nobody guards.

## How to mend it
Compare whole origins, the port included.

## Reference
OWASP API8:2023; CWE-942; OWASP WSTG-CLNT-07
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import refuses
from seatrial.verification.origins import other_ports
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """A page of another port asks."""
    origins = other_ports(session.frontend)
    if not origins:
        return skipped("the front end has no host")
    return refuses(session, origins, "the port is not compared", PROBE.severity)


PROBE = Probe(
    id="cors.other-port",
    name="Another port of the front end's host is refused",
    check=check,
    severity=Severity.WARNING,
    reference="OWASP API8:2023, CWE-942, WSTG-CLNT-07",
    requirements=("D4", "C4"),
    requests=3,
    cause="The port is not compared.",
    fix="Compare whole origins.",
    needs=(Need.FRONTEND,),
    rank=3,
)
