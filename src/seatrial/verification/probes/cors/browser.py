"""A browser lets the front end in, and no other page

## What it asks
A real Chromium opens a page of the front end's origin and one of `https://evil.example`, both served on this
machine, and lets each read what is A's. It is asked with `--browser`.

## What is right
The front end's page reads an answer; the other page's request is refused by the browser.

## Why it matters
It is browsers that enforce CORS. This shows what their users will see, preflight, redirects and caches included.

## How to mend it
As for `cors.front-end` and `cors.foreign-origin`.

## Reference
Fetch Standard, CORS protocol; OWASP WSTG-CLNT-07
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.browser import ask_from
from seatrial.verification.crossing import ANY_ORIGIN, foreign, front_end
from seatrial.verification.origins import FOREIGN
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session

FORBIDDEN = frozenset({"cookie", "origin"})  # to pages; the browser sets them


def check(session: Session) -> Finding:
    """Let a browser ask from both."""
    ours, theirs = front_end(session), foreign(session)
    headers = tuple(pair for pair in session.a.headers if pair[0].lower() not in FORBIDDEN) if session.users else ()
    mine, evil = ask_from((session.frontend, FOREIGN), ours.request.url, headers)
    facts = tuple(f"a page of {it.origin}: {it.said}" for it in (mine, evil))
    if evil.readable:
        return failed(f"the browser lets {FOREIGN} read the answer", theirs, root=ANY_ORIGIN, facts=facts)
    if not mine.readable:
        return failed(f"the browser does not let the front end read: {mine.said}", ours, facts=facts)
    return passed(f"the front end reads {mine.said}, the other page nothing", theirs, control=ours, facts=facts)


PROBE = Probe(
    id="cors.browser",
    name="A browser lets the front end in, and no other page",
    check=check,
    severity=Severity.ERROR,
    reference="Fetch Standard (CORS protocol), WSTG-CLNT-07",
    requirements=("D4",),
    requests=2,
    cause="The origins that are allowed are not those of the front end.",
    fix="Allow exactly the origin that the browser sends.",
    needs=(Need.FRONTEND, Need.BROWSER),
    rank=7,
)
