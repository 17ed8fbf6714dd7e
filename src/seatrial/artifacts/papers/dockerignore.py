""".dockerignore: what never goes into an image: secrets, version control, environments, caches."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.ignoring import with_lines
from seatrial.artifacts.paper import Draft, Manner, Paper, Purpose
from seatrial.artifacts.survey import Survey

_LINES = (
    ".git", ".env", ".env.*", "!.env.example", "**/__pycache__", "**/*.py[cod]", ".venv", ".venv-tests", "venv",
    ".pytest_cache", ".mypy_cache", ".ruff_cache", ".coverage", "htmlcov", "node_modules", "**/*.pem", "**/*.key", ".seatrial",
)  # fmt: skip


def draft(survey: Survey) -> Iterator[Draft]:
    """The lines that are not there yet."""
    path = survey.path(".dockerignore")
    yield Draft(path, with_lines(survey.texts.get(path), _LINES), Manner.LINES)


PAPER = Paper("dockerignore", "what stays out of the image", (Purpose.DOCKER, Purpose.COMPOSE), draft, order=21)
