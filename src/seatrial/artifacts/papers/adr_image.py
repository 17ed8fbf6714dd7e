"""The decision on the image: two stages, what is locked, no root, nothing written."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.records import Decision, record
from seatrial.artifacts.survey import Survey


def draft(survey: Survey) -> Iterator[Draft]:
    """The record, where there is an image."""
    if not survey.image:
        return
    decision = Decision(
        slug="build-the-image-in-two-stages",
        title="The image is built in two stages from what is declared, and runs without root",
        context=(
            "Compilers, package caches and tools that only an installation needs make an image large, and are useful to whoever "
            "gets into it. The same commit should give the same image next month."
        ),
        decision=(
            f"The first stage of the Dockerfile installs with {survey.install.tool} from `{survey.install.first}` into an "
            f"environment; the second takes that and the code, on `python:{survey.python}-slim`, as user 10001. It can be run "
            "read-only. Its health check and its command use the port that the platform sets."
        ),
        alternatives=(
            "One stage: larger by the tools.",
            "Alpine: other wheels, and other surprises, for little room.",
            "Distroless: no shell to fill in `$PORT`.",
            "Railpack alone: nothing to look after, and nothing that can be tried elsewhere.",
        ),
        consequences="Whatever is written goes to /tmp or to a service. A new package of the system is a line in both stages.",
        evidence=_evidence(survey),
    )
    yield from record(survey, decision)


def _evidence(survey: Survey) -> str:
    fixed = "versions, but no hashes" if survey.install.locked else "too little to give the same image again"
    how = "versions and hashes" if survey.install.hashed else fixed
    return f"On the day of this record the manifest fixes {how}. docs.docker.com: building best practices."


PAPER = Paper("adr-image", "decision record: the image", tuple(Purpose), draft, order=64)
