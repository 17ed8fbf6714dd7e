"""From a trial to the one value that reports of `boot` read."""

from __future__ import annotations

from dataclasses import replace

from seatrial.fault import Fault
from seatrial.fixes import unified_diff
from seatrial.issue import Issue, Location, Severity, Stage
from seatrial.project.files import read_bytes
from seatrial.proof import mending
from seatrial.report.assemble import judged_python, launch_target, sources_of
from seatrial.report.results import Answer, Entry, Routes, Step, Trial

UNPREDICTED = Fault(
    "BOOT001",
    "unpredicted-failure",
    Severity.BLOCKER,
    Stage.IMPORT,
    ("A15",),
    "A real start stopped where the audit had foreseen nothing",
    "The server does not start, and no rule says why: what the start itself said is all that is known of it.",
    "Mend what the exception names. If the source could have told it, that is a fault of seatrial: please report it.",
    category="application",
)


def assemble_trial(held: mending.Trial) -> Trial:
    """What a trial showed, with the failures that the audit had not predicted."""
    last, facts = held.last, held.before.facts
    entries = [Entry(step.issue) for step in held.steps]
    steps = tuple(
        Step(step.issue.code, step.issue.location, step.issue.fix.explanation if step.issue.fix else "", step.boot)
        for step in held.steps
    )
    before = {path: raw for path in held.changes if isinstance(raw := read_bytes(facts.tree.root, path), bytes)}
    unexplained = tuple(Entry(issue) for issue in unpredicted(held))
    return Trial(
        backend=facts.base,
        target=launch_target(facts),
        python=judged_python(facts),
        before=held.before.boot,
        after=last.boot,
        steps=steps,
        patch=unified_diff(before, held.changes),
        routes=Routes(mending.expected_routes(last), mending.served_routes(last)),
        unexplained=unexplained,
        answers=tuple(Answer("GET", answer.path, answer.status) for answer in last.observation.answers),
        limits=tuple(dict.fromkeys((*held.before.observation.notes, *last.observation.notes, *_taken_back(held)))),
        sources=sources_of(facts, [entry.issue for entry in (*entries, *unexplained)]),
    )


def _taken_back(held: mending.Trial) -> list[str]:
    return [
        f"the fix of {issue.code} in {issue.location.path}:{issue.location.line} was taken back, as it did not help"
        for issue in held.refused
    ]


def unpredicted(held: mending.Trial) -> tuple[Issue, ...]:
    """The first and the last failure of a trial, where the simulation had said something else of that start."""
    found = []
    seen = set()
    for attempt in (held.before, held.last):
        failure = attempt.boot.failure
        if failure is None or _foretold(attempt) or (failure.exception, failure.frames[-1:]) in seen:
            continue
        seen.add((failure.exception, failure.frames[-1:]))
        frame = failure.frames[-1] if failure.frames else None
        lines = " < ".join(f"{f.path}:{f.line}" for f in reversed(failure.frames[-6:]))
        where = Location(frame.path, max(frame.line, 1)) if frame else Location(".", 1)
        cause = "The real start stopped here, and the audit had not foreseen it. "
        issue = UNPREDICTED.issue(
            where,
            f"{failure.exception}: {failure.message}",
            f"{cause}The backend's own lines: {lines or 'none'}.",
            way_out="Only the start itself showed this; its traceback is all that is known of it.",
        )
        found.append(replace(issue, stage=failure.stage))
    return tuple(found)


def _foretold(attempt: mending.Attempt) -> bool:
    seen = attempt.boot.failure
    assert seen is not None
    return any(
        mishap.failure.exception == seen.exception and mishap.failure.frames[-1:] == seen.frames[-1:]
        for mishap in attempt.timeline.mishaps
    )
