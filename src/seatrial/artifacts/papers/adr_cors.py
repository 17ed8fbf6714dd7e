"""The decision on CORS: the origins of the front end, spelt out."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.records import Decision, record
from seatrial.artifacts.survey import Survey

_SAID = {
    "none": "no CORS middleware was found in the code",
    "any": "the code still allows every origin: this decision is not carried out yet",
    "listed": "the code lists origins",
}


def draft(survey: Survey) -> Iterator[Draft]:
    """The record."""
    decision = Decision(
        slug="list-the-origins-of-the-front-end",
        title="CORS allows the origins of the front end, spelt out, and no others",
        context=(
            "The front end is served from another origin, so the browser asks whether it may call. With credentials allowed "
            "for any origin, every page that a user visits can act in their name. Preview deployments get origins of their own."
        ),
        decision=(
            "Exact origins (scheme, host, port) come from the environment. There is no `*`, and no pattern that somebody "
            "else's project could match; previews are allowed one by one, or by an anchored pattern for one's own project."
        ),
        alternatives=(
            "`*` without credentials: enough for public data alone.",
            "Any `*.vercel.app`: anybody can have such an address.",
            "A proxy under the front end's own origin: no CORS at all, but one more hop to run.",
        ),
        consequences="A new domain of the front end is a change of a variable, and needs a deployment.",
        evidence=f"On the day of this record {_SAID[survey.edge.cors]}. fetch.spec.whatwg.org, CORS protocol.",
    )
    yield from record(survey, decision)


PAPER = Paper("adr-cors", "decision record: CORS", tuple(Purpose), draft, order=62)
