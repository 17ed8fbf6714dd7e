"""The decisions: a link to each record, the code that it concerns, and the code that speaks of it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from seatrial.project.decisions import Decisions, Record
from seatrial.report.blocks import Chapter, Code, Link, Prose, Table, Text
from seatrial.report.dossier import Dossier

_PLACES = 6  # of code that speaks of a record; the rest is counted


def chapter(dossier: Dossier) -> Chapter:
    """One row for each decision record."""
    decisions = dossier.decisions
    if decisions is None or not decisions.records:
        none = Prose(("No decision is recorded. ", Code('seatrial adr new "Title"'), " makes a record."))
        return Chapter("decisions", "Decisions", (none,))
    rows = tuple(_row(record, decisions, dossier) for record in decisions.records)
    head = ("record", "decision", "status", "concerns", "spoken of in")
    return Chapter("decisions", "Decisions", (Table("Decision records", head, rows),))


def _row(record: Record, decisions: Decisions, dossier: Dossier) -> tuple[Text, ...]:
    spoken = list(dict.fromkeys(f"{it.path}:{it.line}" for it in decisions.mentioned_in(record.number)))
    concerns = [it.target for it in record.concerns]
    link = Link(record.title, _from_report(decisions.root / record.path, dossier.folder))
    status = f"{record.status} {record.date}".strip()
    return (record.label,), (link,), (status,), _places(concerns), _places(spoken)


def _from_report(path: Path, folder: Path) -> str:
    """A link that leads from the report to a file."""
    try:
        return quote(Path(os.path.relpath(path, folder.resolve())).as_posix())
    except ValueError:  # another drive
        return path.as_uri()


def _places(places: list[str]) -> Text:
    shown: list[str | Code] = []
    for place in places[:_PLACES]:
        shown += [Code(place), " "]
    rest = len(places) - _PLACES
    return (*shown, f"and {rest} more") if rest > 0 else tuple(shown) or ("·",)
