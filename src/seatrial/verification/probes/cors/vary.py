"""Answers that depend on the origin say so

## What it asks
Nothing new: it reads the answer to the front end.

## What is right
Where `Access-Control-Allow-Origin` names an origin, `Vary` names `Origin`.

## Why it matters
A cache between keeps the answer for one origin and hands it to another, whose browser then refuses it: failures
that come and go.

## How to mend it
Let the middleware set the header (Starlette does), and do not overwrite `Vary` afterwards.

## Reference
Fetch Standard, CORS protocol and HTTP caches
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import listed, welcomed
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Read the answer to the front end."""
    seen = welcomed(session)
    if seen.answer.header("access-control-allow-origin") == "*":
        return passed("every origin gets the same answer", seen, control=seen)
    varies = {word for it in seen.answer.all_headers("vary") for word in it.lower().replace(" ", "").split(",")}
    if not varies & {"origin", "*"}:
        return failed("the answer names the origin, and Vary does not", seen)
    shown = sorted(listed(seen, "vary"))
    return passed(f"Vary: {', '.join(shown)}", seen, control=seen)


PROBE = Probe(
    id="cors.vary",
    name="Answers that depend on the origin say so",
    check=check,
    severity=Severity.WARNING,
    reference="Fetch Standard (CORS protocol and HTTP caches)",
    requirements=("D4",),
    requests=1,
    cause="`Vary` is missing or was overwritten.",
    fix="Add `Origin` to `Vary` on every answer.",
    needs=(Need.FRONTEND,),
    rank=4,
)
