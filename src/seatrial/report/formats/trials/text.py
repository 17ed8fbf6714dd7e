"""A trial as a person reads it in a terminal: the start as it stands, each fix with the start after it, the patch."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from seatrial.boot import Outcome
from seatrial.report import verdict
from seatrial.report.issues import issues
from seatrial.report.page import Page, clean
from seatrial.report.text import counted, joined, limits, next_command

if TYPE_CHECKING:
    from seatrial.boot import Boot
    from seatrial.report.results import Step, Trial


def trial(result: Trial, page: Page) -> str:
    """The whole report of one trial: the start as it stands, one for each fix, and what serves in the end."""
    blocks = [verdict.observed(result.before, result.target, page) + limits(result.limits, page)]
    blocks += [_step(number, step, page) for number, step in enumerate(result.steps, 1)]
    blocks += issues(result.unexplained, result.sources, page)
    blocks += [_patch(result.patch, page), _outcome(result, page)]
    return joined(blocks)


def _step(number: int, step: Step, page: Page) -> list[str]:
    where = f"{clean(step.location.path)}:{step.location.line}"
    lines = [f"{page.paint(f'Fix {number}: {step.code}', 'bold')}  {where}", *page.prose(step.explanation, "  ")]
    return lines + _reached(step.boot, page)


def _reached(boot: Boot, page: Page) -> list[str]:
    if boot.failure:
        stop = page.paint(f"  Now {verdict.STOPS[boot.failure.stage]}.", "yellow")
        return [stop, *verdict.failure(boot.failure, page, "    ")]
    if boot.outcome is Outcome.SERVES:
        return [page.paint("  Now it serves.", "green")]
    return page.prose(f"What it does now cannot be told: {boot.reason}", "  ")


def _patch(patch: str, page: Page) -> list[str]:
    if not patch:
        return []
    return [page.paint("The patch", "bold"), *(f"  {page.diff_line(line)}" for line in patch.splitlines())]


def _outcome(result: Trial, page: Page) -> list[str]:
    lines = [f"{it.method} {clean(it.path)} answered {it.status}" for it in result.answers]
    expected, missing = result.routes.expected, result.routes.missing
    if expected:
        lines.append(f"{len(expected) - len(missing)} of {counted(len(expected), 'route')} of the source served")
        lines += page.prose(", ".join(missing), "        ", "  not:") if missing else []
    return lines + _closing(result, page)


def _closing(result: Trial, page: Page) -> list[str]:
    took = f"({result.duration_s:.1f} s)"
    if result.after.outcome is not Outcome.SERVES:
        return [f"{page.paint('It does not serve yet', 'bold red')} {took}."]
    if not result.steps:
        return [f"{page.paint('It serves as it stands', 'bold green')} {took}."]
    said = page.paint(f"It serves after {counted(len(result.steps), 'fix', 'fixes')}", "bold green")
    command = f"seatrial boot {shlex.quote(page.path)} --patch fixes.patch"
    return [f"{said} {took}.", next_command(command, "writes the patch for git apply", page)]
