"""A token whose end is no time is refused

## What it asks
A's token, signed with the service's own key, with an end that is a word, a list, null, and far beyond all times.

## What is right
401 for the first three; never a 5xx for any.

## Why it matters
What is not checked for its type is compared with whatever comes, or raises what nobody catches.

## How to mend it
Use the library's own check, and catch its base class.

## Reference
RFC 7519 section 2 and 4.1.4; CWE-20
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.forging import judged, minted, own_token
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session

_ENDS: tuple[tuple[str, object], ...] = (("a word", "never"), ("a list", [4102444800]), ("null", None))


def check(session: Session) -> Finding:
    """Ends that are no times."""
    seen = [minted(session, f"ended by {name}", {"exp": value}) for name, value in _ENDS]
    beyond = minted(session, "ended beyond all times", {"exp": 10**30})
    control = session.once("minted", lambda: minted(session, "control", own_token(session).claims))
    return judged(seen if beyond.status < 500 else [beyond], control)


PROBE = Probe(
    id="jwt.odd-end",
    name="A token whose end is no time is refused",
    check=check,
    severity=Severity.WARNING,
    reference="RFC 7519 section 4.1.4, CWE-20",
    requirements=("D3",),
    requests=6,
    cause="The end is compared without a look at its type.",
    fix="Use the library's own check, and catch its base class.",
    needs=(
        Need.TOKEN,
        Need.SECRET,
    ),
    rank=3,
)
