"""A refusal does not say what went wrong inside

## What it asks
Every refusal of a token so far is looked through for names of exceptions, of libraries, for keys and tracebacks.

## What is right
None.

## Why it matters
It tells which library, which version and which key is looked for, and how close an attempt came.

## How to mend it
Answer every refusal with the same sentence; write the reason into the log.

## Reference
CWE-209
"""

from __future__ import annotations

import re

from seatrial.issue import Severity
from seatrial.verification.forging import REFUSED
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, unclear
from seatrial.verification.session import Session

_INSIDE = re.compile(
    r"Traceback|\b(jwt|jose|jwcrypto)\."
    r"|\b\w*(Signature|Decode|Expired|Claim|Token|Key|JWT|JWS|JWE|JWK)\w*(Error|Exception)\b"
    r"|Signature verification failed|Not enough segments|Invalid (header|payload|crypto) (string|padding)"
    r"|BEGIN [A-Z ]*KEY"
)


def check(session: Session) -> Finding:
    """The words of every refusal of a token."""
    door = session.door
    refused = [it for it in session.client.ledger if it.status in (*REFUSED, 400, 500) and _carries(it.request.headers)]
    for it in refused:
        found = _INSIDE.search(it.answer.text)
        if found:
            return failed(f"a refusal says {found.group(0)!r}", it)
    if not refused:
        return unclear("no token was refused", settle="the other probes of tokens")
    return passed(f"{len(refused)} refusals say nothing of the inside", *refused[:2], control=door.opened)


def _carries(headers: tuple[tuple[str, str], ...]) -> bool:
    return any(name in ("Authorization", "Cookie") for name, _ in headers)


PROBE = Probe(
    id="jwt.error-detail",
    name="A refusal does not say what went wrong inside",
    check=check,
    severity=Severity.NOTE,
    reference="CWE-209",
    requirements=("D3",),
    requests=2,
    cause="The text of the exception is answered.",
    fix="Answer every refusal with the same sentence; write the reason into the log.",
    needs=(Need.TOKEN,),
    rank=8,
)
