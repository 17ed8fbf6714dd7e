"""The health endpoint's answer is fresh

## What it asks
The health endpoint a second time.

## What is right
`Cache-Control` lets nobody keep the answer, no `Age` says that somebody did, and a time that it names has moved on.

## Why it matters
An answer from a cache is about a moment that has passed: the service is down and every check is green.

## How to mend it
`Cache-Control: no-store` on the endpoint; where the check itself is remembered, for a few seconds only.

## Reference
RFC 9111, sections 5.1 (Age) and 5.2 (Cache-Control)
"""

from __future__ import annotations

import re

from seatrial.issue import Severity
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.pulse import endpoint, pulse
from seatrial.verification.session import Session

LONGEST_S = 10


def check(session: Session) -> Finding:
    """Ask twice, and compare."""
    first = pulse(session)
    second = session.send("GET", endpoint(session), note="asks once more")
    policy = (second.answer.header("cache-control") or "").lower()
    age = re.search(r"(?:s-maxage|max-age)\s*=\s*\"?(\d+)", policy)
    if age and int(age.group(1)) > LONGEST_S and "no-store" not in policy:
        return failed(f"caches may keep the answer for {age.group(1)} s", second)
    kept = second.answer.header("age") or ""
    if kept.isdigit() and int(kept) > LONGEST_S:
        return failed(f"the answer is {kept} s old", second)
    return passed("nobody keeps the answer", second, control=first)


PROBE = Probe(
    id="health.cached",
    name="The health endpoint's answer is fresh",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 9111",
    requirements=("D2",),
    requests=2,
    cause="A cache may keep the answer.",
    fix="Send `Cache-Control: no-store` with it.",
    needs=(Need.HEALTH,),
    rank=4,
)
