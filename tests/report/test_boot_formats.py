"""A trial in each of its formats: as the command ends, so they end; no text breaks out."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from seatrial.boot import Boot, Outcome
from seatrial.issue import Location
from seatrial.report import formats
from seatrial.report.page import Page
from seatrial.report.results import Entry, Routes, Step
from tests.report.samples import FAILS, MISSING, TRIAL

PAGE = Page(path="backend")
SERVING = replace(TRIAL, before=Boot(Outcome.SERVES), steps=(), patch="", routes=Routes(("GET /a",), ("GET /a",)))
LOST = replace(TRIAL, after=FAILS, unexplained=(Entry(replace(MISSING, code="BOOT001")),))
UNKNOWN = replace(SERVING, before=Boot(Outcome.UNKNOWN, reason="no PostgreSQL is at hand"))


@pytest.mark.parametrize("name", formats.names("trials"))
@pytest.mark.parametrize("result", [TRIAL, SERVING, LOST, UNKNOWN])
def test_every_format_tells_every_trial(name: str, result: object) -> None:
    text = formats.trial(name, result, PAGE)  # type: ignore[arg-type]
    assert "\x1b" not in text
    assert ("IMP001" in text) == (result in (TRIAL, LOST))
    assert ("BOOT001" in text) == (result is LOST) or name == "junit"


def test_markdown_has_verdict_starts_and_patch() -> None:
    text = formats.trial("markdown", TRIAL, PAGE)
    assert text.startswith("## src.main:app does not start: it stops while it is imported.\n\n```\nModuleNotFoundError")
    assert "It serves after 1 fix." in text
    assert "| as it stands | | | it stops while it is imported: `ModuleNotFoundError` |" in text
    assert "| IMP001 | `src/main.py:3` | Import it from `src.routers.tasks`. | it serves |" in text
    assert "1 of 2 routes of the source served; not: `GET /tasks`." in text or "not: `POST /tasks`." in text
    assert "\n```diff\n--- a/src/main.py\n" in text


def suite(result: object) -> ElementTree.Element:
    return ElementTree.fromstring(formats.trial("junit", result, PAGE))[0]  # type: ignore[arg-type]


def test_junit_fails_where_the_command_does() -> None:
    first, fix, last, routes = suite(TRIAL)
    assert (
        first[0].tag == "failure"
        and first[0].get("message") == "ModuleNotFoundError: No module named 'src.routers.task'"
    )
    assert fix.get("name") == "fix 1: IMP001 backend/src/main.py:3" and fix[0].tag == "system-out"
    assert len(last) == 0 and routes[0].tag == "failure"
    assert (suite(TRIAL).get("tests"), suite(TRIAL).get("failures")) == ("4", "2")
    assert [len(case) for case in suite(SERVING)] == [0, 0]
    assert suite(UNKNOWN)[0][0].get("message") == "no PostgreSQL is at hand"
    assert [case[0].tag for case in suite(LOST) if len(case)] == ["failure", "system-out", "failure", "skipped"]


def test_annotations_stand_where_the_start_stopped_and_at_each_fix() -> None:
    stop, fix = formats.trial("github", TRIAL, PAGE).splitlines()
    assert stop == (
        "::error file=backend/src/main.py,line=3,title=it does not start%3A it stops while it is imported"
        "::ModuleNotFoundError: No module named 'src.routers.task'"
    )
    assert fix.startswith("::notice file=backend/src/main.py,line=3,title=IMP001 (proven by a start)::Import it from")
    assert formats.trial("github", SERVING, PAGE) == ""


def test_foreign_text_is_no_markup() -> None:
    evil = Step("IMP001", Location("a|b,c:\n::error::.py", 1), "<b>|x|</b>\n::stop-commands::x", Boot(Outcome.SERVES))
    result = replace(TRIAL, steps=(evil,))
    assert len(formats.trial("github", result, PAGE).splitlines()) == 2
    assert "\\<b\\>\\|x\\|" in formats.trial("markdown", result, PAGE)
    assert "<b>" not in formats.trial("junit", result, PAGE)
