"""The first request is not kept waiting

## What it asks
Two more requests like the first one of the run.

## What is right
The first answer took no more than five seconds longer than those.

## Why it matters
Platforms and serverless databases go to sleep. The first user after that waits, and where the front end's patience
is shorter than the start, gets an error.

## How to mend it
Keep one instance awake (a minimum of one, a call every few minutes), connect at start, and give the front end the
patience that the start takes.

## Reference
Measured; Neon and Render document how their services sleep
"""

from __future__ import annotations

from statistics import median

from seatrial.issue import Severity
from seatrial.verification.probe import Finding, Probe, Unclear, failed, passed
from seatrial.verification.session import Session

TURNS = 2
LONGEST_S = 5.0


def check(session: Session) -> Finding:
    """Compare the first answer of the run with later ones like it."""
    first = session.arrival
    if first is None:
        raise Unclear("the first answer of the run is not known", "run again")
    path = first.request.url.removeprefix(session.origin) or "/"
    again = [session.send(first.request.method, path, note="like the first request") for _ in range(TURNS)]
    warm = median(it.answer.seconds for it in again)
    cold = first.answer.seconds
    facts = (f"first answer after {cold * 1000:.0f} ms, later ones after {warm * 1000:.0f} ms",)
    if cold - warm > LONGEST_S:
        return failed(f"the first answer took {cold:.1f} s, later ones {warm:.2f} s", first, again[0], facts=facts)
    return passed(f"the first answer came after {cold * 1000:.0f} ms", first, control=tuple(again), facts=facts)


PROBE = Probe(
    id="start.cold",
    name="The first request is not kept waiting",
    check=check,
    severity=Severity.WARNING,
    reference="measured",
    requirements=("D5",),
    requests=TURNS,
    cause="The service or its database was asleep.",
    fix="Keep one instance awake, and connect at start.",
    rank=6,
)
