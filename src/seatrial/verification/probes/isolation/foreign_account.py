"""Another user's account cannot be read

## What it asks
B asks for the operations that tell of users, with A's id where the path has one.

## What is right
403 or 404, or nothing of A's address in the answer.

## Why it matters
Addresses and names of all users, for whoever has an account.

## How to mend it
Let users read their own account only; ask for a role elsewhere.

## Reference
OWASP API1:2023 Broken Object Level Authorization; CWE-639
"""

from __future__ import annotations

import re

from seatrial.issue import Severity
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped
from seatrial.verification.session import Session

_USERS = re.compile(r"/(users|accounts|members|profiles)(/{[^}]+})?/?$")


def check(session: Session) -> Finding:
    """B reads of A."""
    known = [it.path for it in session.api.operations if it.method == "GET" and _USERS.search(it.path)]
    paths = [re.sub(r"{[^}]+}", session.a.id, path) for path in known if path.count("{") <= 1][:3]
    if not paths or not session.a.email:
        return skipped("no operation tells of other users" if session.a.email else "A's address is not known")
    tried = [session.send("GET", path, by=session.b, note="asks for A's account") for path in paths]
    for it in tried:
        if it.shows(session.a.email):
            return failed(f"B reads A's account: {it.status}", it)
    own = [session.send("GET", path, by=session.a, note="control: A asks for its own") for path in paths[:1]]
    return passed("B reads nothing of A's account", *tried, control=tuple(own))


PROBE = Probe(
    id="isolation.foreign-account",
    name="Another user's account cannot be read",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API1:2023, CWE-639",
    requirements=("D3",),
    requests=4,
    cause="Any account may be read by any user.",
    fix="Let users read their own account only.",
    needs=(Need.TWO_USERS,),
    rank=2,
)
