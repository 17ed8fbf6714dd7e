"""A page of any other origin is refused

## What it asks
A page of `https://evil.example` reads with the user's credentials, and asks whether it may write.

## What is right
No `Access-Control-Allow-Origin` for it, neither its own name nor `*`.

## Why it matters
Where the origin is sent back together with `Access-Control-Allow-Credentials: true`, any page that a signed-in user
opens acts as that user. `*` without credentials is milder: it opens what needs no cookie to every page.

## How to mend it
Name the origins: `allow_origins=["https://app.example.com"]`. `allow_origins=["*"]` with `allow_credentials=True`
makes Starlette send the asking origin back.

## Reference
OWASP API8:2023; CWE-942; OWASP WSTG-CLNT-07
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.crossing import ANY_ORIGIN, foreign, lets_in, preflight, welcomed, with_credentials
from seatrial.verification.exchange import Exchange
from seatrial.verification.origins import FOREIGN
from seatrial.verification.probe import Finding, Probe, failed, passed
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """A page that has nothing to do with the front end reads, and asks whether it may write."""
    seen = (foreign(session), preflight(session, FOREIGN))
    granted = [it for it in seen if lets_in(it, FOREIGN)]
    if granted:
        # Starlette writes `*` and, as soon as a cookie comes along or a preflight asks, the origin itself.
        return _let_in(next((it for it in granted if not _is_any(it)), granted[0]))
    return passed("neither its read nor its write is allowed", *seen, control=welcomed(session))


def _let_in(exchange: Exchange) -> Finding:
    if _is_any(exchange):
        reason = "every origin is allowed (`*`), without cookies"
        return failed(reason, exchange, root=ANY_ORIGIN, severity=Severity.WARNING)
    how = ", with the user's cookies" if with_credentials(exchange) else ""
    return failed(f"{FOREIGN} is let in{how}", exchange, root=ANY_ORIGIN)


def _is_any(exchange: Exchange) -> bool:
    """Whether the answer is for every origin: a browser then takes it without cookies only."""
    return exchange.answer.header("access-control-allow-origin") == "*"


PROBE = Probe(
    id="cors.foreign-origin",
    name="A page of any other origin is refused",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API8:2023, CWE-942, WSTG-CLNT-07",
    requirements=("D4", "C4"),
    requests=4,
    cause="The asking origin is sent back, or all origins are allowed.",
    fix="List the origins of the front end, and no other: no `*`, no `allow_origin_regex='.*'`.",
    rank=1,
    core=True,
)
