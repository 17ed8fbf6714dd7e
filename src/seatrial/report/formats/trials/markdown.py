"""A trial as Markdown, for a comment on a pull request or the summary of a job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seatrial.boot import Outcome
from seatrial.report import verdict
from seatrial.report.markdown import block, cell, code, prose
from seatrial.report.page import Page
from seatrial.report.text import counted

if TYPE_CHECKING:
    from seatrial.boot import Boot
    from seatrial.report.results import Trial


def trial(result: Trial, page: Page) -> str:
    """The verdict, a table of all starts, the routes that answered, the patch."""
    said, *detail = verdict.observed(result.before, result.target, Page(width=10_000))
    parts = [f"## {prose(said)}"]
    if detail:
        parts.append(block("\n".join(line.strip() for line in detail)))
    parts += [prose(_outcome(result)), _starts(result), *_answers(result)]
    for entry in result.unexplained:
        parts.append(
            f"**{entry.issue.code} {entry.issue.name}**: {prose(entry.issue.problem)} {prose(entry.issue.cause)}"
        )
    if result.patch:
        folded = block(result.patch.rstrip("\n"), "diff")
        parts.append(f"<details><summary>The patch that was proven</summary>\n\n{folded}\n\n</details>")
    return "\n\n".join([*parts, *(f"> {prose(limit)}" for limit in result.limits)]) + "\n"


def _outcome(result: Trial) -> str:
    if result.after.outcome is not Outcome.SERVES:
        return "It does not serve yet."
    return (
        f"It serves after {counted(len(result.steps), 'fix', 'fixes')}." if result.steps else "It serves as it stands."
    )


def _starts(result: Trial) -> str:
    rows = ["| start | place | fix | then |", "| --- | --- | --- | --- |"]
    rows.append(f"| as it stands | | | {_then(result.before)} |")
    for step in result.steps:
        place = code(f"{step.location.path}:{step.location.line}")
        rows.append(f"| {step.code} | {place} | {cell(step.explanation)} | {_then(step.boot)} |")
    return "\n".join(rows)


def _then(boot: Boot) -> str:
    if boot.failure:
        return cell(f"{verdict.STOPS[boot.failure.stage]}: `{boot.failure.exception}`")
    return "it serves" if boot.outcome is Outcome.SERVES else cell(f"cannot be told: {boot.reason}")


def _answers(result: Trial) -> Iterator[str]:
    if result.answers:
        yield "\n".join(f"- {code(f'{it.method} {it.path}')} answered {it.status}" for it in result.answers)
    expected, missing = result.routes.expected, result.routes.missing
    if expected:
        said = f"{len(expected) - len(missing)} of {counted(len(expected), 'route')} of the source served"
        yield f"{said}; not: {', '.join(map(code, missing))}." if missing else f"{said}."
