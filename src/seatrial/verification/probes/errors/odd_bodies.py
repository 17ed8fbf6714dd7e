"""Odd bodies are refused

## What it asks
A creates objects from bodies that are no JSON, not UTF-8, nested twenty thousand deep, of the wrong type, or
hold `NaN`.

## What is right
400, 415 or 422 (any 4xx), never 5xx.

## Why it matters
Whatever parses the body meets these sooner or later. A 500 is an unhandled exception that anybody can bring about,
and FastAPI's own answer to a `NaN` fails while it is being written.

## How to mend it
Take bodies as models. Answer validation errors without repeating the input: a handler for `RequestValidationError`
that leaves out `input` and `ctx`.

## Reference
CWE-248; CWE-20; CWE-674 (uncontrolled recursion)
"""

from __future__ import annotations

from seatrial.issue import Severity
from seatrial.verification.faulty import judged
from seatrial.verification.probe import Finding, Need, Probe
from seatrial.verification.session import Session

_JSON = "application/json"
ODD: tuple[tuple[str, str, bytes], ...] = (
    ("half an object", _JSON, b"{"),
    ("bytes that are not UTF-8", _JSON, b'{"title": "\xff\xfe"}'),
    ("twenty thousand brackets", _JSON, b"[" * 20_000),
    ("a body of another type", "text/plain", b"seatrial"),
    ("a list of numbers that are none", _JSON, b"[NaN, Infinity]"),
)


def check(session: Session) -> Finding:
    """Create from odd bodies: none of them is an object, so that nothing can come of it."""
    mine = session.mine(session.a)
    path = session.resource.collection_of(session.a.id)
    seen = []
    for what, kind, body in (*ODD, _not_a_text(session)):
        headers = (("Content-Type", kind),)
        seen.append((what, session.send("POST", path, by=session.a, headers=headers, body=body, note=what)))
    return judged(seen, mine.made)


def _not_a_text(session: Session) -> tuple[str, str, bytes]:
    """Where a text is wanted, a number that JSON has no word for: whoever repeats it in an answer fails."""
    return "NaN where a text is wanted", _JSON, b'{"%s": NaN}' % session.resource.marked.encode()


PROBE = Probe(
    id="errors.odd-bodies",
    name="Odd bodies are refused",
    check=check,
    severity=Severity.WARNING,
    reference="CWE-248, CWE-20, CWE-674",
    requirements=("B10",),
    requests=7,
    cause="The body is parsed or repeated by code that does not expect it.",
    fix="Take bodies as models, and leave the input out of the answer to a validation error.",
    needs=(Need.USER, Need.THING),
    rank=4,
)
