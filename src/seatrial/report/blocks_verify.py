"""A verification as chapters of blocks, from which the page and its twin are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from seatrial.issue import Severity
from seatrial.report.blocks import (
    Block,
    Card,
    Chapter,
    Code,
    Figures,
    Folded,
    Listing,
    Mark,
    Prose,
    Report,
    Source,
    Table,
    Tone,
)
from seatrial.report.marks import verdict_mark
from seatrial.verification.probe import Verdict

if TYPE_CHECKING:
    from seatrial.verification.evidence import Evidence
    from seatrial.verification.results import Result, Verification

_TONES: dict[Severity, Tone] = {
    Severity.BLOCKER: "bad",
    Severity.ERROR: "bad",
    Severity.WARNING: "warn",
    Severity.NOTE: "info",
}


def report_of(result: Verification) -> Report:
    """The whole of it: the flaws, every probe, what is open, what was made and removed."""
    verdict, tone = _verdict(result)
    facts = [f"{result.requests} requests in {result.duration_s:.1f} s"]
    facts += [f"front end {result.frontend}"] if result.frontend else []
    facts += [f"operations from {result.source}"] if result.source else []
    facts += [f"two users: {result.identities}"] if result.identities else []
    chapters = (
        Chapter("flaws", "Flaws", tuple(_flaws(result))),
        Chapter("probes", "Every probe", tuple(_probes(result))),
        Chapter("open", "What is open", tuple(_open(result))),
        Chapter("traces", "What was made and removed", tuple(_traces(result))),
    )
    return Report(f"Verification of {result.url}", verdict, tone, tuple(facts), chapters)


def _verdict(result: Verification) -> tuple[str, Tone]:
    if result.left:
        return f"{len(result.left)} things are left on the server.", "bad"
    if result.failed:
        return f"It fails: {len(result.flaws)} flaws.", "bad"
    if result.interrupted or result.unjudged:
        open_ = ", ".join(result.unjudged) or "the run was interrupted"
        return f"Not judged as required: {open_}.", "warn"
    return ("It holds." if not result.flaws else f"It holds, with {len(result.flaws)} milder flaws."), "good"


def _flaws(result: Verification) -> Iterator[Block]:
    counts = Counter(it.verdict for it in result.results)
    yield Figures(tuple((str(counts[it]), it.value, verdict_mark(it.value).tone) for it in Verdict))
    if not result.flaws:
        yield Prose(("No probe has failed.",))
    for it in result.flaws:
        title = (Mark(it.severity.value, _TONES[it.severity]), Code(it.probe.id), it.reason)
        also = [other.probe.id for other in result.results if other.same_as == it.probe.id]
        yield Card(it.probe.id, title, tuple(_flaw(it, also)), _TONES[it.severity])


def _flaw(it: Result, also: list[str]) -> Iterator[Block]:
    yield Prose((f"Cause: {it.cause}",))
    yield Prose((f"Fix: {it.fix}",))
    yield Prose((f"Reference: {it.probe.reference}. Requirements: {', '.join(it.probe.requirements)}.",))
    if also:
        yield Prose((f"The same flaw trips {', '.join(also)}.",))
    if it.facts:
        yield Listing(tuple((fact,) for fact in it.facts))
    for evidence in it.evidence:
        yield Source(evidence.curl, "sh", f"what {evidence.by} asked")
        yield Source(_answer(evidence), "http", "the answer")
    for control in it.controls:
        yield Folded(f"Control: {control.note or control.by}", (Source(control.curl, "sh"), Source(_answer(control))))


def _answer(evidence: Evidence) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in evidence.headers)
    return f"{evidence.status}\n{headers}\n\n{evidence.body}"


def _probes(result: Verification) -> Iterator[Block]:
    ordered = sorted(result.results, key=lambda it: it.probe.group)
    for group, members in groupby(ordered, key=lambda it: it.probe.group):
        rows = tuple(
            (
                (Code(it.probe.id),),
                (verdict_mark(it.verdict.value),),
                (it.severity.value,),
                (f"{it.probe.name}: {it.reason}",),
                (str(it.requests),),
            )
            for it in members
        )
        yield Table(f"Probes of {group}", ("probe", "verdict", "severity", "what was seen", "requests"), rows)


def _open(result: Verification) -> Iterator[Block]:
    open_ = [it for it in result.results if it.verdict in (Verdict.INCONCLUSIVE, Verdict.SKIPPED)]
    for limit in result.limits:
        yield Prose((limit,))
    if open_:
        rows = tuple(((Code(it.probe.id),), (it.reason,), (it.settle,)) for it in open_)
        yield Table("Probes that were not judged", ("probe", "why", "what would settle it"), rows)
    else:
        yield Prose(("Every probe was judged.",))


def _traces(result: Verification) -> Iterator[Block]:
    yield Prose((f"Created {len(result.created)}, deleted {len(result.deleted)}, left {len(result.left)}.",))
    if result.created:
        yield Folded("What was made", (Listing(tuple((it,) for it in result.created)),))
    if result.left:
        yield Listing(tuple((it,) for it in result.left))
        yield Source(f"seatrial verify --cleanup {result.journal}", "sh", "the command that removes it")
