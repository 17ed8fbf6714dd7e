"""The caret stands below the place, whatever the line holds."""

from __future__ import annotations

import pytest

from seatrial.issue import Location
from seatrial.report.excerpt import excerpt
from seatrial.report.page import Page, columns

PAGE = Page(width=60)


def shown(text: str, place: Location) -> list[str]:
    return [line.removeprefix("  ") for line in excerpt(text, place, PAGE)]


def test_span_of_one_line() -> None:
    assert shown("a = 1\nb = c\n", Location("m.py", 2, 5, 2, 6)) == ["  |", "2 | b = c", "  |     ^"]


def test_without_an_end_the_rest_of_the_line_is_marked() -> None:
    assert shown("    x = y\n", Location("m.py", 1, 5)) == ["  |", "1 |     x = y", "  |     ^^^^^"]


def test_several_lines_are_marked_from_their_first_character() -> None:
    lines = shown("from a import (\n    b,\n)\n", Location("m.py", 1, 1, 3, 2))
    assert lines == ["  |", "1 | from a import (", "  | ^^^^^^^^^^^^^^^", "2 |     b,", "  |     ^^", "3 | )", "  | ^"]


def test_many_lines_are_cut() -> None:
    lines = shown("x\n" * 30, Location("m.py", 9, 1, 20, 2))
    assert [line.split()[0] for line in lines[1:-1:2]] == ["9", "10", "11", "12"]
    assert lines[-1].endswith("...")
    assert len(lines) == 10


def test_tabs_and_wide_characters_keep_the_caret_in_its_column() -> None:
    line = 'x = "日本\t", y'
    code, mark = shown(f"{line}\n", Location("m.py", 1, line.index("y") + 1))[1:]
    assert columns(code[: code.index("y")]) == columns(mark[: mark.index("^")])


def test_long_line_is_cut_around_the_place() -> None:
    line = "a" * 500 + "HERE" + "b" * 500
    code, mark = shown(f"{line}\n", Location("m.py", 1, 501, 1, 505))[1:]
    assert columns(code) <= 60
    assert code[mark.index("^") : mark.rindex("^") + 1] == "HERE"


@pytest.mark.parametrize("place", [Location("m.py", 3), Location("m.py", 0), Location("m.py", 2)])
def test_place_that_has_no_line_shows_nothing(place: Location) -> None:
    assert shown("x = 1\n\n", place) == []


def test_place_behind_the_end_of_its_line_is_marked_there() -> None:
    assert shown("x = (\n", Location("m.py", 1, 99)) == ["  |", "1 | x = (", "  |      ^"]


def test_lines_are_counted_as_cpython_counts_them() -> None:
    assert shown("\fa = 1\r\nb = '\u2028'\rc = d\n", Location("m.py", 3, 5))[1] == "3 | c = d"
