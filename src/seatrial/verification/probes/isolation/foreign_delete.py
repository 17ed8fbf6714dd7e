"""Another user's object cannot be deleted

## What it asks
A makes an object, B sends DELETE to it; where paths name the user, below A's id and below B's own. Then A looks, and
deletes it itself as a control.

## What is right
403 or 404, and A still finds its object.

## Why it matters
Whoever knows an id destroys what others have made. The probe can only ever destroy what it made itself.

## How to mend it
Delete by id and owner: `delete(Task).where(Task.id == id, Task.owner_id == user.id)`.

## Reference
OWASP API1:2023 Broken Object Level Authorization; CWE-639
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.foreign import BY_OWNER, foreign_delete
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session


def check(session: Session) -> Finding:
    """B deletes what is A's."""
    return foreign_delete(session)


PROBE = Probe(
    id="isolation.foreign-delete",
    name="Another user's object cannot be deleted",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API1:2023, CWE-639",
    requirements=("D3",),
    requests=7,
    cause="The object is looked up by its id alone, or deleted before its owner is checked.",
    fix=BY_OWNER,
    needs=(
        Need.TWO_USERS,
        Need.THING,
    ),
    rank=0,
    writes=True,
)
