"""Other customers of the front end's host are refused

## What it asks
Pages of `https://evil.vercel.app` and `https://myapp-evil.vercel.app`, where the front end is
`https://myapp.vercel.app`; the same for Netlify, GitHub Pages, Render, Railway and others.

## What is right
Neither is allowed.

## Why it matters
`https://.*\\.vercel\\.app` lets in every customer of the platform. `myapp-.*` as well: anybody may call a project
`myapp-evil`.

## How to mend it
Name the production origin; for previews use a domain of your own, or the part of the name that only your team can
have.

## Reference
OWASP API8:2023; CWE-942; OWASP WSTG-CLNT-07
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import refuses
from seatrial.verification.origins import neighbours
from seatrial.verification.probe import Finding, Need, Probe, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Pages of other customers of the same platform ask."""
    origins = neighbours(session.frontend)
    if not origins:
        return skipped("the front end is not on a platform that gives names to others")
    return refuses(session, origins, "others can have a name there", PROBE.severity)


PROBE = Probe(
    id="cors.shared-platform",
    name="Other customers of the front end's host are refused",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API8:2023, CWE-942, WSTG-CLNT-07",
    requirements=("D4", "C4"),
    requests=4,
    cause="The expression allows names that other customers of the platform can have.",
    fix="Name the origins exactly.",
    needs=(Need.FRONTEND,),
    rank=3,
)
