"""Methods that a path does not have are refused

## What it asks
`PUT` to the health endpoint, and a method that nobody knows.

## What is right
405 with `Allow` (404 and 501 will do for the unknown one), never 2xx or 5xx.

## Why it matters
A framework that answers any method lets `FOO` pass where only `POST` was guarded. A 500 says that nobody thought of
it.

## How to mend it
Name the methods of every route; let no `api_route` and no middleware take them all.

## Reference
RFC 9110, sections 15.5.6 (405, Allow) and 15.6.2 (501)
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.controls import alive
from seatrial.verification.probe import Finding, Probe, failed, passed
from seatrial.verification.session import Session

UNKNOWN = "SEATRIAL"


def check(session: Session) -> Finding:
    """Use methods that the path does not have."""
    path = session.api.health[0] if session.api.health else session.door.path
    wrong = session.send("PUT", path, note="a method that the path does not have")
    unknown = session.send(UNKNOWN, path, note="a method that nobody knows")
    for method, it in (("PUT", wrong), (UNKNOWN, unknown)):
        if it.good or (it.status >= 500 and it.status != 501):
            return failed(f"{method} {path} answered {it.status}", it)
    if wrong.status == 405 and wrong.answer.header("allow") is None:
        return failed("405 without Allow", wrong, severity=Severity.NOTE)
    return passed(f"refused: {wrong.status}, {unknown.status}", wrong, unknown, control=alive(session))


PROBE = Probe(
    id="methods.not-allowed",
    name="Methods that a path does not have are refused",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 9110 sections 15.5.6 and 15.6.2, WSTG-CONF-06",
    requirements=("B10",),
    requests=3,
    cause="A route or a middleware takes every method.",
    fix="Name the methods of every route.",
    rank=5,
)
