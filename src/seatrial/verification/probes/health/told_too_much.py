"""The health endpoint gives nothing away

## What it asks
Nothing new: it reads the answer of the health endpoint.

## What is right
Neither the URL of a database, nor an exception, nor a path of the server.

## Why it matters
The endpoint is public. Addresses, users and versions are where an attack begins.

## How to mend it
Answer `{"status": "pass"}`, and write the details to the log.

## Reference
OWASP API8:2023; CWE-209; CWE-200
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.leaks import leaks
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.pulse import pulse
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Read what it tells."""
    seen = pulse(session)
    told = leaks(seen)
    if told:
        return failed(f"it tells {', '.join(told)}", seen)
    return passed("it tells how the service is, and no more", seen, control=seen)


PROBE = Probe(
    id="health.told-too-much",
    name="The health endpoint gives nothing away",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API8:2023, CWE-209, CWE-200",
    requirements=("D2",),
    requests=1,
    cause="The endpoint repeats the exception or the settings.",
    fix="Answer with the status only, and log the rest.",
    needs=(Need.HEALTH,),
    rank=1,
)
