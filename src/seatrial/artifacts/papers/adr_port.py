"""The decision on the port: the platform's, on every address, with the server as the process that gets SIGTERM."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.records import Decision, record
from seatrial.artifacts.survey import DRAIN_S, Survey

_OTHER = "Reading PORT in Python: one more way to start it that has to be kept in step."
_OPTIONS = "The server's own command: the number of workers, and what the server is told, would stand in every paper."


def draft(survey: Survey) -> Iterator[Draft]:
    """The record."""
    decision = Decision(
        slug="bind-the-port-of-the-platform",
        title="The server listens on the platform's PORT, and is the process that gets SIGTERM",
        context=(
            "The platform chooses the port and says it in `PORT`; its proxy and its health check go there and nowhere "
            "else. Railway sends SIGTERM and, unless told otherwise, SIGKILL right behind it. A shell that stays in front "
            "of the server keeps SIGTERM to itself."
        ),
        decision=(
            f"`{survey.launch.command('$PORT')}` is started through `exec`, in the Procfile and in the image alike. "
            f"SIGTERM lets requests in flight finish for {DRAIN_S} s; the platform is told to wait {DRAIN_S + 5} s."
        ),
        alternatives=(
            "A fixed port: works on one's own machine, and answers 502 on the platform.",
            _OPTIONS if survey.launch.program else _OTHER,
            "Shell form of CMD: dash stays process 1 and SIGTERM is lost.",
        ),
        consequences="A port that is taken stops the start at once. Deployments take up to the draining time longer.",
        evidence="railwayapp/docs: variables/reference.md (draining 0 s by default), deployments/start-command.md.",
    )
    yield from record(survey, decision)


PAPER = Paper("adr-port", "decision record: port and signals", tuple(Purpose), draft, order=60)
