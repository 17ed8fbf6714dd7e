"""From the plan of the papers, and the audit's fixes where they are wished for, to the one diff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from seatrial.artifacts.paper import Purpose
from seatrial.artifacts.plan import Sheet, plan, to_write, wanted
from seatrial.artifacts.reading import survey_of
from seatrial.artifacts.registry import all_papers
from seatrial.fixes import FixConflict, apply, compatible, edit_bytes, unified_diff
from seatrial.issue import Applicability, Edit, Fix, Issue, NotAnalysed
from seatrial.options import PrepareOptions
from seatrial.project.files import Tree, read_bytes
from seatrial.report.preparation import Preparation
from seatrial.rules.build import case_of, contents_of
from seatrial.rules.judge import judge
from seatrial.rules.order import in_order
from seatrial.simulation.gather import Facts
from seatrial.simulation.timeline import Timeline

_ELSEWHERE = (
    "No workflow is written here, for GitHub reads workflows in the root of a repository only: run seatrial prepare "
    "there as well, {root} up."
)


def assemble_prepare(facts: Facts, timeline: Timeline, issues: Sequence[Issue], options: PrepareOptions) -> Preparation:
    """The papers that are asked for. Raises UsageError where the facts are too few to write any."""
    papers = wanted(all_papers(), [Purpose(purpose) for purpose in options.purposes])
    today = options.today or datetime.now(UTC).date()
    survey = survey_of(facts, timeline, any(paper.name == "dockerfile" for paper in papers), today)
    sheets = plan(survey, papers)
    changed = {it.path: it for it in to_write(sheets, replace=options.replace)}
    before = _present(facts.tree, changed)
    after: dict[str, bytes | None] = {path: _bytes(sheet, before.get(path)) for path, sheet in changed.items()}
    fixed, contents, applied = _fixed(facts, issues, changed) if options.with_fixes else ({}, {}, ())
    after = {**after, **fixed}
    if options.with_fixes:
        after |= {path: _mended(after[path], before[path], path, issues) for path in before if path in after}
    executable = frozenset(path for path, sheet in changed.items() if sheet.executable)
    asked = any(paper.name == "workflow" for paper in papers)
    levels = len(survey.above.split("/")) if survey.above else 0
    return Preparation(
        backend=facts.base,
        sheets=sheets,
        patch=unified_diff({**contents, **before}, after, executable),
        files=after,
        executable=executable,
        applied=applied,
        notes=(_ELSEWHERE.format(root=f"{levels} folder{'s' if levels > 1 else ''}"),) if asked and levels else (),
    )


def judged(facts: Facts, timeline: Timeline) -> tuple[Issue, ...]:
    """The issues of an audit, as far as their fixes go."""
    case = case_of(facts, timeline)
    return in_order(judge(case), timeline) if case is not None else ()


def _present(tree: Tree, paths: Mapping[str, Sheet]) -> dict[str, bytes]:
    found = {path: read_bytes(tree.root, path) for path in paths if (tree.root / path).is_file()}
    return {path: raw for path, raw in found.items() if not isinstance(raw, NotAnalysed)}


def _bytes(sheet: Sheet, present: bytes | None) -> bytes:
    """The text with the line ends that the file has."""
    raw = sheet.text.encode("utf-8", "surrogateescape")
    return raw.replace(b"\n", b"\r\n") if present is not None and b"\r\n" in present else raw


def _mended(after: bytes | None, before: bytes, path: str, issues: Sequence[Issue]) -> bytes | None:
    """A file that only gains lines, with what safe fixes change in those that it has."""
    if after is None or not after.startswith(before.rstrip(b"\n")):
        return after
    safe = [it.fix for it in issues if it.fix is not None and it.fix.applicability is Applicability.SAFE]
    edits = dict.fromkeys(edit for fix in safe for edit in fix.edits if edit.path == path and edit.start != edit.end)
    try:
        return edit_bytes(after, list(edits)) if edits else after
    except FixConflict:
        return after


def _fixed(
    facts: Facts, issues: Sequence[Issue], papers: Mapping[str, Sheet]
) -> tuple[dict[str, bytes | None], dict[str, bytes], tuple[str, ...]]:
    """The files that the safe fixes change, as they are and as they will be, and the codes.

    What a fix does to a paper that is written anyway is left out: the paper says it already.
    """
    assert facts.scene is not None
    safe = [(it.code, it.fix) for it in issues if it.fix is not None and it.fix.applicability is Applicability.SAFE]
    left = [(code, Fix(it.applicability, it.explanation, _others(it, papers), it.moves)) for code, it in safe]
    codes = tuple(dict.fromkeys(code for code, fix in left if fix.edits or fix.moves))
    fixes = [fix for _, fix in left if fix.edits or fix.moves]
    contents = contents_of(facts.scene, fixes)
    return apply(contents, compatible(contents, fixes)), contents, codes


def _others(fix: Fix, papers: Mapping[str, Sheet]) -> tuple[Edit, ...]:
    return tuple(edit for edit in fix.edits if edit.path not in papers)
