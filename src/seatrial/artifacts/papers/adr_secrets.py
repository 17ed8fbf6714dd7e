"""The decision on secrets: from the environment, with no value of their own in the code."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.records import Decision, record
from seatrial.artifacts.survey import Survey


def draft(survey: Survey) -> Iterator[Draft]:
    """The record."""
    weak = ", ".join(f"`{name}`" for name in survey.edge.weak)
    found = (
        f"the code has its own value for {weak}: this decision is not carried out yet"
        if weak
        else "none is in the code"
    )
    decision = Decision(
        slug="take-secrets-from-the-environment",
        title="Secrets come from the environment, and the server does not start without them",
        context=(
            "A value in the code is known to everyone who ever reads the repository, and is what production runs on as soon "
            "as the variable is forgotten. A repository keeps what was committed once."
        ),
        decision=(
            "Secrets are set on the platform. `.env.example` names them with placeholders, `.env` is ignored by git and "
            "Docker, `scripts/prepare-deployment.sh` refuses placeholders and what is shorter than 32 characters."
        ),
        alternatives=(
            "A value for development in the code: is found in production sooner or later.",
            "A file of secrets in the repository, encrypted: one more key to hand round.",
            "A vault: right for many services, much for one.",
        ),
        consequences="The first start on a new machine needs `scripts/prepare-deployment.sh init`.",
        evidence=f"Secrets with a value in the code, on the day of this record: {found}. 12factor.net/config.",
    )
    yield from record(survey, decision)


PAPER = Paper("adr-secrets", "decision record: secrets", tuple(Purpose), draft, order=63)
