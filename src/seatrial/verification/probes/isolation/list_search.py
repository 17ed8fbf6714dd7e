"""A search finds only what is the user's own

## What it asks
B searches for the text of A's object, by `q`, `search`, `query`, `title` and `name`.

## What is right
Nothing of A's among what is found. An answer that only repeats the question is no leak.

## Why it matters
A search is a second list, written elsewhere, and its filter by owner is forgotten more often.

## How to mend it
Add the condition on the owner to the search as well.

## Reference
OWASP API1:2023; CWE-639
"""

from __future__ import annotations

from urllib.parse import urlencode

from seatrial.issue import Severity
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped
from seatrial.verification.session import Session

_WORDS = ("q", "search", "query", "title", "name")


def check(session: Session) -> Finding:
    """B searches for A's text."""
    if not session.resource.listed:
        return skipped("nothing lists the things of a user")
    mine = session.mine(session.a)
    text = str(session.body_of(session.read(mine), mine).get(session.resource.marked) or mine.marker)
    query = urlencode(dict.fromkeys(_WORDS, text))
    control = session.listing(session.a, query, note="control: A searches for its own")
    tried = session.listing(session.b, query, note="searches for A's text")
    if session.lists(mine, tried):
        return failed("a search shows B what is A's", tried, control, root="isolation.list")
    return passed(f"a search for A's text shows B nothing of A's: {tried.status}", tried, control=(mine.made, control))


PROBE = Probe(
    id="isolation.list-search",
    name="A search finds only what is the user's own",
    check=check,
    severity=Severity.ERROR,
    reference="OWASP API1:2023, CWE-639",
    requirements=("D3",),
    requests=5,
    cause="The search does not filter by owner.",
    fix="Add the condition on the owner to the search.",
    needs=(Need.TWO_USERS, Need.THING, Need.PRIVATE),
    rank=1,
)
