"""The results as a person reads them in a terminal: the verdict first, then what is wrong, then what to do next."""

from __future__ import annotations

import posixpath
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seatrial.boot import Outcome
from seatrial.issue import Applicability, Severity
from seatrial.report import verdict
from seatrial.report.issues import COLOURS, issues
from seatrial.report.page import Page, clean
from seatrial.report.results import count

if TYPE_CHECKING:
    from seatrial.boot import Boot
    from seatrial.report.results import Audit, LaunchTarget, Step, Trial

_FILES = 5  # not analysed and named; the rest is counted
_ENVIRONMENTS = {
    "own": "with its installed packages",
    "resolved": "with the packages its manifest resolves to",
    "none": "without the packages it needs",
}


def audit(result: Audit, page: Page) -> str:
    """The whole report of one audit, ending in a newline."""
    blocks = [verdict.predicted(result.predicted, result.target, page) + _circumstances(result, page)]
    blocks += issues(result.entries, result.sources, page)
    blocks += [_not_analysed(result, page), _summary(result, page)]
    return _joined(blocks)


def audits(results: Sequence[Audit], page: Page) -> str:
    """The reports of several backends one after another, each under the name of its folder."""
    return "\n".join(_part(it, replace(page, path=posixpath.join(page.path, it.backend))) for it in results)


def _part(result: Audit, page: Page) -> str:
    return page.paint(f"== {clean(result.backend)} ==", "bold") + "\n\n" + audit(result, page)


def trial(result: Trial, page: Page) -> str:
    """The whole report of one trial: the start as it stands, one for each fix, and what serves in the end."""
    blocks = [verdict.observed(result.before, result.target, page) + _limits(result.limits, page)]
    blocks += [_step(number, step, page) for number, step in enumerate(result.steps, 1)]
    blocks += issues(result.unexplained, result.sources, page)
    blocks += [_patch(result.patch, page), _outcome(result, page)]
    return _joined(blocks)


def _joined(blocks: Sequence[list[str]]) -> str:
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block) + "\n"


def _circumstances(result: Audit, page: Page) -> list[str]:
    judged = f"Judged for Python {result.python} {_ENVIRONMENTS.get(result.environment, '')}".rstrip()
    lines = page.prose(f"{judged}{_declared(result.target)}.", "  ")
    return [page.paint(line, "dim") for line in lines] + _limits(result.limits, page)


def _declared(target: LaunchTarget | None) -> str:
    return f"; started as {target.location.path}:{target.location.line} says" if target and target.location else ""


def _limits(limits: Sequence[str], page: Page) -> list[str]:
    return [page.paint(line, "yellow") for limit in limits for line in page.prose(limit, "  ")]


def _not_analysed(result: Audit, page: Page) -> list[str]:
    files = result.not_analysed
    if not files:
        return []
    lines = [page.paint(f"Not analysed ({_number(len(files), 'file')})", "bold")]
    for it in files[:_FILES]:
        lines += page.prose(f"{it.path}: {it.reason}", "  ")
    if len(files) > _FILES:
        lines.append(page.paint(f"  and {len(files) - _FILES} more, all of them with --format json", "dim"))
    return lines


def _summary(result: Audit, page: Page) -> list[str]:
    read = f"{_number(result.files, 'file')} read in {result.duration_s:.2f} s"
    if not result.entries:
        return [f"{page.paint('No issues', 'bold green')}, {read}."] + _next(result, page)
    counts = count(result.entries)
    found = [page.paint(_number(counts[it], it.value), COLOURS[it]) for it in Severity if counts[it]]
    return [f"{', '.join(found)}; {_fixes(result)}; {read}."] + _next(result, page)


def _fixes(result: Audit) -> str:
    kinds = Counter(it.issue.fix.applicability if it.issue.fix else None for it in result.entries)
    said = [
        (kinds[Applicability.SAFE], "can be fixed as it stands", "can be fixed as they stand"),
        (kinds[Applicability.REVIEW], "has a fix to review", "have a fix to review"),
        (kinds[None], "has no fix", "have no fix"),
    ]
    return ", ".join(f"{number} {one if number == 1 else many}" for number, one, many in said if number)


def _next(result: Audit, page: Page) -> list[str]:
    folder = shlex.quote(page.path)
    if any(it.issue.fix for it in result.entries) and result.predicted.outcome is Outcome.FAILS:
        return [_command(f"seatrial boot {folder}", "proves the fixes by starting the server with them", page)]
    if result.patch:
        line = _command(f"seatrial audit {folder} --patch fixes.patch", "writes the fixes for git apply", page)
        return [line]
    if result.predicted.outcome is not Outcome.FAILS and not result.failed:
        return [_command(f"seatrial boot {folder}", "starts it for real", page)]
    codes = sorted({it.issue.code for it in result.entries if not it.issue.fix})
    return [_command(f"seatrial explain {codes[0]}", "tells more about it", page)] if codes else []


def _command(command: str, purpose: str, page: Page) -> str:
    return f"Next: {page.paint(command, 'bold')}  {page.paint(f'({purpose})', 'dim')}"


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
        lines.append(f"{len(expected) - len(missing)} of {_number(len(expected), 'route')} of the source served")
        lines += page.prose(", ".join(missing), "        ", "  not:") if missing else []
    return lines + _closing(result, page)


def _closing(result: Trial, page: Page) -> list[str]:
    took = f"({result.duration_s:.1f} s)"
    if result.after.outcome is not Outcome.SERVES:
        return [f"{page.paint('It does not serve yet', 'bold red')} {took}."]
    if not result.steps:
        return [f"{page.paint('It serves as it stands', 'bold green')} {took}."]
    said = page.paint(f"It serves after {_number(len(result.steps), 'fix', 'fixes')}", "bold green")
    command = f"seatrial boot {shlex.quote(page.path)} --patch fixes.patch"
    return [f"{said} {took}.", _command(command, "writes the patch for git apply", page)]


def _number(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
