"""The environment variables: where each is read, whether it is needed, and where it is documented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.report.blocks import Chapter, Code, Mark, Prose, Table, Text
from seatrial.report.dossier import Dossier


def chapter(dossier: Dossier) -> Chapter:
    """One row for each variable, the needed ones first."""
    settings = dossier.audit["settings"]
    if not settings:
        return Chapter("variables", "Environment variables", (Prose(("The backend reads no variable.",)),))
    rows = tuple(_row(it) for it in sorted(settings, key=lambda it: (not it["required"], it["name"])))
    head = ("variable", "needed", "default", "read at", "documented")
    return Chapter("variables", "Environment variables", (Table("Variables", head, rows),))


def _row(setting: Mapping[str, Any]) -> tuple[Text, ...]:
    paper = setting["documented"]
    undocumented: Text = (Mark("nowhere", "bad" if setting["required"] else "warn"),)
    documented: Text = (Code(f"{paper['path']}:{paper['line']}"),) if paper else undocumented
    default: Text = (Code(setting["default"]),) if setting["default"] is not None else ("·",)
    place: Text = (Code(f"{setting['path']}:{setting['line']}"),)
    return (Code(setting["name"]),), ("yes" if setting["required"] else "no",), default, place, documented
