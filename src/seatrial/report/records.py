"""Decision records in a terminal: the list of them, and what is not in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatrial.report.page import Page, clean

if TYPE_CHECKING:
    from seatrial.project.decisions import Decisions
    from seatrial.rules.recorded import Complaint


def listing(decisions: Decisions, page: Page) -> str:
    """Number, title and status of each record, with the code that speaks of it."""
    if not decisions.records:
        return f"No decision is recorded in {decisions.folder}. `seatrial adr new TITLE` makes a record.\n"
    lines = []
    for record in decisions.records:
        status = page.paint(f"({record.status or 'no status'})", "dim")
        lines.append(f"{page.paint(record.label, 'bold')}  {clean(record.title)}  {status}")
        spoken = list(dict.fromkeys(it.path for it in decisions.mentioned_in(record.number)))
        concerned = dict.fromkeys([*(it.target for it in record.concerns), *spoken])
        lines += page.prose(", ".join(concerned), "      ") if concerned else []
    return "\n".join(lines) + "\n"


def complaints(decisions: Decisions, found: Sequence[Complaint], page: Page) -> str:
    """What is not in order, place by place, and a line that counts."""
    lines = []
    for it in found:
        lines += [page.paint(f"{clean(it.location.path)}:{it.location.line}", "bold"), *page.prose(it.text, "  ")]
    count = f"{len(decisions.records)} decisions in {decisions.folder}"
    verdict = f"{count}: {len(found)} things are not in order." if found else f"{count}: all in order."
    return "\n".join([*lines, *([""] if lines else []), verdict]) + "\n"
