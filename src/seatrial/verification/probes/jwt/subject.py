"""A token must name somebody who exists

## What it asks
A's token, signed with the service's own key, without a subject, with one that nobody has, and with a number, a list
and null.

## What is right
401 for all; never a 5xx. A subject that nobody has is judged only where the service knows its users.

## Why it matters
A deleted user's token goes on working, or an odd one brings the service down.

## How to mend it
Demand `sub`, look the user up, and answer 401 where there is none.

## Reference
RFC 7519 section 4.1.2; CWE-613; CWE-20
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.exchange import Exchange
from seatrial.verification.forging import judged, minted, own_token
from seatrial.verification.probe import Finding, Need, Probe, failed
from seatrial.verification.session import Session

_TYPES: tuple[tuple[str, object], ...] = (("a list", ["a"]), ("an object", {"a": 1}), ("null", None))


def check(session: Session) -> Finding:
    """Subjects that are nobody."""
    missing = minted(session, "without a subject", {}, ("sub",))
    odd = [minted(session, f"of a subject that is {name}", {"sub": value}) for name, value in _TYPES]
    control = session.once("minted", lambda: minted(session, "control", own_token(session).claims))
    finding = judged([missing, *odd], control)
    unknown = _unknown(session)
    if unknown.good and session.api.accounts.delete:
        return failed(f"a token of a user who does not exist is taken: {unknown.status}", unknown, control)
    return judged([unknown], control) if unknown.status >= 500 else finding


def _unknown(session: Session) -> Exchange:
    known = str(own_token(session).claims.get("sub", ""))
    nobody = str(10**9) if known.isdigit() else "00000000-0000-4000-8000-000000000009"
    return minted(session, "of a subject that nobody is", {"sub": nobody})


PROBE = Probe(
    id="jwt.subject",
    name="A token must name somebody who exists",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 7519 section 4.1.2, CWE-613",
    requirements=("D3",),
    requests=7,
    cause="The subject is used as it comes.",
    fix="Demand sub, look the user up, and answer 401 where there is none.",
    needs=(
        Need.TOKEN,
        Need.SECRET,
    ),
    rank=2,
)
