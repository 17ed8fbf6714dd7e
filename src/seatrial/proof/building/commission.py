"""The whole of `seatrial build`: the clean room, what was asked for besides, causes, the patch proved, the rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from seatrial.issue import Fix, Issue, Location
from seatrial.options import BootOptions, BuildOptions
from seatrial.progress import Progress
from seatrial.project.files import Tree, scan
from seatrial.proof.building import cleanroom
from seatrial.proof.building.causes import explained
from seatrial.proof.building.cleanroom import Log, Terms, furnished
from seatrial.proof.building.image import Dockerfile, check_image, find_dockerfile
from seatrial.proof.building.railway import railway_terms
from seatrial.proof.building.stack import check_stack, find_stack
from seatrial.proof.building.values import UNSTEADY, Built, Mark, Rate, Step
from seatrial.proof.laying import Changes
from seatrial.proof.scratch import look
from seatrial.simulation.gather import Facts

if TYPE_CHECKING:
    from seatrial.proof.mending import Bench

BUILT = ("resolve", "lock", "install", "compatibility", "byte-compile")
SERVED = ("import", "start", "production", "container", "stack")


@dataclass(frozen=True, slots=True)
class Commission:
    """One or two builds: as the backend stands, and with the audit's fixes where that was asked for and needed.

    `applied` are the issues whose fixes `changes` hold.
    """

    facts: Facts
    before: Built
    after: Built
    applied: tuple[Issue, ...] = ()
    changes: Changes | None = None


def commission(tree: Tree, base: str, options: BuildOptions, progress: Progress) -> Commission:
    """Build, say why what failed failed, and prove the fixes. Raises UsageError where nothing can be built at all."""
    built, facts = _whole(tree, base, options, progress)
    if not built.failed:
        return Commission(facts, built, built)
    from seatrial.proof.mending import Bench  # the rules and all: only what failed needs them

    bench = Bench(tree, base, _as_boot(options), progress)
    progress.step("looking for the causes")
    built = explained(built, bench.issues({}))
    if not options.fix:
        return Commission(facts, built, built)
    blamed = frozenset((it.code, it.location.path) for it in built.issues if it.fix is not None)
    applied, changes = _mended(bench, blamed)
    if not applied:
        return Commission(facts, built, built)
    with bench.copy(changes) as place:
        progress.step(f"building again with {len(applied)} fixes")
        again, _ = _whole(scan(place), base, options, progress)
        again = explained(again, bench.issues(changes)) if again.failed else again
    return Commission(facts, built, again, tuple(applied), changes)


def _as_boot(options: BuildOptions) -> BootOptions:
    return BootOptions(
        python=options.python,
        target=options.target,
        offline=options.offline,
        as_of=options.as_of,
        env_file=options.env_file,
        env=options.env,
        bare=options.bare,
        timeout_s=options.timeout_s,
    )


def _mended(bench: Bench, blamed: frozenset[tuple[str, str]]) -> tuple[list[Issue], Changes]:
    """All fixes that a start is worth or that a stage failed for, round after round: one may uncover the next fault.

    `blamed` are codes and paths.
    """
    from seatrial.proof.mending import ROUNDS, worth_a_start

    changes: dict[str, bytes | None] = {}
    applied: list[Issue] = []
    for _ in range(ROUNDS):
        tried = {(issue.code, issue.location.path, issue.problem) for issue in applied}
        wanted = [it for it in bench.issues(changes) if worth_a_start(it) or (it.code, it.location.path) in blamed]
        fresh = [it for it in wanted if (it.code, it.location.path, it.problem) not in tried]
        taken: list[Issue] = []
        fixes: list[Fix] = []
        for issue in fresh:
            made = bench.apply(changes, [*fixes, issue.fix]) if issue.fix else None
            if made is not None and issue.fix is not None:
                fixes.append(issue.fix)
                taken.append(issue)
        if not taken:
            break
        changes = bench.apply(changes, fixes) or changes
        applied += taken
    return applied, changes


def _whole(tree: Tree, base: str, options: BuildOptions, progress: Progress) -> tuple[Built, Facts]:
    """One build with everything that was asked for besides the clean room."""
    terms = railway_terms(tree, base, options) if options.platform == "railway" else Terms()
    theirs = terms.folder if terms.image else base
    dockerfile = find_dockerfile(tree, theirs) if options.docker or terms.image else None
    stack = find_stack(tree, base) if options.compose else None
    built, facts = cleanroom.build(tree, base, options, terms, progress)
    if dockerfile is not None:
        built = _with_image(built, facts, dockerfile, options, progress)
    if stack is not None:
        log = Log(progress, [])
        scratch = furnished(look(tree.root), facts)
        log.take("stack", lambda: check_stack(facts, stack, scratch, options))
        built = replace(built, steps=(*built.steps, *log.steps))
    if options.repeat > 1:
        built = _repeated(built, options, lambda: cleanroom.build(tree, base, options, terms, progress)[0], progress)
    return built, facts


def _with_image(built: Built, facts: Facts, dockerfile: Dockerfile, options: BuildOptions, progress: Progress) -> Built:
    """The same build with the stages of the project's own image."""
    log = Log(progress, [])
    sizes = check_image(facts, dockerfile, options, log.take)
    return replace(built, steps=(*built.steps, *log.steps), artefacts={**built.artefacts, **sizes})


def _repeated(built: Built, options: BuildOptions, again: Callable[[], Built], progress: Progress) -> Built:
    """The rate of builds and of starts that succeed, the first one counted."""
    results, seconds = [built], [sum(step.seconds for step in built.steps)]
    for number in range(2, options.repeat + 1):
        progress.step(f"build {number} of {options.repeat}")
        began = time.monotonic()
        results.append(again())
        seconds.append(round(time.monotonic() - began, 3))
    good, served = sum(map(was_built, results)), sum(map(has_served, results))
    rate = Rate(len(results), good, served, tuple(seconds))
    evidence = f"{good} of {len(results)} builds ran through, {served} of {len(results)} started and served"
    steady = good in (0, len(results)) and served in (0, len(results))
    mark = Mark.PASS if good == served == len(results) else Mark.FAIL
    issues = () if steady else (_unsteady(results, evidence),)
    spread = f"{min(seconds):.1f} to {max(seconds):.1f} s each"
    return replace(
        built, rate=rate, steps=(*built.steps, Step("repeat", mark, (evidence, spread), issues, sum(seconds)))
    )


def was_built(built: Built) -> bool:
    """Whether all stages up to the filled environment went well."""
    return all(step.mark in (Mark.PASS, Mark.SKIPPED) for step in built.steps if step.name in BUILT)


def has_served(built: Built) -> bool:
    """Whether every start served, and there was one."""
    starts = [step for step in built.steps if step.name in SERVED]
    return any(step.mark is Mark.PASS for step in starts) and not any(step.mark is Mark.FAIL for step in starts)


def _unsteady(results: list[Built], evidence: str) -> Issue:
    failing = next(it for it in results if not was_built(it) or not has_served(it))
    step = next((it for it in failing.steps if it.mark in (Mark.FAIL, Mark.INCONCLUSIVE)), failing.steps[-1])
    said = "; ".join(step.evidence[:3])
    where = step.issues[0].location if step.issues else Location(".", 1)
    return UNSTEADY.issue(where, "It does not come out the same each time.", f"`{step.name}`: {said}", (evidence,))
