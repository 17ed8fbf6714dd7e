"""Evidence as the commands keep it (a sentence, a list, an exchange), as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from seatrial.report.dossier import Saved

_LONG = 1200  # characters of evidence that are shown; the document has the rest


def said(entry: Mapping[str, Any]) -> str:
    """The reason and the evidence of a stage or probe, in one text."""
    parts = [str(entry["reason"])] if entry.get("reason") else []
    return " ".join([*parts, plain(entry.get("evidence"))]).strip()


def plain(value: Any) -> str:
    """Any JSON value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if len(value) <= _LONG else f"{value[:_LONG]} ... ({len(value)} characters)"
    if isinstance(value, list):
        return "\n".join(filter(None, map(plain, value)))
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {plain(part)}" for name, part in value.items() if part not in (None, "", [], {}))
    return json.dumps(value)


def when(saved: Saved) -> str:
    """When it was made, and whether the code has changed since."""
    note = "; the code has changed since: make it anew" if saved.older_than_code else ""
    return f" ({saved.made:%Y-%m-%d %H:%M} UTC{note})"
