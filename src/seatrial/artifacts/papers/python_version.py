""".python-version: the Python that Railpack takes, and that a newcomer's tools take.

Railpack does not read `requires-python`. Source: railwayapp/railpack core/providers/python/python.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.paper import Draft, Manner, Paper, Purpose
from seatrial.artifacts.survey import Survey

_OTHERS = (".python-version", ".tool-versions", "mise.toml", ".mise.toml", "runtime.txt", "Pipfile")


def draft(survey: Survey) -> Iterator[Draft]:
    """Only where nothing that Railpack reads says it already."""
    said = [name for name in _OTHERS if survey.text(name) is not None]
    if said == [".python-version"] or not said:
        yield Draft(survey.path(".python-version"), f"{survey.python}\n", Manner.ONCE)


PAPER = Paper("python-version", "the Python that the platform takes", (Purpose.RAILWAY,), draft, order=12)
