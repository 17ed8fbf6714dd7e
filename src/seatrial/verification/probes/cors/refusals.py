"""The front end can read refusals

## What it asks
The front end's page reads without credentials.

## What is right
The 401 carries `Access-Control-Allow-Origin` like any other answer.

## Why it matters
Otherwise the browser hides the answer, the page sees a network error in place of "not signed in", and the user is
never sent to the login.

## How to mend it
Add the CORS middleware last, so that it is the outermost: answers of other middleware pass through it as well.

## Reference
Fetch Standard, CORS protocol
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import lets_in, welcomed
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """The front end's page reads without credentials."""
    control = welcomed(session)
    headers = (("Origin", session.frontend),)
    refused = session.send("GET", session.door.path, headers=headers, note="the front end, not signed in")
    if not lets_in(refused, session.frontend):
        return failed(f"the answer {refused.status} is not for the front end", refused, control)
    return passed(f"the answer {refused.status} is for the front end too", refused, control=control)


PROBE = Probe(
    id="cors.refusals",
    name="The front end can read refusals",
    check=check,
    severity=Severity.WARNING,
    reference="Fetch Standard (CORS protocol)",
    requirements=("D4",),
    requests=1,
    cause="The refusal is answered outside of the CORS middleware.",
    fix="Add the CORS middleware last, so that it is the outermost.",
    needs=(Need.FRONTEND, Need.USER),
    rank=4,
)
