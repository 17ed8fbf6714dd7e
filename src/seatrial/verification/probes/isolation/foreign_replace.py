"""Another user's object cannot be replaced

## What it asks
A changes its own object with PUT, as a control. B sends the same to it, with another text; where paths name the user,
below A's id and below B's own. Then A looks.

## What is right
403 or 404, and A finds its object as it was. A's look decides: some services answer 404 after they have written.

## Why it matters
Whoever knows an id overwrites what others have written.

## How to mend it
Select by id and owner before anything is set; commit only what was found so.

## Reference
OWASP API1:2023 Broken Object Level Authorization; CWE-639
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.foreign import BY_ID_ALONE, BY_OWNER, foreign_write
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """B sends PUT to what is A's."""
    return foreign_write(session, "PUT")


PROBE = Probe(
    id="isolation.foreign-replace",
    name="Another user's object cannot be replaced",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API1:2023, CWE-639",
    requirements=("D3",),
    requests=7,
    cause=BY_ID_ALONE,
    fix=BY_OWNER,
    needs=(
        Need.TWO_USERS,
        Need.THING,
    ),
    rank=1,
    writes=True,
)
