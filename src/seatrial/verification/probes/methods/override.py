"""A header cannot turn one method into another

## What it asks
A reads its own object with `X-HTTP-Method-Override: DELETE`, then looks whether it is still there.

## What is right
It is.

## Why it matters
A rule that lets `GET` pass and guards `DELETE` is passed by as `GET`. A link then deletes.

## How to mend it
Take out the middleware that reads the header.

## Reference
CWE-650; OWASP WSTG-CONF-06
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped
from seatrial.verification.session import Session

HEADERS = (("X-HTTP-Method-Override", "DELETE"), ("X-HTTP-Method", "DELETE"), ("X-Method-Override", "DELETE"))


def check(session: Session) -> Finding:
    """Ask to read, and say delete; the object is the run's own, and may be lost."""
    if "DELETE" not in session.resource.methods:
        return skipped("the objects cannot be deleted")
    own = session.mine(session.a)
    read = session.send("GET", session.path_of(own), by=session.a, headers=HEADERS, note="reads, and says DELETE")
    after = session.read(own)
    if after.status in (404, 410) or (after.good and not session.sees(own, after)):
        session.estate.gone(own.number)
        session.forget(f"mine {session.a.label}")
        return failed("the header deleted the object", read, after)
    return passed("the object is still there", read, control=(own.made, after))


PROBE = Probe(
    id="methods.override",
    name="A header cannot turn one method into another",
    check=check,
    severity=Severity.ERROR,
    reference="CWE-650, WSTG-CONF-06",
    requirements=("B10",),
    requests=3,
    cause="A middleware takes the method from a header.",
    fix="Take that middleware out.",
    needs=(Need.USER, Need.THING),
    rank=6,
    writes=True,
)
