"""Errors give nothing away

## What it asks
An object of A's that was never there; then it reads every refusal and every failure of the run.

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

from urllib.parse import quote

from seatrial.issue import Severity
from seatrial.verification.controls import alive, nowhere
from seatrial.verification.exchange import Exchange
from seatrial.verification.faulty import LEAK
from seatrial.verification.leaks import leaks
from seatrial.verification.probe import Finding, Probe, failed, passed
from seatrial.verification.session import Session

_OWN = 2  # requests


def check(session: Session) -> Finding:
    """Read what the run has brought about."""
    control, nothing = alive(session), _brought_about(session)
    errors = [it for it in session.client.ledger if it.status >= 400]
    for it in sorted(errors, key=_worst):
        if told := leaks(it):
            return failed(f"an answer {it.status} tells {', '.join(told)}", it, root=LEAK)
    return passed(f"{len(errors)} refusals tell nothing", *nothing, control=control)


def _brought_about(session: Session) -> tuple[Exchange, ...]:
    """Two refusals of its own: a path that does not exist, and where there are users, an object that does not.

    Where no request is left, what the run has brought about otherwise has to do.
    """
    refused = tuple(it for it in session.client.ledger if it.status >= 400)
    if session.client.left < _OWN and refused:
        return refused[:_OWN]
    if not session.users or session.api.resource is None:
        return (nowhere(session),)
    path = session.resource.item_of(quote(session.a.id, safe=""), "2147483600")
    return nowhere(session), session.send("GET", path, by=session.a, note="an object that was never there")


def _worst(exchange: Exchange) -> int:
    return -exchange.status


PROBE = Probe(
    id="errors.leak",
    name="Errors give nothing away",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API8:2023, CWE-209, WSTG-ERRH-02",
    requirements=("B10",),
    requests=_OWN,
    cause="The exception itself is answered.",
    fix="Log the exception and answer one sentence; no `debug=True`, no `detail=str(error)`.",
    rank=9,
)
