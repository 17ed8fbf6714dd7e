"""Issues in the order in which they would bite."""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.issue import Issue, Severity, Stage
from seatrial.simulation.timeline import Timeline


def in_order(issues: Iterable[Issue], timeline: Timeline) -> tuple[Issue, ...]:
    """Issues in the order in which a deployment meets them: what stops the installation, then as the start goes.

    Those that the start does not meet come last.
    """
    bites: dict[tuple[str, int], int] = {}
    for index, mishap in enumerate(timeline.mishaps):
        places = [(mishap.location.path, mishap.location.line)]
        places += [(frame.path, frame.line) for frame in mishap.failure.frames[-1:]]
        for place in places:
            bites.setdefault(place, index)
    far = len(timeline.mishaps)

    def key(issue: Issue) -> tuple[int, str, int]:
        if issue.stage is Stage.INSTALL and issue.severity is Severity.BLOCKER:
            return -1, issue.location.path, issue.location.line
        places = [issue.location, *(related.location for related in issue.related)]
        first = min((bites.get((place.path, place.line), far) for place in places), default=far)
        return first, issue.location.path, issue.location.line

    return tuple(sorted(issues, key=key))
