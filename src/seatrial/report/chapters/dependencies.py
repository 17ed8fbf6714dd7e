"""The dependency manifest: what is declared, locked, installed or resolved, and what is needed."""

from __future__ import annotations

from seatrial.report.blocks import Chapter, Code, Mark, Prose, Table, Text
from seatrial.report.dossier import Dossier

_COLUMNS = ("declared", "locked", "installed", "resolved", "required")


def chapter(dossier: Dossier) -> Chapter:
    """One row for each distribution."""
    manifest = dossier.audit["manifest"]
    if not manifest:
        return Chapter("dependencies", "Dependencies", (Prose(("No manifest names a distribution.",)),))
    used = [name for name in _COLUMNS if any(row[name] is not None for row in manifest)]
    rows = tuple(
        ((Code(row["name"]),), *(_cell(name, row[name]) for name in used))
        for row in sorted(manifest, key=lambda it: (it["required"] is None, it["name"].lower()))
    )
    return Chapter("dependencies", "Dependencies", (Table("Distributions", ("distribution", *used), rows),))


def _cell(column: str, value: str | None) -> Text:
    if value is None:
        return ("·",)
    if column == "required":
        return (Mark(value, "warn"),)
    return (value or "any",)
