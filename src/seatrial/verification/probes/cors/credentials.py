"""Cookies and `*` do not go together

## What it asks
Nothing new: it reads the answer to the front end.

## What is right
`Access-Control-Allow-Credentials: true` only beside an origin by name.

## Why it matters
Browsers refuse the pair, so the front end fails; and whoever wrote it meant to let every origin use cookies.

## How to mend it
Name the origins, or drop the credentials.

## Reference
Fetch Standard, CORS protocol; CWE-942
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import front_end, with_credentials
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Read the answer to the front end."""
    seen = front_end(session)
    granted = seen.answer.header("access-control-allow-origin")
    if granted == "*" and with_credentials(seen):
        return failed("`*` with credentials: browsers refuse it", seen)
    return passed(f"Access-Control-Allow-Origin is {granted or 'absent'}", seen, control=seen)


PROBE = Probe(
    id="cors.credentials",
    name="Cookies and * do not go together",
    check=check,
    severity=Severity.WARNING,
    reference="Fetch Standard (CORS protocol), CWE-942",
    requirements=("D4",),
    requests=1,
    cause="All origins are allowed together with credentials.",
    fix="Name the origins, or drop `allow_credentials`.",
    needs=(Need.FRONTEND,),
    rank=4,
)
