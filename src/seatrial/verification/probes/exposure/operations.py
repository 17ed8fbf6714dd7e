"""Pages for operators are not public

## What it asks
`/metrics`, `/debug`, `/admin` and the consoles of task queues and GraphQL.

## What is right
404, or 401 for whoever may see them.

## Why it matters
Metrics name every route with its traffic and its errors; a debugging page shows settings, an admin page invites to
guess its password.

## How to mend it
Serve them on another port that only the platform reaches, or behind a credential of their own.

## Reference
OWASP API8:2023; CWE-200; CWE-489; OWASP WSTG-CONF-05
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.lookout import look, prefixes
from seatrial.verification.probe import Finding, Probe
from seatrial.verification.session import Session

_METRICS = r"(?m)^# (?:HELP|TYPE) |^\w+\{[^}]*\} \d"
SIGNS = {
    "/metrics": _METRICS,
    "/debug": r"(?i)environ|settings|DATABASE_URL|SECRET|traceback|\bconfig\b",
    "/admin": r"(?i)<(?:form|html)[^>]*>[\s\S]*(?:admin|log ?in|password)",
    "/graphql": r"(?i)graphiql|graphql playground|apollo sandbox",
}


def check(session: Session) -> Finding:
    """Ask for the pages."""
    signs = dict(SIGNS)
    for prefix in prefixes(session)[:1]:
        signs[f"{prefix}/metrics"] = _METRICS
    return look(session, signs, "is there for everybody")


PROBE = Probe(
    id="exposure.operations",
    name="Pages for operators are not public",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API8:2023, CWE-200, CWE-489, WSTG-CONF-05",
    requirements=("B10",),
    requests=6,
    cause="The page is mounted beside the service, without a credential.",
    fix="Serve it on a port that only the platform reaches, or behind a credential.",
    rank=5,
)
