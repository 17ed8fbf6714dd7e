"""From the plan of the papers, and the audit's fixes where they are wished for, to the one diff."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from seatrial.artifacts.paper import Paper, Purpose
from seatrial.artifacts.plan import Sheet, State, plan, to_write, wanted
from seatrial.artifacts.reading import survey_of
from seatrial.artifacts.registry import all_papers
from seatrial.artifacts.stamp import is_ours
from seatrial.artifacts.survey import Survey
from seatrial.errors import UsageError
from seatrial.fixes import unified_diff
from seatrial.issue import NotAnalysed
from seatrial.options import PrepareOptions
from seatrial.project.files import Tree, read_bytes
from seatrial.proof.refit import Refit
from seatrial.report.preparation import Preparation
from seatrial.simulation.gather import Facts
from seatrial.simulation.timeline import Timeline

_ELSEWHERE = (
    "No workflow is written here, for GitHub reads workflows in the root of a repository only: run seatrial prepare "
    "there as well, {root} up."
)


def assemble_prepare(tree: Tree, refit: Refit, options: PrepareOptions) -> Preparation:
    """The papers that are asked for, of the code as it is once it is fixed; the diff is against what is in `tree`.

    Raises UsageError where the facts are too few to write any.
    """
    papers = _papers(options)
    survey = _survey(refit.facts, refit.timeline, papers, options)
    sheets = plan(survey, papers)
    changed = {it.path: it for it in to_write(sheets, replace=options.replace)}
    before = _present(tree, {*changed, *refit.changes})
    written = {path: _bytes(sheet, before.get(path)) for path, sheet in changed.items()}
    after: dict[str, bytes | None] = {**refit.changes, **written}
    executable = frozenset(path for path, sheet in changed.items() if sheet.executable)
    return Preparation(
        backend=refit.facts.base,
        sheets=sheets,
        patch=unified_diff(before, after, executable),
        files=after,
        executable=executable,
        applied=refit.applied,
        notes=_notes(survey, papers),
    )


def written_anyway(facts: Facts, timeline: Timeline, options: PrepareOptions) -> frozenset[str]:
    """The papers that fixes keep out of: they are made in full, and say what the fix would. None where none can be."""
    papers = _papers(options)
    try:
        survey = _survey(facts, timeline, papers, options)
    except UsageError:
        return frozenset()
    made = plan(survey, papers)
    return frozenset(it.path for it in made if _is_made(it, survey.texts.get(it.path), replace=options.replace))


def _is_made(sheet: Sheet, present: str | None, *, replace: bool) -> bool:
    return present is None or is_ours(present) or (replace and sheet.state is State.YOURS)


def _papers(options: PrepareOptions) -> tuple[Paper, ...]:
    return wanted(all_papers(), [Purpose(purpose) for purpose in options.purposes])


def _survey(facts: Facts, timeline: Timeline, papers: tuple[Paper, ...], options: PrepareOptions) -> Survey:
    today = options.today or datetime.now(UTC).date()
    return survey_of(facts, timeline, frozenset(paper.name for paper in papers), today, replaced=options.replace)


def _notes(survey: Survey, papers: tuple[Paper, ...]) -> tuple[str, ...]:
    levels = len(survey.above.split("/")) if survey.above else 0
    if not levels or all(paper.name != "workflow" for paper in papers):
        return ()
    return (_ELSEWHERE.format(root=f"{levels} folder{'s' if levels > 1 else ''}"),)


def _present(tree: Tree, paths: Iterable[str]) -> dict[str, bytes]:
    found = {path: read_bytes(tree.root, path) for path in paths if (tree.root / path).is_file()}
    return {path: raw for path, raw in found.items() if not isinstance(raw, NotAnalysed)}


def _bytes(sheet: Sheet, present: bytes | None) -> bytes:
    """The text with the line ends that the file has."""
    raw = sheet.text.encode("utf-8", "surrogateescape")
    return raw.replace(b"\n", b"\r\n") if present is not None and b"\r\n" in present else raw
