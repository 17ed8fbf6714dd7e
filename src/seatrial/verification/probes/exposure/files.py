"""Files of the deployment are not served

## What it asks
`/.env`, `/.git/HEAD` and the environment file of a static folder.

## What is right
404, or at any rate nothing that looks like such a file.

## Why it matters
`.env` holds the secrets. `.git` holds the source, and every secret that was ever committed.

## How to mend it
Serve a folder that holds nothing but what is meant to be public, never the root of the project; keep `.env` and
`.git` out of the image.

## Reference
OWASP API8:2023; CWE-538; OWASP WSTG-CONF-04
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.lookout import look
from seatrial.verification.probe import Finding, Probe
from seatrial.verification.session import Session

_ASSIGNMENT = r"(?m)^(?:export )?[A-Z][A-Z0-9_]{2,}\s*=\s*\S"
SIGNS = {
    "/.env": _ASSIGNMENT,
    "/.git/HEAD": r"^(?:ref: refs/|[0-9a-f]{40}\b)",
    "/static/.env": _ASSIGNMENT,
}


def check(session: Session) -> Finding:
    """Ask for the files."""
    return look(session, SIGNS, "is served")


PROBE = Probe(
    id="exposure.files",
    name="Files of the deployment are not served",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API8:2023, CWE-538, WSTG-CONF-04",
    requirements=("B5",),
    requests=4,
    cause="A folder is served that holds more than what is public.",
    fix="Serve a folder of its own, and keep `.env` and `.git` out of the image.",
    rank=3,
)
