"""What `prepare` found, for a person: how each paper stands, then the diff."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.plan import State
from seatrial.report.page import Page
from seatrial.report.preparation import Preparation
from seatrial.report.text import counted

_STYLES = {State.MISSING: "yellow", State.STALE: "yellow", State.IN_STEP: "green", State.YOURS: "cyan"}


def preparation(result: Preparation, page: Page, *, written: bool = False) -> str:
    """The whole text; `written` says that the diff has been carried out."""
    lines = [*_papers(result, page), ""]
    lines += [page.diff_line(line) for line in result.patch.split("\n")[:-1]]
    return "\n".join([*lines, *([""] if result.patch else []), *_verdict(result, page, written)]) + "\n"


def _papers(result: Preparation, page: Page) -> Iterator[str]:
    width = max((len(sheet.path) for sheet in result.sheets), default=0)
    for sheet in result.sheets:
        yield f"{sheet.path.ljust(width)}  {page.paint(sheet.state, _STYLES[sheet.state])}"


def _verdict(result: Preparation, page: Page, written: bool) -> Iterator[str]:
    if result.applied:
        yield from page.prose(f"Fixes of the audit in it: {', '.join(result.applied)}.")
    for note in result.notes:
        yield from page.prose(note)
    yours = [sheet.path for sheet in result.yours if sheet.path not in result.files]
    if yours:
        yield from page.prose(
            f"Left alone, for a person wrote or changed them (--replace shows ours): {', '.join(yours)}."
        )
    if not result.files:
        yield page.paint("Every paper is in step.", "bold green")
    elif written:
        yield page.paint(f"{counted(len(result.files), 'file')} written.", "bold green")
    else:
        files = counted(len(result.files), "file")
        yield from page.prose(f"{files} would change: --write does it, --check exits with 1.")
