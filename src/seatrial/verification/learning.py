"""Learns from a server's complaints (422) what it wants to be told. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from seatrial.verification.exchange import Answer

KEYS = ("id", "_id", "uuid", "task_id", "todo_id", "item_id", "note_id")
ROUNDS = 5
MARK = "<mark>"  # stands in a body for the marker of the thing to be made
_BY_TYPE: tuple[tuple[str, object], ...] = (
    ("int", 1),
    ("float", 1),
    ("decimal", 1),
    ("bool", False),
    ("datetime", "2031-01-01T00:00:00Z"),
    ("date", "2031-01-01"),
    ("list", []),
    ("dict", {}),
    ("uuid", "00000000-0000-4000-8000-000000000001"),
)


def filled(body: Mapping[str, object], marker: str) -> dict[str, object]:
    """The body with this marker where one belongs."""
    return {name: marker if value == MARK else value for name, value in _marked(body).items()}


def _marked(body: Mapping[str, object]) -> dict[str, object]:
    # What an earlier round sent carries the marker of that round.
    return {name: MARK if isinstance(it, str) and it.startswith("vrf-") else it for name, it in body.items()}


def complained(answer: Answer, body: Mapping[str, object]) -> dict[str, object]:
    """The body with what the server missed or wanted otherwise; a title where it says nothing of use."""
    wanted = dict(_marked(body))
    for name, kind, expected in complaints(answer.json):
        wanted[name] = value_of(kind, expected)
    return wanted if wanted != _marked(body) else {**wanted, "title": MARK}


def value_of(kind: str, expected: str = "") -> object:
    """A value for a field of which this kind of complaint is made; `expected` is what it names as allowed."""
    quoted = re.findall(r"'([^']+)'", expected)
    if ("enum" in kind or "literal" in kind) and quoted:
        return quoted[0]
    return next((value for word, value in _BY_TYPE if kind.startswith(word)), MARK)


def complaints(document: object) -> Iterator[tuple[str, str, str]]:
    """Field, kind and what was expected, of FastAPI's own 422 and of the usual ways to rewrite it."""
    for it in entries(document):
        names = place_of(it)
        if len(names) == 1:
            context = it.get("ctx")
            expected = context.get("expected", "") if isinstance(context, dict) else ""
            yield names[0], str(it.get("type", "missing")), str(expected or it.get("msg", ""))


def place_of(entry: Mapping[str, object]) -> list[str]:
    """The names that lead to the field of a complaint, outermost first."""
    place = entry.get("loc") or entry.get("field") or entry.get("pointer") or entry.get("path") or entry.get("name")
    steps = place if isinstance(place, list) else re.split(r"[./]", str(place or ""))
    return [str(step) for step in steps if str(step) not in ("", "body", "#")]


def entries(document: object) -> Iterator[Mapping[str, object]]:
    """The single complaints of an answer, at whatever depth it lists them."""
    if not isinstance(document, dict):
        return
    for value in document.values():
        if isinstance(value, list):
            yield from (it for it in value if isinstance(it, dict))
        elif isinstance(value, dict):
            yield from entries(value)
