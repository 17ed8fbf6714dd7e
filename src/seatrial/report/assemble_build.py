"""From a commission to the one value that reports of `build` read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from seatrial.fixes import unified_diff
from seatrial.issue import Measure, Verdict
from seatrial.options import BuildOptions
from seatrial.project.files import read_bytes
from seatrial.proof.building.commission import Commission
from seatrial.proof.building.values import Built, Mark, Step, limits_in_words
from seatrial.proof.laying import Changes
from seatrial.report.assemble import diff_of, launch_target, sources_of
from seatrial.report.results import Build, Entry, Mended
from seatrial.simulation.gather import Facts

WHOLE_S = 300.0  # seconds that a whole build check may take on ordinary CI (B8)
# What each requirement is judged by, and the sentence that holds when all of these stages pass.
_JUDGED = (
    ("B1", ("resolve", "install"), "what is declared installs into a fresh environment"),
    ("B2", ("resolve", "lock", "compatibility"), "the dependencies fit together, and the lock is in step"),
    ("B3", ("byte-compile", "import", "start", "production"), "it compiles, is imported, starts and stops"),
    ("B6", ("image", "container", "stack"), "the image builds and serves"),
    ("C1", ("production",), "it binds to the platform's port and heeds SIGTERM"),
)


def assemble_build(held: Commission, options: BuildOptions, seconds: float) -> Build:
    """What a build showed, with the diff of each fix and the measures that bear on the mission."""
    facts, built = held.facts, held.before
    issues = built.issues
    return Build(
        backend=facts.base,
        target=launch_target(facts),
        python=built.python,
        platform=options.platform,
        verdict=verdict_of(built),
        stages=built.steps,
        choices=built.choices,
        entries=tuple(Entry(issue, diff_of(facts, issue)) for issue in issues),
        measures=_measures(held.after, options, seconds),
        mended=_mended(held) if held.changes is not None else None,
        rate=built.rate,
        artefacts=built.artefacts,
        memory=options.memory,
        cpus=options.cpus,
        duration_s=seconds,
        sources=sources_of(facts, issues),
    )


def verdict_of(built: Built) -> str:
    """`fail` before `inconclusive` before `pass`."""
    return "fail" if built.failed else "inconclusive" if built.undecided else "pass"


def _mended(held: Commission) -> Mended:
    codes = tuple(issue.code for issue in held.applied)
    assert held.changes is not None
    return Mended(codes, patch_of(held.facts, held.changes), held.after.steps, verdict_of(held.after))


def patch_of(facts: Facts, changes: Changes) -> str:
    """The changes as one diff."""
    before = {path: raw for path in changes if isinstance(raw := read_bytes(facts.tree.root, path), bytes)}
    return unified_diff(before, changes)


def _measures(built: Built, options: BuildOptions, seconds: float) -> tuple[Measure, ...]:
    steps = {step.name: step for step in built.steps}
    found = [_measure(requirement, names, said, steps) for requirement, names, said in _JUDGED]
    found.append(_quick(built, seconds))
    if limits := limits_in_words(options):
        names = tuple(name for name in ("start", "production", "container") if name in steps)
        found.append(_measure("B11", names, f"it serves within {limits}", steps))
    return tuple(measure for measure in found if measure is not None)


def _quick(built: Built, seconds: float) -> Measure:
    """A build that broke off was quick for no merit."""
    if seconds > WHOLE_S:
        return Measure("B8", Verdict.FAILS, f"the whole build took {seconds:.0f} s")
    if verdict_of(built) != Mark.PASS.value:
        return Measure("B8", Verdict.CANNOT_TELL, f"the build ended after {seconds:.0f} s and did not pass")
    return Measure("B8", Verdict.HOLDS, f"the whole build took {seconds:.0f} s")


def _measure(requirement: str, names: Sequence[str], said: str, steps: Mapping[str, Step]) -> Measure | None:
    judged = [steps[name] for name in names if name in steps]
    if not judged:
        return None
    failing = next((step for step in judged if step.mark is Mark.FAIL), None)
    if failing is not None:
        first = failing.issues[0] if failing.issues else None
        statement = first.problem if first else f"`{failing.name}` fails"
        return Measure(requirement, Verdict.FAILS, statement, first.location if first else None)
    if _all_clear(judged):
        return Measure(requirement, Verdict.HOLDS, said)
    open_one = next(step for step in judged if step.mark is not Mark.PASS)
    return Measure(requirement, Verdict.CANNOT_TELL, f"`{open_one.name}`: {(*open_one.evidence, '')[-1]}")


def _all_clear(judged: Iterable[Step]) -> bool:
    """A lock that is not there is no lock out of step; anything else that was not tried proves nothing."""
    return all(step.mark is Mark.PASS or (step.name == "lock" and step.mark is Mark.SKIPPED) for step in judged)
