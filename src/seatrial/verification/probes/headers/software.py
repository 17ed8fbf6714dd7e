"""The server does not name its software

## What it asks
Nothing new: it reads the answers of the run.

## What is right
No `Server` that names uvicorn, gunicorn or a version, no `X-Powered-By`.

## Why it matters
It helps those who look for servers with a known hole, and nobody else.

## How to mend it
`uvicorn --no-server-header`.

## Reference
RFC 9110, section 10.2.4; CWE-200; OWASP WSTG-INFO-02
"""

from __future__ import annotations

import re

from seatrial.issue import Severity
from seatrial.verification.controls import alive
from seatrial.verification.probe import Finding, Probe, failed, passed
from seatrial.verification.session import Session

_TELLING = re.compile(r"(?i)uvicorn|gunicorn|hypercorn|granian|daphne|werkzeug|\w+/\d+\.\d+")


def check(session: Session) -> Finding:
    """Read what the answers say of the server."""
    seen = alive(session)
    for name in ("server", "x-powered-by", "x-aspnet-version", "x-runtime"):
        said = seen.answer.header(name) or ""
        if _TELLING.search(said) or (said and name == "x-powered-by"):
            return failed(f"{name}: {said}", seen)
    return passed("no header names the software", seen, control=seen)


PROBE = Probe(
    id="headers.software",
    name="The server does not name its software",
    check=check,
    severity=Severity.NOTE,
    reference="RFC 9110 section 10.2.4, CWE-200, WSTG-INFO-02",
    requirements=("B7",),
    requests=0,
    cause="The server adds the header by itself.",
    fix="Start uvicorn with `--no-server-header`.",
    rank=6,
)
