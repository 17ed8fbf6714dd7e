"""A build as a person reads it in a terminal: the verdict, the stages with what was seen, what is wrong, what next."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatrial.report.issues import issues
from seatrial.report.page import Page, clean

if TYPE_CHECKING:
    from seatrial.platforms.railpack import Choice
    from seatrial.proof.building.values import Step
    from seatrial.report.results import Build, Mended

_COLOURS = {"pass": "green", "fail": "bold red", "inconclusive": "bold yellow", "skipped": "dim"}
_SAID = {
    "pass": ("It builds, starts and stops in the clean room", "bold green"),
    "fail": ("It does not get through the clean room", "bold red"),
    "inconclusive": ("It cannot all be judged here", "bold yellow"),
}
_WIDTH = 14  # columns of the longest stage's name, and of a verdict
_LINES = 12  # of one stage's evidence


def build(result: Build, page: Page) -> str:
    """The whole report of one build, ending in a newline."""
    blocks = [_verdict(result, page), _choices(result.choices, page), *_stages(result.stages, page)]
    blocks += issues(result.entries, result.sources, page)
    blocks += _mended(result.mended, page) if result.mended else []
    blocks.append(_closing(result, page))
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block) + "\n"


def _verdict(result: Build, page: Page) -> list[str]:
    said, style = _SAID[result.verdict]
    name = clean(result.target.value) if result.target else "The backend"
    platform = f", by the rules of {result.platform.capitalize()}" if result.platform else ""
    return [page.paint(f"{name}: {said[0].lower()}{said[1:]}{platform}.", style)]


def _choices(choices: Sequence[Choice], page: Page) -> list[str]:
    lines = [page.paint("What the platform decides", "bold")] if choices else []
    for choice in choices:
        where = f" ({clean(choice.location.path)}:{choice.location.line})" if choice.location else ""
        lines += page.prose(f"{choice.value}{where}", " " * (_WIDTH + 2), f"  {choice.subject}")
        lines += [page.paint(it, "dim") for it in page.prose(f"{choice.rule} ({choice.source})", " " * (_WIDTH + 2))]
    return lines


def _stages(steps: Sequence[Step], page: Page) -> list[list[str]]:
    return [[line for step in steps for line in _stage(step, page)]]


def _stage(step: Step, page: Page) -> list[str]:
    mark = page.paint(step.mark.value.ljust(_WIDTH), _COLOURS[step.mark.value])
    took = f"{step.seconds:6.1f} s" if step.seconds else ""
    lines = [f"{step.name.ljust(_WIDTH)}{mark}{took}"]
    shown = step.evidence[:_LINES]
    for text in shown:
        lines += [page.paint(line, "dim") for line in page.prose(text, "  ")]
    if len(step.evidence) > _LINES:
        lines.append(page.paint(f"  and {len(step.evidence) - _LINES} more lines with --format json", "dim"))
    return lines


def _mended(mended: Mended, page: Page) -> list[list[str]]:
    codes = ", ".join(mended.applied)
    blocks = [[page.paint(f"Built again with the fixes of {codes}", "bold")], *_stages(mended.stages, page)]
    patch = [page.paint("The patch", "bold"), *(f"  {page.diff_line(line)}" for line in mended.patch.splitlines())]
    return [*blocks, patch]


def _closing(result: Build, page: Page) -> list[str]:
    took = f"({result.duration_s:.1f} s)"
    folder = shlex.quote(page.path)
    if result.mended is not None:
        said = {"pass": "With the fixes it gets through", "fail": "With the fixes it does not get through yet"}
        verdict = said.get(result.mended.verdict, "With the fixes it cannot all be judged")
        return [f"{page.paint(verdict, _COLOURS[result.mended.verdict])} {took}."]
    if result.verdict == "fail" and any(entry.issue.fix for entry in result.entries):
        command = page.paint(f"seatrial build {folder} --fix", "bold")
        return [
            f"It took {result.duration_s:.1f} s.",
            f"Next: {command}  {page.paint('(proves the fixes in the same clean room)', 'dim')}",
        ]
    return [f"It took {result.duration_s:.1f} s."]
