"""The service bears its load

## What it asks
As many users as `--load USERS:SECONDS` says read the health endpoint and what is A's, for so long, with locust. For
more than one machine run locust's own workers beside it.

## What is right
Every answer is a success, or a refusal that says so: 429 or 503. The service is well afterwards.

## Why it matters
A service that is asked for too much has to refuse some requests quickly. One that answers 500, or nothing, fails
for everybody.

## How to mend it
Bound what is in flight, give the pool a timeout, and answer 503 with `Retry-After` beyond that.

## Reference
OWASP API4:2023; CWE-770
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.controls import alive
from seatrial.verification.load import Load, measure
from seatrial.verification.probe import Finding, Probe, failed, passed, skipped
from seatrial.verification.pulse import endpoint
from seatrial.verification.session import Session

HONEST = frozenset({429, 503})


def check(session: Session) -> Finding:
    """Let them read, and look afterwards."""
    if session.options.load is None:
        return skipped("no load was asked for", "--load USERS:SECONDS")
    users, seconds = session.options.load
    control = alive(session)
    paths = [endpoint(session), *([session.door.path] if session.users else [])]
    headers = dict(session.a.headers) if session.users else {}
    found = measure(session, users, seconds, paths, headers)
    after = session.send("GET", paths[0], note="after the load")
    facts = _facts(found, users, seconds)
    broken = {status: number for status, number in found.errors.items() if status not in HONEST}
    if broken:
        said = ", ".join(f"{number} times {status or 'no answer'}" for status, number in sorted(broken.items()))
        return failed(f"under load: {said}", after, facts=facts)
    if not after.good:
        return failed(f"after the load the service answers {after.status}", after, facts=facts)
    return passed(f"{found.per_second:.0f} requests a second", after, control=control, facts=facts)


def _facts(found: Load, users: int, seconds: float) -> tuple[str, ...]:
    errors = ", ".join(f"{number} times {status}" for status, number in sorted(found.errors.items())) or "none"
    return (
        f"{users} users for {seconds:.0f} s: {found.requests} requests, {found.per_second:.1f} a second",
        f"half within {found.p50:.0f} ms, 95 % within {found.p95:.0f} ms, 99 % within {found.p99:.0f} ms",
        f"error answers: {errors}",
    )


PROBE = Probe(
    id="limits.load",
    name="The service bears its load",
    check=check,
    severity=Severity.WARNING,
    reference="OWASP API4:2023, CWE-770",
    requirements=("B10",),
    requests=2,
    extra=2,
    cause="Too much is taken in, and then fails.",
    fix="Bound what is in flight, and answer 503 with `Retry-After` beyond that.",
    rank=8,
)
