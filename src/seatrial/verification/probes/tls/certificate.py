"""The certificate is valid, for weeks to come

## What it asks
A handshake, checked against the authorities that this machine trusts.

## What is right
It is valid for this name, and for two more weeks at least.

## Why it matters
On the day that it ends every browser refuses the service. Renewal is automatic nearly everywhere: a certificate of
fewer than two weeks says that it has stopped.

## How to mend it
Look at what renews it; the platform's domain settings say why it failed.

## Reference
RFC 5280, section 4.1.2.5; CWE-298
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.certificates import days_left
from seatrial.verification.controls import alive
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, unclear
from seatrial.verification.session import Session

LEAST_DAYS = 14


def check(session: Session) -> Finding:
    """Shake hands; the client of the run has checked the chain already, else there were no run."""
    days = days_left(session.origin)
    seen = alive(session)
    if days is None:
        return unclear("the certificate cannot be seen", seen, settle="a connection that stands")
    if days < LEAST_DAYS:
        return failed(f"the certificate ends in {days:.1f} days", seen)
    return passed(f"valid for {days:.0f} more days", seen, control=seen)


PROBE = Probe(
    id="tls.certificate",
    name="The certificate is valid, for weeks to come",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 5280 section 4.1.2.5, CWE-298",
    requirements=("B7",),
    requests=0,
    cause="Renewal has stopped.",
    fix="Look at what renews the certificate.",
    needs=(Need.HTTPS,),
    rank=3,
)
