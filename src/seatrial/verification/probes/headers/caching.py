"""Private answers are kept by nobody

## What it asks
Nothing new: it reads the answer to A's own read.

## What is right
`Cache-Control: no-store`, or `private` with `no-cache`.

## Why it matters
What a cache keeps it hands to the next: a shared one to another user, the browser's to whoever presses "back" after
the user has signed out.

## How to mend it
Send `Cache-Control: no-store` with every answer that needs credentials.

## Reference
OWASP API8:2023, scenario 2; CWE-525; RFC 9111, section 5.2.2
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Read one private answer."""
    seen = session.door.opened
    policy = (seen.answer.header("cache-control") or "").lower()
    words = {it.strip().partition("=")[0] for it in policy.split(",")}
    if "no-store" in words or {"private", "no-cache"} <= words:
        return passed(f"Cache-Control: {policy}", seen, control=seen)
    return failed(f"a private answer may be kept: Cache-Control is {policy or 'absent'}", seen)


PROBE = Probe(
    id="headers.caching",
    name="Private answers are kept by nobody",
    check=check,
    severity=Severity.WARNING,
    reference="OWASP API8:2023, CWE-525, RFC 9111",
    requirements=("B7",),
    requests=0,
    cause="The header is missing or lets caches keep the answer.",
    fix="Send `Cache-Control: no-store` with every answer that needs credentials.",
    needs=(Need.USER,),
    rank=4,
)
