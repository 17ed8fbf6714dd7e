"""TRACE is refused

## What it asks
`TRACE` with a header of its own.

## What is right
405, and the header is not in the answer.

## Why it matters
TRACE answers with the request as it came in, with the headers that proxies add: addresses, and credentials that
were meant for the next one only.

## How to mend it
Do not route it; in a proxy before the service, switch it off (`TraceEnable off`).

## Reference
RFC 9110, section 9.3.8; OWASP WSTG-CONF-06
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.controls import alive
from seatrial.verification.probe import Finding, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Trace."""
    echo = session.estate.marker("trace")
    path = session.api.health[0] if session.api.health else "/"
    seen = session.send("TRACE", path, headers=(("X-Seatrial", echo),), note="asks for its own request")
    if seen.shows(echo) or seen.good:
        return failed(f"TRACE answered {seen.status}" + (" with the request" if seen.shows(echo) else ""), seen)
    return passed(f"refused: {seen.status}", seen, control=alive(session))


PROBE = Probe(
    id="methods.trace",
    name="TRACE is refused",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 9110 section 9.3.8, WSTG-CONF-06",
    requirements=("B10",),
    requests=2,
    cause="TRACE is routed or answered by a proxy.",
    fix="Do not route it; switch it off in the proxy.",
    rank=6,
)
