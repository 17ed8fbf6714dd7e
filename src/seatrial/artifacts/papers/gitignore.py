""".gitignore: secrets and caches stay out of the repository, and the lock file stays in."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.ignoring import with_lines, without
from seatrial.artifacts.paper import Draft, Manner, Paper, Purpose
from seatrial.artifacts.survey import Survey

_LINES = (".env", ".env.*", "!.env.example", "__pycache__/", ".venv/", ".venv-tests/", ".pytest_cache/", ".seatrial/")
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "*.lock")


def draft(survey: Survey) -> Iterator[Draft]:
    """The lines that are not there yet; a line that keeps the lock out is taken away."""
    path = survey.path(".gitignore")
    present = survey.texts.get(path)
    kept = without(present, _LOCKS) if present is not None and survey.install.locked else present
    yield Draft(path, with_lines(kept, _LINES), Manner.LINES)


PAPER = Paper("gitignore", "secrets out of the repository, the lock in", tuple(Purpose), draft, order=40)
