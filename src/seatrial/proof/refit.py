"""The backend with the audit's safe fixes: facts are taken from the fixed code, for that is what will be deployed.

A fix may uncover the next fault, so the code is judged again after each round, until nothing is left to fix.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from seatrial.errors import UsageError
from seatrial.fixes import apply, compatible
from seatrial.issue import Applicability, Fix, Issue
from seatrial.options import StartOptions
from seatrial.progress import Progress
from seatrial.project.files import Tree, scan
from seatrial.proof.laying import Changes, laid_out
from seatrial.proof.mending import ROUNDS
from seatrial.rules.build import case_of, contents_of
from seatrial.rules.judge import judge
from seatrial.rules.order import in_order
from seatrial.simulation.gather import Facts, gather
from seatrial.simulation.plays import play_with_rest
from seatrial.simulation.timeline import Timeline

Spared = Callable[[Facts, Timeline], Collection[str]]
"""The paths that no fix is to touch, for they are written anyway."""


@dataclass(frozen=True, slots=True)
class Refit:
    """The facts once everything is fixed, what the fixes changed, and their codes. Paths are as in the backend."""

    facts: Facts
    timeline: Timeline
    changes: Changes
    applied: tuple[str, ...] = ()


@contextmanager
def refitted(
    tree: Tree, base: str, options: StartOptions, spared: Spared | None, progress: Progress
) -> Iterator[Refit]:
    """Read and play the backend, with its safe fixes unless `spared` is None. The facts hold until the block ends.

    Raises UsageError where nothing says what starts the server.
    """
    changes: dict[str, bytes | None] = {}
    applied: dict[str, None] = {}
    tried: set[Fix] = set()
    rounds = ROUNDS if spared is not None else 0
    while True:
        with laid_out(tree, changes) as place:
            facts = gather(scan(place) if changes else tree, base, options, progress)
            if facts.scene is None:
                raise UsageError("nothing says what starts the server: name it with --target module:app")
            progress.step(f"playing the start of {facts.scene.target.value}")
            timeline = play_with_rest(facts.scene)
            made = (
                _fixed(facts, timeline, tried, spared(facts, timeline)) if spared is not None and rounds else ({}, ())
            )
            if not made[0]:
                yield Refit(facts, timeline, changes, tuple(applied))
                return
        rounds -= 1
        changes |= made[0]
        applied |= dict.fromkeys(made[1])


def _fixed(
    facts: Facts, timeline: Timeline, tried: set[Fix], spared: Collection[str]
) -> tuple[dict[str, bytes | None], tuple[str, ...]]:
    """The files that the safe fixes change, as they will be, and the codes."""
    assert facts.scene is not None
    found = {_elsewhere(fix, spared): code for code, fix in _safe(facts, timeline)}
    fresh = [fix for fix in found if (fix.edits or fix.moves) and fix not in tried]
    tried.update(fresh)
    contents = contents_of(facts.scene, fresh)
    taken = compatible(contents, fresh)
    return apply(contents, taken), tuple(found[fix] for fix in taken)


def _safe(facts: Facts, timeline: Timeline) -> Iterator[tuple[str, Fix]]:
    for issue in _issues(facts, timeline):
        if issue.fix is not None and issue.fix.applicability is Applicability.SAFE:
            yield issue.code, issue.fix


def _issues(facts: Facts, timeline: Timeline) -> tuple[Issue, ...]:
    case = case_of(facts, timeline)
    return in_order(judge(case), timeline) if case is not None else ()


def _elsewhere(fix: Fix, spared: Collection[str]) -> Fix:
    """What a fix does besides the papers, which say it already."""
    return Fix(fix.applicability, fix.explanation, tuple(it for it in fix.edits if it.path not in spared), fix.moves)
