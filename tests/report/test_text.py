"""The text report: the verdict first, worst first, safe to show, as wide as the page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from seatrial.boot import Boot, Outcome
from seatrial.issue import Applicability, Fix, Location, Severity
from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from seatrial.report.formats.audits import text
from seatrial.report.formats.trials.text import trial
from seatrial.report.page import Page, columns
from seatrial.report.results import Audit, Entry
from tests.report.samples import AUDIT, CLEAN, DIFF, DOCS, MISSING, TRIAL

PAGE = Page()


def test_verdict_with_its_place_comes_first() -> None:
    lines = text.audit(AUDIT, PAGE).splitlines()
    assert lines[:4] == [
        "src.main:app would not start: it stops while it is imported.",
        "  ModuleNotFoundError: No module named 'src.routers.task'",
        "  at src/main.py:3",
        "  from src/app.py:1",
    ]


def test_issue_shows_the_code_with_its_place_marked() -> None:
    shown = text.audit(AUDIT, PAGE)
    assert "blocker IMP001 missing-module  src/main.py:3:1\n" in shown
    assert "  3 | from src.routers.task import router\n    | " + "^" * 35 + "\n" in shown


def test_worst_comes_first_under_headings() -> None:
    shown = text.audit(AUDIT, PAGE)
    places = [
        shown.index(part)
        for part in ("Stops the import (1 blocker)", "IMP001", "Hazards in production (1 warning)", "SEC004")
    ]
    assert places == sorted(places)


def test_fix_is_shown_as_its_diff() -> None:
    shown = text.audit(AUDIT, PAGE)
    for line in DIFF.splitlines():
        assert f"          {line}".rstrip() in shown.splitlines()


def test_missing_fix_says_why() -> None:
    assert "  no fix  Whether it may be seen is for a person to say.\n" in text.audit(AUDIT, PAGE)


def test_many_related_places_are_folded() -> None:
    shown = text.audit(AUDIT, PAGE)
    assert shown.count("imports it as well") == 3
    assert "and 2 more places" in shown


def test_a_choice_is_announced() -> None:
    issue = replace(MISSING, fix=Fix(Applicability.REVIEW, "Import it from `src.tasks`."))
    assert "Import it from `src.tasks`. (to be reviewed)" in text.audit(replace(AUDIT, entries=(Entry(issue),)), PAGE)


def test_last_lines_count_and_say_what_to_do() -> None:
    shown = text.audit(AUDIT, Page(path="my backend")).splitlines()[-2:]
    assert shown == [
        "1 blocker, 1 warning; 1 can be fixed as it stands, 1 has no fix; 7 files read in 0.21 s.",
        "Next: seatrial boot 'my backend'  (proves the fixes by starting the server with them)",
    ]


def test_clean_backend_has_a_short_report() -> None:
    assert text.audit(CLEAN, PAGE) == (
        "src.main:app would start and serve.\n"
        "  Judged for Python 3.12.1 with its installed packages; started as Procfile:1 says.\n"
        "\n"
        "No issues, 3 files read in 0.10 s.\n"
        "Next: seatrial boot .  (starts it for real)\n"
    )


def test_unknown_says_why() -> None:
    audit = replace(CLEAN, predicted=Boot(Outcome.UNKNOWN, reason="the application is made by exec()"))
    first = text.audit(audit, PAGE).splitlines()[0]
    assert first == "It cannot be told whether src.main:app would start and serve: the application is made by exec()"


def test_what_was_not_analysed_and_what_could_not_be_done_is_said() -> None:
    shown = text.audit(AUDIT, PAGE)
    assert "Not analysed (1 file)\n  src/new.py: it needs Python 3.14\n" in shown
    assert "The package index could not be reached" in shown


def test_colours_only_where_they_are_allowed() -> None:
    assert "\x1b" not in text.audit(AUDIT, PAGE)
    coloured = text.audit(AUDIT, Page(colour=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text.audit(AUDIT, PAGE)
    assert "\x1b[32m+from src.routers.tasks import router\x1b[0m" in coloured


def test_prose_fits_a_narrow_page() -> None:
    shown = text.audit(AUDIT, Page(width=60))
    prose = [line for line in shown.splitlines() if line.lstrip().startswith(("cause", "The", "of this"))]
    assert prose
    assert all(columns(line) <= 60 for line in prose)


def test_code_cannot_steer_the_terminal() -> None:
    evil = "x = '\x1b[2J\x1b]0;owned\x07'\n"
    issue = replace(MISSING, location=Location("src/main.py", 1), problem="bad \x1b[31m name", fix=None)
    shown = text.audit(replace(AUDIT, entries=(Entry(issue),), sources={"src/main.py": evil}), PAGE)
    assert "\x1b" not in shown
    assert "\\x1b[2J" in shown


def test_long_diff_is_counted() -> None:
    long = "--- a/x\n+++ b/x\n@@ -0,0 +1,90 @@\n" + "+line\n" * 90
    shown = text.audit(replace(AUDIT, entries=(Entry(MISSING, long),)), PAGE)
    assert "and 69 more lines, all of them with --patch FILE" in shown


def test_several_backends_stand_under_their_folders() -> None:
    shown = text.audits((AUDIT, replace(CLEAN, backend="services/mail")), PAGE)
    assert shown.startswith("== . ==\n\n")
    assert "\n\n== services/mail ==\n\nsrc.main:app would start" in shown


def test_fail_level_decides() -> None:
    notes = replace(CLEAN, entries=(Entry(replace(DOCS, severity=Severity.WARNING)),))
    assert not notes.failed
    assert replace(notes, fail_level=Severity.WARNING).failed
    assert Audit(".", None, "3.12.1", Boot(Outcome.SERVES)).failed is False


def test_trial_tells_before_each_step_and_after() -> None:
    assert trial(TRIAL, PAGE) == (
        "src.main:app does not start: it stops while it is imported.\n"
        "  ModuleNotFoundError: No module named 'src.routers.task'\n"
        "  at src/main.py:3\n"
        "  from src/app.py:1\n"
        "\n"
        "Fix 1: IMP001  src/main.py:3\n"
        "  Import it from `src.routers.tasks`.\n"
        "  Now it serves.\n"
        "\n"
        "The patch\n" + "".join(f"  {line}".rstrip() + "\n" for line in DIFF.splitlines()) + "\n"
        "GET /openapi.json answered 200\n"
        "1 of 2 routes of the source served\n"
        "  not:  POST /tasks\n"
        "It serves after 1 fix (4.2 s).\n"
        "Next: seatrial boot . --patch fixes.patch  (writes the patch for git apply)\n"
    )


def test_the_diff_of_a_manifest_in_utf_16_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import jwt\nfrom fastapi import FastAPI\n\napp = FastAPI()\n")
    (tmp_path / "requirements.txt").write_bytes("fastapi\r\nuvicorn\r\n".encode("utf-16"))
    found = audit(tmp_path, AuditOptions(offline=True, select=("DEP001",)))
    lines = text.audit(found, PAGE).splitlines()
    assert [line.strip() for line in lines if line.strip().startswith(("+PyJWT", "uvicorn"))] == ["+PyJWT", "uvicorn"]
