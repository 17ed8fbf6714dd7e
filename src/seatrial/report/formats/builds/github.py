"""A build as GitHub's workflow commands: each issue at its line, and each stage that could not be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.proof.building.values import Mark
from seatrial.report.annotations import annotation, of_issue
from seatrial.report.results import ranked

if TYPE_CHECKING:
    from seatrial.report.page import Page
    from seatrial.report.results import Build


def build(result: Build, page: Page) -> str:
    """One line for each issue, worst first, then one for each stage without a verdict, and for one without an issue."""
    lines = [of_issue(entry.issue, page) for entry in ranked(result.entries)]
    for step in result.stages:
        said = " ".join(step.evidence) or "nothing more is known"
        if step.mark is Mark.INCONCLUSIVE:
            lines.append(annotation("warning", {"title": f"{step.name}: it cannot be judged here"}, said))
        elif step.mark is Mark.FAIL and not step.issues:
            lines.append(annotation("error", {"title": f"{step.name}: it fails"}, said))
    return "".join(f"{line}\n" for line in lines)
