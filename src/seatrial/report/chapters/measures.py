"""Security and other measures: every requirement, whether it holds, and what says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from seatrial.issue import Verdict
from seatrial.report.blocks import Block, Chapter, Code, Folded, Listing, Prose, Table, Text
from seatrial.report.dossier import Dossier
from seatrial.report.marks import verdict_mark
from seatrial.report.requirements import GROUPS
from seatrial.report.standing import Finding, Standing, standings

_SHOWN = 3  # findings in a row of the table; all of them stand below it


def chapter(dossier: Dossier) -> Chapter:
    """A table for each group of requirements, with the evidence of each."""
    found = standings(dossier)
    counts = Counter(it.verdict for it in found)
    lead = ", ".join(f"{counts[verdict]} {_WORDS[verdict]}" for verdict in Verdict)
    note = "A requirement that nothing looked at cannot be told; silence proves nothing."
    blocks: list[Block] = [Prose((f"Of {len(found)} requirements {lead}. {note}",))]
    for group, members in groupby(found, key=lambda it: it.requirement[0]):
        blocks += _group(group, tuple(members))
    return Chapter("measures", "Measures", tuple(blocks))


_WORDS = {Verdict.HOLDS: "hold", Verdict.FAILS: "fail", Verdict.CANNOT_TELL: "cannot be told"}


def _group(group: str, members: tuple[Standing, ...]) -> Iterator[Block]:
    rows = tuple(
        ((it.requirement,), (verdict_mark(it.verdict.value),), (it.sentence,), (_evidence(it),)) for it in members
    )
    yield Table(f"{group}: {GROUPS[group]}", ("id", "verdict", "what is asked", "evidence"), rows)
    long = [it for it in members if len(it.findings) > 1]
    if long:
        parts = tuple(part for it in long for part in _in_full(it))
        yield Folded(f"All evidence of {group}", parts)


def _evidence(standing: Standing) -> str:
    if not standing.findings:
        return "nothing looked at it yet"
    first, *rest = [it.statement for it in standing.findings[:_SHOWN]]
    more = len(standing.findings) - 1
    return f"{first} (and {more} more below)" if rest else first


def _in_full(standing: Standing) -> Iterator[Block]:
    yield Prose((f"{standing.requirement}: {standing.sentence}",), lead=True)
    yield Listing(tuple(_item(it) for it in standing.findings))


def _item(finding: Finding) -> Text:
    place: Text = (" ", Code(finding.place)) if finding.place else ()
    return (verdict_mark(finding.verdict.value), f" {finding.statement} (seen by {finding.by})", *place)
