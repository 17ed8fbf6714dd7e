"""What the MDN HTTP Observatory would say

## What it asks
Nothing new: it reads one answer, as the Observatory would, and counts as it does.

## What is right
Whatever suits the service: the Observatory judges pages, and several of its tests mean little for JSON. The score
and each number of it are printed, so that nobody is surprised. A score below 50 (grade C) is a note.

## Why it matters
Customers, auditors and insurers look there.

## How to mend it
Each line says what it costs.

## Reference
MDN HTTP Observatory, scoring algorithm version 6
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.controls import alive
from seatrial.verification.crossing import foreign
from seatrial.verification.observatory import grade, score, verdicts
from seatrial.verification.probe import Finding, Probe, failed, passed
from seatrial.verification.session import Session

LOWEST = 50


def check(session: Session) -> Finding:
    """Count as the Observatory does."""
    seen = alive(session)
    found = verdicts(seen, foreign(session))
    total = score(found)
    facts = (
        f"Observatory score {total}, grade {grade(total)}; what needs its own scan (redirect, preload) is left out",
        *(f"{it.points:+d} {it.test}: {it.said}" for it in found if it.points),
    )
    if total < LOWEST:
        return failed(f"score {total}, grade {grade(total)}", seen, facts=facts)
    return passed(f"score {total}, grade {grade(total)}", seen, control=seen, facts=facts)


PROBE = Probe(
    id="headers.score",
    name="What the MDN HTTP Observatory would say",
    check=check,
    severity=Severity.NOTE,
    reference="MDN HTTP Observatory, algorithm version 6",
    requirements=("B7",),
    requests=1,
    cause="Headers are missing that the Observatory counts.",
    fix="Send the headers that the lines name.",
    rank=7,
)
