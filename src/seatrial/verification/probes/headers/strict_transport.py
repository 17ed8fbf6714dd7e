"""Browsers stay with TLS

## What it asks
Nothing new: it reads an answer over https.

## What is right
`Strict-Transport-Security` with at least half a year. Over http the header means nothing and is not asked for.

## Why it matters
Without it the first request of a browser may go in the clear, and whoever sits on the way keeps it there.

## How to mend it
`Strict-Transport-Security: max-age=31536000; includeSubDomains`, once all subdomains have TLS.

## Reference
RFC 6797, section 7.1; CWE-319; OWASP WSTG-CONF-07
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.controls import alive
from seatrial.verification.observatory import HALF_YEAR_S, transport_age
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Read one answer."""
    seen = alive(session)
    age = transport_age(seen.answer)
    if age is None:
        return failed("Strict-Transport-Security is absent or not valid", seen)
    if age < HALF_YEAR_S:
        return failed(f"max-age is {age} s, less than half a year", seen)
    return passed(f"max-age is {age} s", seen, control=seen)


PROBE = Probe(
    id="headers.strict-transport",
    name="Browsers stay with TLS",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 6797 section 7.1, CWE-319, WSTG-CONF-07",
    requirements=("B7",),
    requests=0,
    cause="The header is missing, or its time is short.",
    fix="Send `Strict-Transport-Security: max-age=31536000; includeSubDomains`.",
    needs=(Need.HTTPS,),
    rank=4,
)
