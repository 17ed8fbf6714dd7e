"""The trial: start the backend as it stands, apply the audit's fixes one after another, start it again each time.

Every start is judged anew from a copy with the fixes so far: a fix may change what is declared, documented or
launched, and with it the environment that the next start has.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial.boot import Boot, Outcome
from seatrial.errors import UsageError
from seatrial.fixes import FixConflict, apply
from seatrial.issue import Applicability, Fix, Issue, Severity
from seatrial.options import BootOptions
from seatrial.progress import SILENT, Progress
from seatrial.project.files import Tree, read_bytes, scan
from seatrial.proof.launching import launch_of
from seatrial.proof.laying import Changes, laid_out
from seatrial.proof.observation import observe
from seatrial.proof.scratch import Scratch, look
from seatrial.proof.values import Limits, Observation
from seatrial.proof.wanted import services_of
from seatrial.provision.environment import Environment
from seatrial.provision.equip import Order, complete, equip
from seatrial.rules.build import case_of
from seatrial.rules.judge import judge
from seatrial.rules.order import in_order
from seatrial.simulation.gather import Facts, gather
from seatrial.simulation.plays import play_with_rest
from seatrial.simulation.timeline import Timeline

ROUNDS = 4  # times that a build is audited again, for what the first fixes uncover
MOST = 60  # fixes that are tried


@dataclass(frozen=True, slots=True)
class Attempt:
    """One start, with what was known before it; `issues` is what the audit says of one that does not serve."""

    facts: Facts
    timeline: Timeline
    observation: Observation
    issues: tuple[Issue, ...] = ()

    @property
    def boot(self) -> Boot:
        """How far it got."""
        return self.observation.boot


@dataclass(frozen=True, slots=True)
class Mended:
    """One fix, and the start after it."""

    issue: Issue
    boot: Boot


@dataclass(frozen=True, slots=True)
class Trial:
    """All starts of a trial: `before`, one after each fix, and the last with everything applied.

    `refused` are the issues whose fixes were taken back, as they did not help.
    """

    before: Attempt
    steps: tuple[Mended, ...]
    last: Attempt
    changes: Changes
    refused: tuple[Issue, ...] = ()


Watcher = Callable[[str, Boot], None]


def hold_trial(tree: Tree, base: str, options: BootOptions, progress: Progress, watch: Watcher) -> Trial:
    """Start, mend, start again, until the backend serves every route of its source or no fix is left.

    After each fix the audit is asked anew: what it said before may be mended along with it. `watch` hears of each start
    as it ends. Raises UsageError where nothing says what to start.
    """
    bench = Bench(tree, base, options, progress)
    progress.step("starting it as it stands")
    before = latest = bench.attempt({})
    watch("before", before.boot)
    changes: dict[str, bytes | None] = {}
    steps: list[Mended] = []
    refused: list[Issue] = []
    tried: set[tuple[str, str, str]] = set()
    while len(tried) < MOST and (issue := _next(latest, tried)) is not None:
        tried.add(_key(issue))
        made = bench.apply(changes, [_fix(issue)])
        if made is None:
            continue
        progress.step(f"starting it with the fix of {issue.code} in {issue.location.path}")
        attempt = bench.attempt(made)
        if _is_still_there(issue, latest, attempt) or _is_met(bench, attempt, changes, made):
            refused.append(issue)
            continue
        changes, latest = made, attempt
        steps.append(Mended(issue, latest.boot))
        watch(issue.code, latest.boot)
    return Trial(before, tuple(steps), latest, changes, tuple(refused))


def _next(latest: Attempt, tried: set[tuple[str, str, str]]) -> Issue | None:
    return next((it for it in latest.issues if worth_a_start(it) and _key(it) not in tried), None)


def _is_still_there(issue: Issue, before: Attempt, after: Attempt) -> bool:
    """Whether the fix of an issue left as many of its kind, that weigh as much, as there were."""
    kind = (_key(issue), issue.severity)
    counts = [sum((_key(it), it.severity) == kind for it in attempt.issues) for attempt in (before, after)]
    return counts[1] >= counts[0]


def _is_met(bench: Bench, after: Attempt, before: Changes, changes: Changes) -> bool:
    """Whether the start now ends in a line that the fix wrote."""
    failure = after.boot.failure
    frame = failure.frames[-1] if failure is not None and failure.frames else None
    if frame is None or changes.get(frame.path) == before.get(frame.path):
        return False
    old, new = bench.content(before, frame.path), bench.content(changes, frame.path)
    return old is not None and new is not None and frame.line in _written(old, new)


def _written(old: bytes, new: bytes) -> frozenset[int]:
    """The numbers of the lines that a change wrote."""
    matcher = difflib.SequenceMatcher(None, old.split(b"\n"), new.split(b"\n"), autojunk=False)
    changed = [range(start + 1, end + 1) for tag, _, _, start, end in matcher.get_opcodes() if tag != "equal"]
    return frozenset(number for lines in changed for number in lines)


def _fix(issue: Issue) -> Fix:
    assert issue.fix is not None
    return issue.fix


def _key(issue: Issue) -> tuple[str, str, str]:
    return issue.code, issue.location.path, issue.problem


def worth_a_start(issue: Issue) -> bool:
    """Fixes of what stops the start, and of what keeps routes away; those that need a person come with the rest."""
    if issue.fix is None or not (issue.fix.edits or issue.fix.moves):
        return False
    safe = issue.fix.applicability is Applicability.SAFE
    return issue.severity is Severity.BLOCKER or (safe and issue.severity is Severity.ERROR)


def is_done(attempt: Attempt) -> bool:
    """Whether it serves, with every route of the source."""
    return attempt.boot.outcome is Outcome.SERVES and not missing_routes(attempt)


def expected_routes(attempt: Attempt) -> tuple[str, ...]:
    """The routes of the source, as `GET /tasks/{id}`."""
    found = [f"{method} {route.path}" for route in attempt.timeline.routes for method in route.methods]
    return tuple(dict.fromkeys(found))


def served_routes(attempt: Attempt) -> tuple[str, ...]:
    """The routes of the running application."""
    found = [f"{method} {route.path}" for route in attempt.observation.routes for method in route.methods]
    return tuple(dict.fromkeys(found))


def missing_routes(attempt: Attempt) -> tuple[str, ...]:
    """The routes of the source that are not served."""
    served = set(served_routes(attempt))
    return tuple(route for route in expected_routes(attempt) if route not in served)


class Bench:
    """Judges and starts the backend with some files changed. The backend's own folder is only read."""

    def __init__(self, tree: Tree, base: str, options: BootOptions, progress: Progress) -> None:
        self._tree = tree
        self._base = base
        self._options = options
        self._progress = progress
        self._scratch = look(tree.root)
        self._first: Facts | None = None

    def attempt(self, changes: Changes) -> Attempt:
        """Read, play and start it with these changes."""
        with self.copy(changes) as place:
            facts = self._facts(place, changes)
            if facts.scene is None or facts.target is None:
                raise UsageError("nothing says what starts the server: name it with --target module:app")
            _check_packages(facts)
            timeline = play_with_rest(facts.scene)
            attempt = Attempt(facts, timeline, self._start(facts, changes))
            return attempt if is_done(attempt) else replace(attempt, issues=_judged(facts, timeline))

    def issues(self, changes: Changes) -> tuple[Issue, ...]:
        """What the audit says of it with these changes, in the order in which it would bite."""
        with self.copy(changes) as place:
            facts = self._facts(place, changes)
            if facts.scene is None:
                return ()
            return _judged(facts, play_with_rest(facts.scene))

    def _facts(self, place: Path, changes: Changes) -> Facts:
        tree = self._tree if place == self._tree.root else scan(place)
        lock_anew = self._first is not None and _declares(self._first, changes)
        facts = gather(tree, self._base, self._options, SILENT, lock_anew=lock_anew)
        if self._first is None:
            self._first = facts
        elif self._first.environment.origin == "own" and not _declares(self._first, changes):
            facts = replace(facts, environment=self._first.environment)
        return facts

    def copy(self, changes: Changes) -> AbstractContextManager[Path]:
        """The folder with the changes, for reading; the folder itself where there are none."""
        return laid_out(self._tree, changes)

    def apply(self, so_far: Changes, fixes: list[Fix]) -> dict[str, bytes | None] | None:
        """All changes once these fixes are applied on top of the earlier rounds; None where they do not go together."""
        before: dict[str, bytes] = {}
        for path in {edit.path for fix in fixes for edit in fix.edits} | {
            move.source for fix in fixes for move in fix.moves
        }:
            content = self.content(so_far, path)
            if content is not None:
                before[path] = content
        try:
            return {**so_far, **apply(before, fixes)}
        except FixConflict:
            return None

    def content(self, changes: Changes, path: str) -> bytes | None:
        """A file as it is with these changes; None where there is none."""
        content = changes[path] if path in changes else read_bytes(self._tree.root, path)
        return content if isinstance(content, bytes) else None

    def _start(self, facts: Facts, changes: Changes) -> Observation:
        assert facts.target is not None
        environment = _whole(facts.order, facts.environment)
        scratch: Scratch = self._scratch.patched({**changes, **self._dotenv(facts)})
        limits = Limits(start=self._options.timeout_s)
        return observe(
            scratch,
            launch_of(facts.target),
            environment,
            facts.documented.process,
            limits=limits,
            services=services_of(facts),
        )

    def _dotenv(self, facts: Facts) -> dict[str, bytes | None]:
        withheld: dict[str, bytes | None] = dict.fromkeys(facts.documented.withheld)
        return {**withheld, **{path: text.encode() for path, text in facts.documented.dotenv}}


def _judged(facts: Facts, timeline: Timeline) -> tuple[Issue, ...]:
    case = case_of(facts, timeline)
    return in_order(judge(case), timeline) if case is not None else ()


def _check_packages(facts: Facts) -> None:
    """Raises UsageError where the declared packages cannot be had: how it starts without them proves nothing."""
    problem = facts.environment.problem
    if facts.environment.origin == "none" and problem is not None and problem.kind == "unreachable-index":
        raise UsageError(f"the backend cannot be started without its packages: {problem.message}")


def _whole(order: Order, environment: Environment) -> Environment:
    """The environment as an installation would leave it, with what reading can do without and what has to be built."""
    if environment.origin == "own":
        return environment
    if environment.unbuilt:
        built = equip(replace(order, allow_builds=True, everything=True))
        if not built.unbuilt:
            return built
    return complete(order, environment)


def _declares(facts: Facts, changes: Changes) -> bool:
    return any(document.path in changes for document in facts.manifest.documents)
