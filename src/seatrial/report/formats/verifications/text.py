"""A verification as a person reads it in a terminal: what holds, then each flaw once with its proof, what is open."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from seatrial.issue import Severity
from seatrial.report.issues import COLOURS
from seatrial.report.page import Page, clean
from seatrial.verification.probe import Verdict

if TYPE_CHECKING:
    from seatrial.verification.evidence import Evidence
    from seatrial.verification.plan import Plan
    from seatrial.verification.recovery import Recovery
    from seatrial.verification.results import Result, Verification

_MARKS = {
    Verdict.PASS: ("pass", "green"),
    Verdict.FAIL: ("FAIL", "bold red"),
    Verdict.INCONCLUSIVE: ("open", "yellow"),
    Verdict.SKIPPED: ("skip", "dim"),
}
_BODY = 200  # characters of an answer that are shown here; all of it with --format json


def verification(result: Verification, page: Page) -> str:
    """The whole report of one verification, ending in a newline."""
    blocks = [_heading(result, page)]
    blocks += [_group(name, list(members), page) for name, members in groupby(_sorted(result), _group_of)]
    blocks += [_flaw(number, it, result, page) for number, it in enumerate(result.flaws, 1)]
    blocks += [_open(result, page), _traces(result, page), _summary(result, page)]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block) + "\n"


def _group_of(result: Result) -> str:
    return result.probe.group


def _sorted(result: Verification) -> list[Result]:
    order = list(dict.fromkeys(it.probe.group for it in result.results))
    return sorted(result.results, key=lambda it: (order.index(it.probe.group), it.probe.rank))


def _heading(result: Verification, page: Page) -> list[str]:
    lines = [page.paint(clean(result.url), "bold")]
    said = [f"The first answer took {result.first_s:.2f} s."] if result.first_s else []
    if result.waited_s:
        said.append(f"It was well after {result.waited_s:.0f} s.")
    if result.source:
        said.append(f"Operations from {result.source}.")
    if result.identities:
        said.append(f"Two users: {result.identities}.")
    lines += page.prose(" ".join(said), "  ")
    return lines + [page.paint(line, "yellow") for it in result.limits for line in page.prose(it, "  ")]


def _group(name: str, members: list[Result], page: Page) -> list[str]:
    counts = Counter(it.verdict for it in members)
    told = ", ".join(f"{counts[it]} {it.value}" for it in Verdict if counts[it])
    lines = [f"{page.paint(name, 'bold')}  {page.paint(told, 'dim')}"]
    for it in members:
        mark, style = _MARKS[it.verdict]
        what = it.probe.name if it.verdict is Verdict.PASS else f"{it.probe.name}: {it.reason}"
        lines += page.prose(f"{it.probe.id}: {what}", "        ", f"  {page.paint(mark, style)}  ")
    return lines


def _flaw(number: int, it: Result, result: Verification, page: Page) -> list[str]:
    severity = page.paint(it.severity.value, COLOURS[it.severity])
    lines = [
        f"{page.paint(f'Flaw {number}', 'bold')}  {severity}  {it.probe.id}  {page.paint(it.probe.reference, 'dim')}"
    ]
    lines += page.prose(it.reason, "  ")
    lines += page.prose(it.cause, "          ", "  cause:") if it.cause else []
    lines += page.prose(it.fix, "          ", "  mend:") if it.fix else []
    lines += [line for fact in it.facts for line in page.prose(fact, "          ", "  fact:")]
    others = [other.probe.id for other in result.results if other.same_as == it.probe.id]
    lines += page.prose(", ".join(others), "          ", "  also:") if others else []
    return lines + [line for evidence in it.evidence for line in _exchange(evidence, page)]


def _exchange(evidence: Evidence, page: Page) -> list[str]:
    note = f": {clean(evidence.note)}" if evidence.note else ""
    body = " ".join(clean(evidence.body).split())[:_BODY]
    return [
        f"    {evidence.by}{note}",
        f"    {page.paint(clean(evidence.curl), 'cyan')}",
        f"    {page.paint(str(evidence.status), 'bold')} {body}",
    ]


def _open(result: Verification, page: Page) -> list[str]:
    """What would settle what is open, each sentence once."""
    open_ = [it for it in result.results if it.verdict in (Verdict.INCONCLUSIVE, Verdict.SKIPPED) and it.settle]
    settling: dict[str, list[str]] = {}
    for it in open_:
        settling.setdefault(it.settle, []).append(it.probe.id)
    lines = [page.paint("What would settle what is open", "bold")] if settling else []
    for settle, probes in settling.items():
        lines += page.prose(f"{settle}: {', '.join(probes)}", "    ", "  - ")
    return lines


def _traces(result: Verification, page: Page) -> list[str]:
    lines = [f"Created {len(result.created)}, deleted {len(result.deleted)}, left {len(result.left)}."]
    for it in result.left:
        lines += page.prose(it, "    ", "  - ")
    if result.journal:
        lines.append(f"Next: {page.paint(f'seatrial verify --cleanup {result.journal}', 'bold')}")
    return lines


def _summary(result: Verification, page: Page) -> list[str]:
    counts = Counter(it.verdict for it in result.results)
    told = ", ".join(f"{counts[it]} {it.value}" for it in Verdict)
    cost = f"{result.requests} requests in {result.duration_s:.1f} s"
    flaws = Counter(it.severity for it in result.flaws)
    said = ", ".join(page.paint(f"{flaws[it]} {it.value}", COLOURS[it]) for it in Severity if flaws[it])
    lines = [f"{said or page.paint('No flaws', 'bold green')}; {told}; {cost}."]
    if result.interrupted:
        lines.append(page.paint("The run was interrupted.", "yellow"))
    if result.unjudged:
        lines += page.prose(f"Required and not judged: {', '.join(result.unjudged)}.")
    return lines


def plan(result: Plan, page: Page) -> str:
    """What would be asked, group by group."""
    lines = [page.paint(clean(result.url), "bold"), *page.prose(f"Two users: {result.identities}.", "  ")]
    for name, steps in groupby(sorted(result.steps, key=lambda it: it.probe.group), lambda it: it.probe.group):
        lines += ["", page.paint(name, "bold")]
        for it in steps:
            asked = f"not asked without {it.lacks}" if it.lacks else f"at most {it.probe.requests + it.probe.extra}"
            writes = ", writes" if it.probe.writes and not it.lacks else ""
            lines += page.prose(f"{it.probe.id}: {it.probe.name} ({asked}{writes})", "    ", "  - ")
    lines += ["", f"At most {result.most} requests; nothing was sent."]
    return "\n".join(lines) + "\n"


def recovery(result: Recovery, page: Page) -> str:
    """What an earlier run had left, and what is left of it now."""
    lines = [page.paint(clean(result.url), "bold")]
    lines += [f"  brought the database back: {clean(result.ran)}"] if result.ran else []
    lines += [f"  deleted {clean(it)}" for it in result.deleted] + [f"  left {clean(it)}" for it in result.left]
    lines.append(f"Deleted {len(result.deleted)}, left {len(result.left)}; {result.requests} requests.")
    return "\n".join(lines) + "\n"
