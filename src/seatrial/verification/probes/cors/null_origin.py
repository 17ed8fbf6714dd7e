"""The origin `null` is refused

## What it asks
A page without an origin reads with the user's credentials: a sandboxed frame, a file, a redirect across origins.

## What is right
No `Access-Control-Allow-Origin: null`.

## Why it matters
Any page can make a frame whose origin is `null`; to allow it is to allow everybody.

## How to mend it
Take `null` off the list of origins. For files opened from a disk use a local server instead.

## Reference
OWASP API8:2023; CWE-942; Fetch Standard, CORS protocol
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import refuses
from seatrial.verification.probe import Finding, Probe
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """A page without an origin asks."""
    return refuses(session, ("null",), "every page can make itself such a frame", PROBE.severity)


PROBE = Probe(
    id="cors.null-origin",
    name="The origin null is refused",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API8:2023, CWE-942",
    requirements=("D4", "C4"),
    requests=3,
    cause="`null` is on the list of origins.",
    fix="Take `null` off the list.",
    rank=2,
)
