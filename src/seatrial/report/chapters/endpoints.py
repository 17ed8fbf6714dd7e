"""The endpoints: path, methods, and what guards each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.report.blocks import Chapter, Code, Mark, Prose, Table, Text
from seatrial.report.dossier import Dossier


def chapter(dossier: Dossier) -> Chapter:
    """One row for each route of the source."""
    routes = dossier.audit["routes"]
    if not routes:
        return Chapter("endpoints", "Endpoints", (Prose(("The source registers no route that could be followed.",)),))
    boot = dossier.document("boot")
    served = set(boot["routes"]["served"]) if boot is not None else None
    guarded = sum(1 for route in routes if route["guards"])
    lead = f"{guarded} of {len(routes)} endpoints ask for a credential by a dependency; middleware is not looked into."
    rows = tuple(_row(route, served) for route in routes)
    head = ("method", "path", "auth", "served" if served is not None else "included", "endpoint")
    return Chapter("endpoints", "Endpoints", (Prose((lead,)), Table("Endpoints", head, rows)))


def _row(route: Mapping[str, Any], served: set[str] | None) -> tuple[Text, ...]:
    methods = ", ".join(route["methods"]) or "any"
    guards: Text = (", ".join(route["guards"]),) if route["guards"] else (Mark("open", "warn"),)
    place = Code(f"{route['file']}:{route['line']}")
    return (methods,), (Code(route["path"]),), guards, (_served(route, served),), (route["endpoint"], " ", place)


def _served(route: Mapping[str, Any], served: set[str] | None) -> str | Mark:
    if not route["included"]:
        return Mark("not included", "bad")
    if served is None:
        return "yes"
    seen = [f"{method} {route['path']}" in served for method in route["methods"]]
    return Mark("seen", "good") if seen and all(seen) else Mark("not seen", "warn")
