"""The lines of code that an issue lies in, with the place marked below them."""

from __future__ import annotations

import re

from seatrial.issue import Location
from seatrial.report.page import Page, clean, columns

_LINE_END = re.compile(r"\r\n|\r|\n")  # as CPython counts; str.splitlines knows more line ends than that
_LINES = 4  # of a place that spans more, only the first are shown
_MARGIN = 12  # characters kept before the place when a long line is cut


def excerpt(text: str, place: Location, page: Page, indent: str = "  ") -> list[str]:
    """The marked lines of `text` at `place`; none when the file has no such line."""
    lines = _LINE_END.split(text)
    if not 1 <= place.line <= len(lines) or not lines[place.line - 1].strip():
        return []
    last = min(place.end_line or place.line, place.line + _LINES - 1, len(lines))
    gutter = len(str(last))
    room = max(page.width - len(indent) - gutter - 3, 30)
    shown = [_blank(indent, gutter, page)]
    for number in range(place.line, last + 1):
        code, mark = _marked(lines[number - 1], *_span(place, number, lines[number - 1]), room)
        shown.append(f"{indent}{page.paint(str(number).rjust(gutter) + ' |', 'blue')} {code}".rstrip())
        if mark:
            shown.append(f"{_blank(indent, gutter, page)} {page.paint(mark, 'bold red')}")
    if place.end_line and place.end_line > last:
        shown.append(f"{_blank(indent, gutter, page)} ...")
    return shown


def _blank(indent: str, gutter: int, page: Page) -> str:
    return indent + page.paint(" " * gutter + " |", "blue")


def _span(place: Location, number: int, line: str) -> tuple[int, int]:
    """The characters of one line that the place covers, from 0, the end excluded; at least one."""
    first = len(line) - len(line.lstrip())
    start = place.column - 1 if number == place.line else first
    start = min(max(start, 0), len(line))
    end = len(line.rstrip())
    if number == (place.end_line or place.line) and place.end_column:
        end = min(place.end_column - 1, len(line))
    return start, max(end, start + 1)


def _marked(line: str, start: int, end: int, room: int) -> tuple[str, str]:
    """One line made safe to show and its carets, cut to `room` columns around the place when it is longer."""
    cut = max(start - _MARGIN, 0) if columns(clean(line)) > room else 0
    lead = "... " if cut else ""
    before = lead + clean(line[cut:start])
    marked, after = clean(line[start:end]), clean(line[end:])
    code = _clip(before + marked + after, room)
    carets = min(columns(marked) or 1, max(room - columns(before), 1))
    return code, " " * columns(before) + "^" * carets


def _clip(text: str, room: int) -> str:
    if columns(text) <= room:
        return text
    kept = text[: room - 4]
    while columns(kept) > room - 4:
        kept = kept[:-1]
    return kept + " ..."
