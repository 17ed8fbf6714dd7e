"""The health endpoint does not contradict itself

## What it asks
Nothing new: it reads the answer of the health endpoint.

## What is right
A 200 whose body names nothing that is down. Where something is, the status is 503.

## Why it matters
Platforms and load balancers read the status and nothing else. 200 with `"database": "disconnected"` keeps a service in
traffic that cannot serve.

## How to mend it
Answer 503 where a part is down that the service cannot do without.

## Reference
draft-inadarei-api-health-check-06, section 3.1: for `fail` the status MUST be 4xx or 5xx
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, unclear
from seatrial.verification.pulse import complaints, pulse
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Compare the status with what the body says."""
    seen = pulse(session)
    said = complaints(seen)
    if seen.good and said:
        return failed(f"{seen.status}, and yet {', '.join(said)}", seen)
    if not seen.good:
        return unclear(f"the endpoint answers {seen.status}", seen, settle="a service that is healthy")
    return passed("status and body agree", seen, control=seen)


PROBE = Probe(
    id="health.contradiction",
    name="The health endpoint does not contradict itself",
    check=check,
    severity=Severity.ERROR,
    reference="draft-inadarei-api-health-check-06",
    requirements=("D2", "C5"),
    requests=1,
    cause="The failure is caught and told in the body only.",
    fix="Answer 503 where a needed part is down.",
    needs=(Need.HEALTH,),
    rank=0,
    core=True,
)
