"""A build as Markdown, for a comment on a pull request or the summary of a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.report.markdown import block, cell, code, prose
from seatrial.report.results import ranked

if TYPE_CHECKING:
    from seatrial.proof.building.values import Step
    from seatrial.report.page import Page
    from seatrial.report.results import Build, Entry, Mended

_SAID = {
    "pass": "builds, starts and stops in the clean room",
    "fail": "does not get through the clean room",
    "inconclusive": "cannot all be judged here",
}


def build(result: Build, _page: Page) -> str:
    """The verdict, a table of the stages, each issue, and the patch that was proven."""
    name = code(result.target.value) if result.target else "The backend"
    platform = f", by the rules of {result.platform.capitalize()}" if result.platform else ""
    parts = [f"## {name} {_SAID[result.verdict]}{platform}", _table(result.stages)]
    parts += [_issue(entry) for entry in ranked(result.entries)]
    parts += _mended(result.mended) if result.mended else []
    return "\n\n".join([*parts, f"It took {result.duration_s:.1f} s."]) + "\n"


def _table(stages: tuple[Step, ...]) -> str:
    rows = ["| stage | verdict | seconds | seen |", "| --- | --- | --- | --- |"]
    for step in stages:
        took = f"{step.seconds:.1f}" if step.seconds else ""
        rows.append(f"| {step.name} | {step.mark} | {took} | {cell('; '.join(step.evidence)[:600])} |")
    return "\n".join(rows)


def _issue(entry: Entry) -> str:
    issue = entry.issue
    place = code(f"{issue.location.path}:{issue.location.line}")
    parts = [f"**{issue.code} {issue.name}**, {place}: {prose(issue.problem)}", prose(issue.cause)]
    if issue.fix:
        parts.append(f"Fix: {prose(issue.fix.explanation)}")
    elif issue.no_fix_reason:
        parts.append(f"No fix: {prose(issue.no_fix_reason)}")
    if entry.diff:
        parts.append(block(entry.readable_diff.rstrip("\n"), "diff"))
    return "\n\n".join(parts)


def _mended(mended: Mended) -> list[str]:
    said = f"**With the fixes of {', '.join(mended.applied)}** it {_SAID[mended.verdict]}."
    folded = block(mended.patch.rstrip("\n"), "diff")
    patch = f"<details><summary>The patch that was proven</summary>\n\n{folded}\n\n</details>"
    return [said, _table(mended.stages), patch]
