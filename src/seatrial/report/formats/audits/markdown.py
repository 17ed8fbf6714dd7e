"""The audit as Markdown, for a comment on a pull request or the summary of a job."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from seatrial.issue import Applicability
from seatrial.report import verdict
from seatrial.report.issues import heading
from seatrial.report.markdown import block, cell, code, prose
from seatrial.report.page import Page
from seatrial.report.results import Entry, ranked

if TYPE_CHECKING:
    from seatrial.report.results import Audit


def audit(result: Audit, page: Page, level: int = 2) -> str:
    """The verdict, a table of the issues, and each of them in full below."""
    said, *detail = verdict.predicted(result.predicted, result.target, Page(width=10_000))
    parts = [f"{'#' * level} {prose(said)}"]
    if detail:
        parts.append(block("\n".join(line.strip() for line in detail)))
    entries = ranked(result.entries)
    parts += [_table(entries), *(_issue(entry) for entry in entries)] if entries else ["No issues."]
    if result.not_analysed:
        listed = "\n".join(f"- {code(it.path)}: {prose(it.reason)}" for it in result.not_analysed)
        parts.append(f"**Not analysed**\n\n{listed}")
    parts += [f"> {prose(limit)}" for limit in result.limits]
    return "\n\n".join(parts) + "\n"


def audits(results: Sequence[Audit], page: Page) -> str:
    """Several backends, each under the name of its folder."""
    return "\n".join(f"## {code(it.backend)}\n\n{audit(it, page, level=3)}" for it in results)


def _table(entries: Sequence[Entry]) -> str:
    rows = ["| severity | rule | place | problem |", "| --- | --- | --- | --- |"]
    for entry in entries:
        issue = entry.issue
        place = code(f"{issue.location.path}:{issue.location.line}")
        rows.append(f"| {issue.severity} | {issue.code} {issue.name} | {place} | {cell(issue.problem)} |")
    kinds = groupby(entries, key=lambda it: (it.issue.severity, it.issue.stage))
    counts = ", ".join(heading(*kind, len(list(members))) for kind, members in kinds)
    return f"{counts}.\n\n" + "\n".join(rows)


def _issue(entry: Entry) -> str:
    issue = entry.issue
    place = f"{issue.location.path}:{issue.location.line}"
    parts = [f"**{issue.code} {issue.name}**, {code(place)}: {prose(issue.problem)}", prose(issue.cause)]
    if issue.fix:
        review = "" if issue.fix.applicability is Applicability.SAFE else " (to be reviewed)"
        parts.append(f"Fix{review}: {prose(issue.fix.explanation)}")
    elif issue.no_fix_reason:
        parts.append(f"No fix: {prose(issue.no_fix_reason)}")
    if entry.diff:
        parts.append(block(entry.readable_diff.rstrip("\n"), "diff"))
    if issue.related:
        listed = "\n".join(
            f"- {code(f'{it.location.path}:{it.location.line}')} {prose(it.message)}" for it in issue.related
        )
        parts.append(f"<details><summary>Also</summary>\n\n{listed}\n\n</details>")
    return "\n\n".join(parts)
