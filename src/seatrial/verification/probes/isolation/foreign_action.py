"""Another user's object cannot be acted on

## What it asks
B calls an operation below one of A's objects, such as `/tasks/{id}/complete`. Then A looks, and calls it itself as a
control.

## What is right
403 or 404, and A finds its object as it was.

## Why it matters
Actions are written later than reading and writing, and their check of the owner is forgotten more often.

## How to mend it
Use the same dependency that reading uses: it finds the object by id and owner.

## Reference
OWASP API1:2023 Broken Object Level Authorization; CWE-639
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.foreign import BY_OWNER, foreign_action
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """B acts on what is A's."""
    return foreign_action(session)


PROBE = Probe(
    id="isolation.foreign-action",
    name="Another user's object cannot be acted on",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API1:2023, CWE-639",
    requirements=("D3",),
    requests=5,
    cause="The action looks the object up by its id alone.",
    fix=BY_OWNER,
    needs=(
        Need.TWO_USERS,
        Need.THING,
    ),
    rank=1,
    writes=True,
)
