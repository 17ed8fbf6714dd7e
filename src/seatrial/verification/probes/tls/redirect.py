"""Requests in the clear are sent to TLS

## What it asks
The same host over http, on port 80. It is asked only where https is on its own port, 443.

## What is right
301 or 308 to https at the same host, or nothing that answers at all.

## Why it matters
An API that answers in the clear takes tokens in the clear, from the first client that was configured with `http://`.

## How to mend it
Let the platform redirect, or add `HTTPSRedirectMiddleware` behind a proxy that sets `X-Forwarded-Proto`.

## Reference
RFC 6797, section 7.2; CWE-319
"""

from __future__ import annotations

from urllib.parse import urlsplit

from seatrial.issue import Severity
from seatrial.verification.client import Unreachable
from seatrial.verification.controls import alive
from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Ask in the clear, without credentials."""
    parts = urlsplit(session.origin)
    if parts.port not in (None, 443):
        return skipped(f"https is on port {parts.port}, so that port 80 says nothing of this service")
    path = session.api.health[0] if session.api.health else "/"
    control = alive(session)
    try:
        seen = session.send("GET", f"http://{parts.netloc}{path}", note="asks in the clear")
    except Unreachable:
        return passed("nothing answers in the clear", control, control=control)
    return _judge(seen, parts.hostname or "", control)


def _judge(seen: Exchange, host: str, control: Exchange) -> Finding:
    target = urlsplit(seen.answer.header("location") or "")
    if seen.status in (301, 302, 307, 308):
        if target.scheme == "https" and target.hostname == host:
            return passed(f"{seen.status} to https", seen, control=control)
        return failed(f"it redirects to {target.geturl() or 'nowhere'}", seen)
    if seen.good:
        return failed(f"it is answered in the clear: {seen.status}", seen)
    return passed(f"refused in the clear: {seen.status}", seen, control=control)


PROBE = Probe(
    id="tls.redirect",
    name="Requests in the clear are sent to TLS",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 6797 section 7.2, CWE-319",
    requirements=("B7",),
    requests=2,
    cause="Port 80 serves the application as well.",
    fix="Redirect to https at the same host with 308.",
    needs=(Need.HTTPS,),
    rank=4,
)
