"""The decision on health: one route that platform and image ask, which answers for the database too."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.records import Decision, record
from seatrial.artifacts.survey import Survey


def draft(survey: Survey) -> Iterator[Draft]:
    """The record."""
    route = f"`{survey.health}`" if survey.health else "a route `/health`, which is still to be written,"
    decision = Decision(
        slug="answer-for-ones-health",
        title="One route answers for the health of server and database",
        context=(
            "A process that runs and cannot reach its database answers every request with an error, and looks healthy to a check "
            "that only asks whether the port is open. Railway asks at each deployment and moves traffic on the first 200."
        ),
        decision=(
            f"Platform and image ask {route}. It queries the database within a time limit and answers 200, or 503 where that "
            "fails; it says nothing of what is inside."
        ),
        alternatives=(
            "An open port: proves that the process is there, and nothing else.",
            "A route that touches nothing: green while every request fails.",
            "Restarting on 503: does not bring a database back, and loses what is in flight.",
        ),
        consequences="Each check wakes a sleeping database. A route for liveness that touches nothing may stand beside it.",
        evidence=(
            f"On the day of this record the backend has {route if survey.health else 'no such route'}. "
            "railwayapp/docs: deployments/healthchecks.md."
        ),
    )
    yield from record(survey, decision)


PAPER = Paper("adr-health", "decision record: health", tuple(Purpose), draft, order=65)
