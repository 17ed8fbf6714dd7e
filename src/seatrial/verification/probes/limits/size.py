"""Bodies that are too large are refused

## What it asks
A sends two megabytes of blanks and an empty object: once with its length told, once in pieces without. Blanks are
valid in JSON, so that only a limit of the size can refuse them; and an empty object makes nothing.

## What is right
413, at the latest when too much has arrived; or the connection is broken off, and the service is well.

## Why it matters
Without a limit a few requests of gigabytes fill the memory, and the platform kills the service.

## How to mend it
Refuse by `Content-Length`, and count what arrives; or let the proxy do both (`client_max_body_size`).

## Reference
OWASP API4:2023; CWE-770; RFC 9110, section 15.5.14
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.client import Unreachable
from seatrial.verification.exchange import Exchange, Headers
from seatrial.verification.probe import Finding, Need, Probe, Unclear, failed, passed
from seatrial.verification.session import Session

SIZE = 2_000_000  # bytes
JSON: Headers = (("Content-Type", "application/json"),)
PIECES: Headers = (("Transfer-Encoding", "chunked"),)


def check(session: Session) -> Finding:
    """Send too much, with its length and without."""
    mine = session.mine(session.a)
    whole = _send(session, JSON, "2 MB, with their length")
    pieces = _send(session, JSON + PIECES, "2 MB, in pieces")
    seen = [it for it in (whole, pieces) if it is not None]
    for it in seen:
        if it.status >= 500:
            return failed(f"{it.request.note}: {it.status}", it)
        if it.status != 413 and it.status != 431:
            return failed(f"{it.request.note}: read to the end and answered {it.status}", it)
    if not seen:
        after = session.read(mine)
        if after.good:
            return passed(
                "the connection is broken off in the middle, and the service is well", after, control=mine.made
            )
        raise Unclear(f"2 MB break the connection off, and then the service answers {after.status}", "an answer of 413")
    return passed("2 MB are refused", *seen, control=mine.made)


def _send(session: Session, headers: Headers, note: str) -> Exchange | None:
    """The answer; None where the server breaks the connection off, which is how some refuse."""
    path = session.resource.collection_of(session.a.id)
    try:
        return session.send("POST", path, by=session.a, headers=headers, body=b" " * SIZE + b"{}", note=note)
    except Unreachable:
        return None


PROBE = Probe(
    id="limits.size",
    name="Bodies that are too large are refused",
    check=check,
    severity=Severity.WARNING,
    reference="OWASP API4:2023, CWE-770, RFC 9110 section 15.5.14",
    requirements=("B10",),
    requests=4,
    cause="Whatever arrives is read into memory.",
    fix="Refuse by `Content-Length`, and count what arrives; or let the proxy do both.",
    needs=(Need.USER, Need.THING),
    rank=6,
)
