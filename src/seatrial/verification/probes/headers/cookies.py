"""The session's cookie is kept safe

## What it asks
Nothing new: it reads the cookies that were set when the users signed in.

## What is right
`HttpOnly`, `SameSite` (`None` only beside `Secure`), and over https `Secure`.

## Why it matters
Without `HttpOnly` any script that gets into the page takes the session away; without `Secure` it travels in the clear;
without `SameSite` other pages act with it.

## How to mend it
`response.set_cookie(..., httponly=True, secure=True, samesite="lax")`.

## Reference
CWE-1004; CWE-614; CWE-1275; OWASP WSTG-SESS-02
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.exchange import Exchange
from seatrial.verification.observatory import Cookie, cookies
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """Read what was set at sign-in."""
    carried = " ".join(value for name, value in session.a.headers if name.lower() == "cookie")
    ours = [(it, cookie) for it in session.client.ledger for cookie in _own(it, carried)]
    if not carried:
        return skipped("the users carry no cookie")
    if not ours:
        return skipped("the cookie was not set in this run", "users that the run signs in by itself")
    for exchange, cookie in ours:
        if lack := _lacks(cookie, session.origin.startswith("https:")):
            return failed(f"the cookie {cookie.name} has {lack}", exchange)
    seen = ours[0][0]
    return passed(f"the cookie {ours[0][1].name} is kept safe", seen, control=seen)


def _own(exchange: Exchange, carried: str) -> list[Cookie]:
    """The cookies of an answer that A carries: those of the session, and no others."""
    return [it for it in cookies(exchange.answer) if it.value and f"{it.name}={it.value}" in carried]


def _lacks(cookie: Cookie, secure: bool) -> str:
    if not cookie.http_only:
        return "no HttpOnly: scripts can read it"
    if secure and not cookie.secure:
        return "no Secure: it travels in the clear as well"
    if not cookie.same_site:
        return "no SameSite"
    if cookie.same_site == "none" and not cookie.secure:
        return "SameSite=None without Secure: browsers refuse it"
    return ""


PROBE = Probe(
    id="headers.cookies",
    name="The session's cookie is kept safe",
    check=check,
    severity=Severity.WARNING,
    reference="CWE-1004, CWE-614, CWE-1275, WSTG-SESS-02",
    requirements=("B7", "D3"),
    requests=0,
    cause="The cookie is set without its attributes.",
    fix='`response.set_cookie(..., httponly=True, secure=True, samesite="lax")`.',
    needs=(Need.USER,),
    rank=3,
)
