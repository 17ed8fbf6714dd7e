"""What has to be written: each draft held against the file that is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from seatrial.artifacts.paper import Draft, Manner, Paper, Purpose
from seatrial.artifacts.stamp import is_ours
from seatrial.artifacts.survey import Survey


class State(StrEnum):
    """How a file stands to its paper."""

    MISSING = "missing"  # there is no such file yet
    STALE = "stale"  # it is ours, or lacks lines, and says something else than it should
    IN_STEP = "in step"
    YOURS = "yours"  # a person wrote or changed it: left alone unless that is asked for


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file: the paper that it belongs to, how it stands, and the text that it should have."""

    paper: str
    path: str
    state: State
    text: str
    executable: bool = False


def plan(survey: Survey, papers: Collection[Paper]) -> tuple[Sheet, ...]:
    """The sheets of these papers, in their order."""
    return tuple(_sheet(paper, draft, survey) for paper in papers for draft in paper.draft(survey))


def wanted(papers: Collection[Paper], purposes: Collection[Purpose]) -> tuple[Paper, ...]:
    """The papers that serve any of the purposes; all of them where none is named."""
    return tuple(paper for paper in papers if not purposes or set(paper.purposes) & set(purposes))


def to_write(sheets: Collection[Sheet], *, replace: bool) -> Iterator[Sheet]:
    """The sheets that change a file; a person's own only where they may be replaced."""
    for sheet in sheets:
        if sheet.state in (State.MISSING, State.STALE) or (replace and sheet.state is State.YOURS):
            yield sheet


def _sheet(paper: Paper, draft: Draft, survey: Survey) -> Sheet:
    return Sheet(paper.name, draft.path, _state(draft, survey.texts.get(draft.path)), draft.text, draft.executable)


def _state(draft: Draft, present: str | None) -> State:
    if present is None:
        return State.MISSING
    if draft.manner is Manner.ONCE or present.replace("\r\n", "\n") == draft.text:
        return State.IN_STEP
    return State.STALE if draft.manner is Manner.LINES or is_ours(present) else State.YOURS
