"""The front end can use the API

## What it asks
What a browser asks for a page of the front end: a read with the user's credentials, and the preflight of a write
with `authorization` and `content-type`.

## What is right
`Access-Control-Allow-Origin` is the front end's origin (or `*` where no cookies are used), the preflight is a 2xx that
allows the methods that the API has, and where the session is a cookie, `Access-Control-Allow-Credentials` is true.

## Why it matters
Otherwise the browser throws the answer away and the front end shows an error, while every test without a browser is
green.

## How to mend it
List the origin exactly as the browser sends it, with the scheme and without a slash at its end:
`CORSMiddleware(allow_origins=["https://app.example.com"], allow_credentials=True, ...)`.

## Reference
Fetch Standard, CORS protocol; CWE-942
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import front_end, lets_in, listed, preflight, with_credentials
from seatrial.verification.probe import Finding, Need, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """The front end reads, and asks whether it may write."""
    read = front_end(session)
    if not lets_in(read, session.frontend):
        said = read.answer.header("access-control-allow-origin") or "absent"
        return failed(f"the answer is not for {session.frontend}: Access-Control-Allow-Origin is {said}", read)
    without = not with_credentials(read) or read.answer.header("access-control-allow-origin") == "*"
    if by_cookie(session) and without:
        return failed("the session is a cookie, and the answer may not be had with cookies", read)
    asked = preflight(session, session.frontend)
    if not (asked.good and lets_in(asked, session.frontend)):
        return failed(f"the preflight of the front end's write was answered {asked.status}", asked)
    missing = sorted(methods(session) - listed(asked, "access-control-allow-methods"))
    if missing and "*" not in listed(asked, "access-control-allow-methods"):
        return failed(f"the front end may not use {', '.join(missing).upper()}", asked)
    headers = listed(asked, "access-control-allow-headers")
    lacking = sorted({"content-type", "authorization"} - headers)
    if by_cookie(session):
        lacking = [it for it in lacking if it != "authorization"]
    if lacking and "*" not in headers:
        return failed(f"the front end may not send {', '.join(lacking)}", asked)
    return passed("the front end reads, and may write", read, asked, control=read)


def by_cookie(session: Session) -> bool:
    """Whether the users show themselves by a cookie."""
    return bool(session.users) and any(name.lower() == "cookie" for name, _ in session.a.headers)


def methods(session: Session) -> set[str]:
    """The methods that need a preflight, of the operations that the probes know."""
    return {it.lower() for it in session.api.resource.methods} - {"get", "head"} if session.api.resource else set()


PROBE = Probe(
    id="cors.front-end",
    name="The front end can use the API",
    check=check,
    severity=Severity.ERROR,
    reference="Fetch Standard (CORS protocol)",
    requirements=("D4", "C4"),
    requests=4,
    cause="The front end's origin, its methods or its headers are not allowed.",
    fix="Allow exactly the origin that the browser sends, its methods, `authorization` and `content-type`.",
    needs=(Need.FRONTEND,),
    rank=1,
    core=True,
)
