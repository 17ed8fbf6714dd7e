"""The health endpoint answers

## What it asks
`GET` of the health endpoint, without credentials.

## What is right
200 at once: no redirect, no login, not 404, no page, and not what a path that does not exist is answered.

## Why it matters
The platform asks it as well, without credentials and without following redirects. Where it gets anything but 200 it
does not let the new version take over, or restarts one that works.

## How to mend it
Keep the endpoint public, at one path without a redirect for its last slash, and let it answer 200 when the service
can work.

## Reference
draft-inadarei-api-health-check-06, section 3.1
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.controls import differs, nowhere
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.pulse import complaints, endpoint, pulse
from seatrial.verification.session import Session

SLOW_S = 5.0


def check(session: Session) -> Finding:
    """Ask once."""
    seen = pulse(session)
    if seen.status in (401, 403):
        return failed(f"it wants credentials: {seen.status}", seen)
    if 300 <= seen.status < 400:
        return failed(f"it redirects to {seen.answer.header('location') or 'nowhere'}", seen)
    if not seen.good:
        said = f", and says {', '.join(complaints(seen))}" if complaints(seen) else ""
        return failed(f"the service is not healthy: {seen.status}{said}", seen)
    if not differs(seen, session):
        return failed("a path that does not exist is answered just so: there is no endpoint", seen, nowhere(session))
    if seen.answer.text.lstrip().startswith("<"):
        return failed("it answers with a page: something else is in its place", seen)
    if "\ufffd" in seen.answer.text:
        return failed("its answer is no text", seen)
    took = f"answered after {seen.answer.seconds * 1000:.0f} ms"
    if seen.answer.seconds > SLOW_S:
        return failed(f"it answers after {seen.answer.seconds:.1f} s", seen, severity=Severity.WARNING)
    return passed(f"{endpoint(session)} answers {seen.status}", seen, control=seen, facts=(took,))


PROBE = Probe(
    id="health.answers",
    name="The health endpoint answers",
    check=check,
    severity=Severity.ERROR,
    reference="draft-inadarei-api-health-check-06",
    requirements=("D2", "C5"),
    requests=2,
    cause="The endpoint is private, redirects, or the service is not healthy.",
    fix="Keep it public, at one path without a redirect, and answer 200 when the service can work.",
    needs=(Need.HEALTH,),
    rank=0,
    core=True,
)
