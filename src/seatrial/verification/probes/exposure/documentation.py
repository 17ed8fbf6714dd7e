"""Interactive documentation is not public

## What it asks
`/docs`, `/redoc` and `/openapi.json`, at the root and where parts of the service are mounted.

## What is right
404, or 401 for whoever may see it.

## Why it matters
It is no hole by itself. It lists every operation with its fields, also those that the front end never shows, and so
saves an attacker the work; a service that meant to hide it does not know what it serves.

## How to mend it
`FastAPI(docs_url=None, redoc_url=None, openapi_url=None)` in production, of mounted applications as well; the
document can be written to a file while building.

## Reference
OWASP API9:2023; CWE-200
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.lookout import look, prefixes
from seatrial.verification.probe import Finding, Probe
from seatrial.verification.session import Session

SIGNS = {
    "/docs": r"swagger-ui|SwaggerUIBundle|scalar|rapi-doc",
    "/redoc": r"(?i)redoc",
    "/openapi.json": r'"openapi"\s*:|"swagger"\s*:',
}


def check(session: Session) -> Finding:
    """Ask for the pages, everywhere they may be."""
    signs = dict(SIGNS)
    for prefix in prefixes(session)[:1]:
        signs |= {f"{prefix}{path}": SIGNS[path] for path in ("/docs", "/openapi.json")}
    return look(session, signs, "is there for everybody")


PROBE = Probe(
    id="exposure.documentation",
    name="Interactive documentation is not public",
    check=check,
    severity=Severity.WARNING,
    reference="OWASP API9:2023, CWE-200",
    requirements=("C6",),
    requests=6,
    cause="The pages that FastAPI makes are on in production.",
    fix="`FastAPI(docs_url=None, redoc_url=None, openapi_url=None)` in production, for mounted applications too.",
    rank=3,
)
