"""A letter in place of a dot is refused

## What it asks
Pages of `https://appxexample.com` and the like, each dot of the front end's host replaced in turn.

## What is right
None is allowed.

## Why it matters
In a regular expression a bare dot is any character: `app.example.com` also matches a name that somebody
else can register.

## How to mend it
List the origins, or escape the dots: `allow_origin_regex=r"https://app\\.example\\.com"`.

## Reference
OWASP API8:2023; CWE-942; OWASP WSTG-CLNT-07
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import refuses
from seatrial.verification.origins import other_letters
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Pages of hosts in which a letter stands for a dot ask."""
    origins = other_letters(session.frontend)
    if not origins:
        return skipped("the front end's host has no dot, or is an address")
    return refuses(session, origins, "a dot of the expression stands for any letter", PROBE.severity)


PROBE = Probe(
    id="cors.unescaped-dot",
    name="A letter in place of a dot is refused",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API8:2023, CWE-942, WSTG-CLNT-07",
    requirements=("D4", "C4"),
    requests=5,
    cause="A dot in the regular expression is not escaped.",
    fix="Escape the dots, or list the origins instead.",
    needs=(Need.FRONTEND,),
    rank=3,
)
