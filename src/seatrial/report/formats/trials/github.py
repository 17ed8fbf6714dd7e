"""A trial as GitHub's workflow commands: where the start stopped, and each fix at its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.boot import Outcome
from seatrial.report import verdict
from seatrial.report.annotations import annotation
from seatrial.report.places import from_here

if TYPE_CHECKING:
    from seatrial.boot import Failure
    from seatrial.issue import Location
    from seatrial.report.page import Page
    from seatrial.report.results import Trial


def trial(result: Trial, page: Page) -> str:
    """The failure of the start as it stands, then a line for each fix and for what no fix mends."""
    lines = [_stop(result.before.failure, page)] if result.before.failure else []
    proven = "proven by a start" if result.after.outcome is Outcome.SERVES else "applied, and it does not serve yet"
    for step in result.steps:
        where = _at(step.location, f"{step.code} ({proven})", page)
        lines += [annotation("notice", where, step.explanation)]
    lines += [
        annotation("error", _at(it.location, it.code, page), it.problem)
        for it in (entry.issue for entry in result.unexplained)
    ]
    return "".join(f"{line}\n" for line in lines)


def _stop(failure: Failure, page: Page) -> str:
    title = f"it does not start: {verdict.STOPS[failure.stage]}"
    where = {"title": title}
    if failure.frames:
        frame = failure.frames[-1]
        where = {"file": from_here(frame.path, page), "line": str(max(frame.line, 1)), "title": title}
    return annotation("error", where, f"{failure.exception}: {failure.message}")


def _at(place: Location, title: str, page: Page) -> dict[str, str]:
    return {"file": from_here(place.path, page), "line": str(place.line), "title": title}
