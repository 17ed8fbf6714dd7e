"""Old versions of TLS are refused

## What it asks
Handshakes with TLS 1.0 and TLS 1.1; nothing else is sent.

## What is right
Both are refused.

## Why it matters
They rest on broken hashes; auditors and card companies ask for them to be off, and no browser of the last years needs
them.

## How to mend it
`ssl_minimum_version` of the proxy or platform: TLS 1.2.

## Reference
RFC 8996; CWE-327; OWASP WSTG-CRYP-01
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.certificates import old_versions, spoken
from seatrial.verification.controls import alive
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, unclear
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Shake hands with the old versions."""
    seen = alive(session)
    now = spoken(session.origin)
    if not now:
        return unclear("no handshake stands", seen, settle="a connection that stands")
    if old := old_versions(session.origin):
        return failed(f"still taken: {', '.join(old)}", seen)
    return passed(f"{now} is spoken, TLS 1.0 and 1.1 are refused", seen, control=seen)


PROBE = Probe(
    id="tls.versions",
    name="Old versions of TLS are refused",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 8996, CWE-327, WSTG-CRYP-01",
    requirements=("B7",),
    requests=0,
    cause="The proxy or platform still takes them.",
    fix="Let it speak TLS 1.2 and later only.",
    needs=(Need.HTTPS,),
    rank=5,
)
