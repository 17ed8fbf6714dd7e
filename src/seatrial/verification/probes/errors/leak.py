"""Errors give nothing away

## What it asks
Nothing new: it reads every refusal and every failure of the run.

## What is right
Neither a traceback, nor a path of the server, a statement, an exception of the database, or a URL with a password.

## Why it matters
An attacker sends nonsense first, to learn what the server is made of. A traceback is a map.

## How to mend it
`FastAPI(debug=False)`, a handler for `Exception` that logs the exception and answers one sentence, and no
`detail=str(error)`.

## Reference
OWASP API8:2023; CWE-209; OWASP WSTG-ERRH-02
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.controls import alive, nowhere
from seatrial.verification.exchange import Exchange
from seatrial.verification.faulty import LEAK
from seatrial.verification.leaks import leaks
from seatrial.verification.probe import Finding, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Read what the run has brought about."""
    nothing = nowhere(session)
    errors = [it for it in session.client.ledger if it.status >= 400]
    for it in sorted(errors, key=_worst):
        if told := leaks(it):
            return failed(f"an answer {it.status} tells {', '.join(told)}", it, root=LEAK)
    return passed(f"{len(errors)} refusals tell nothing", nothing, control=alive(session))


def _worst(exchange: Exchange) -> int:
    return -exchange.status


PROBE = Probe(
    id="errors.leak",
    name="Errors give nothing away",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API8:2023, CWE-209, WSTG-ERRH-02",
    requirements=("B10",),
    requests=1,
    cause="The exception itself is answered.",
    fix="Log the exception and answer one sentence; no `debug=True`, no `detail=str(error)`.",
    rank=9,
)
