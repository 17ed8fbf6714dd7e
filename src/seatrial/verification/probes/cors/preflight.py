"""Preflights allow no more than is used

## What it asks
The front end's page asks whether it may send a header that nobody uses.

## What is right
That header is not allowed, nor are TRACE and CONNECT, and the answer is kept for a day at most.

## Why it matters
It is a second fence: what the front end does not send, nobody needs to be allowed. An answer that browsers keep for
longer outlives its correction.

## How to mend it
`allow_headers=["authorization", "content-type"]`, the methods by name, `max_age=600`.

## Reference
Fetch Standard, CORS protocol; OWASP API8:2023
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import listed, preflight, welcomed
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session

UNUSED = "x-seatrial-unused"
DAY_S = 86_400


def check(session: Session) -> Finding:
    """Ask for a header that nobody uses."""
    control = welcomed(session)
    seen = preflight(session, session.frontend, "POST", UNUSED)
    if listed(seen, "access-control-allow-headers") & {UNUSED, "*"} and seen.good:
        return failed("any header is allowed", seen)
    if wide := listed(seen, "access-control-allow-methods") & {"trace", "connect"}:
        return failed(f"{', '.join(sorted(wide)).upper()} is allowed", seen)
    kept = seen.answer.header("access-control-max-age") or ""
    if kept.isdigit() and int(kept) > DAY_S:
        return failed(f"browsers may keep the answer for {int(kept)} s", seen)
    return passed("an unused header is refused", seen, control=control)


PROBE = Probe(
    id="cors.preflight",
    name="Preflights allow no more than is used",
    check=check,
    severity=Severity.NOTE,
    reference="Fetch Standard (CORS protocol), OWASP API8:2023",
    requirements=("D4",),
    requests=2,
    cause="Headers or methods are allowed wholesale, or for too long.",
    fix="Name the headers and methods that the front end uses; keep `max_age` at a day or less.",
    needs=(Need.FRONTEND,),
    rank=6,
)
