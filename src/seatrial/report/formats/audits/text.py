"""An audit as a person reads it in a terminal: the verdict first, then what is wrong, then what to do next."""

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
from seatrial.report.text import counted, joined, limits, next_command

if TYPE_CHECKING:
    from seatrial.report.results import Audit, LaunchTarget

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
    return joined(blocks)


def audits(results: Sequence[Audit], page: Page) -> str:
    """The reports of several backends one after another, each under the name of its folder."""
    return "\n".join(_part(it, replace(page, path=posixpath.join(page.path, it.backend))) for it in results)


def _part(result: Audit, page: Page) -> str:
    return page.paint(f"== {clean(result.backend)} ==", "bold") + "\n\n" + audit(result, page)


def _circumstances(result: Audit, page: Page) -> list[str]:
    judged = f"Judged for Python {result.python} {_ENVIRONMENTS.get(result.environment, '')}".rstrip()
    lines = page.prose(f"{judged}{_declared(result.target)}.", "  ")
    return [page.paint(line, "dim") for line in lines] + limits(result.limits, page)


def _declared(target: LaunchTarget | None) -> str:
    return f"; started as {target.location.path}:{target.location.line} says" if target and target.location else ""


def _not_analysed(result: Audit, page: Page) -> list[str]:
    files = result.not_analysed
    if not files:
        return []
    lines = [page.paint(f"Not analysed ({counted(len(files), 'file')})", "bold")]
    for it in files[:_FILES]:
        lines += page.prose(f"{it.path}: {it.reason}", "  ")
    if len(files) > _FILES:
        lines.append(page.paint(f"  and {len(files) - _FILES} more, all of them with --format json", "dim"))
    return lines


def _summary(result: Audit, page: Page) -> list[str]:
    read = f"{counted(result.files, 'file')} read in {result.duration_s:.2f} s"
    if not result.entries:
        return [f"{page.paint('No issues', 'bold green')}, {read}."] + _next(result, page)
    counts = count(result.entries)
    found = [page.paint(counted(counts[it], it.value), COLOURS[it]) for it in Severity if counts[it]]
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
        return [next_command(f"seatrial boot {folder}", "proves the fixes by starting the server with them", page)]
    if result.patch:
        line = next_command(f"seatrial audit {folder} --patch fixes.patch", "writes the fixes for git apply", page)
        return [line]
    if result.predicted.outcome is not Outcome.FAILS and not result.failed:
        return [next_command(f"seatrial boot {folder}", "starts it for real", page)]
    codes = sorted({it.issue.code for it in result.entries if not it.issue.fix})
    return [next_command(f"seatrial explain {codes[0]}", "tells more about it", page)] if codes else []
