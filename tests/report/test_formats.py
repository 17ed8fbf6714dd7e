"""The formats for other programs: annotations, SARIF, Markdown."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from seatrial.issue import Applicability, Edit, Fix, Location, Move, Position
from seatrial.report import formats, github, markdown, sarif
from seatrial.report.page import Page
from seatrial.report.results import Entry
from tests.report.samples import AUDIT, CLEAN, MISSING

PAGE = Page(path="backend")
FIX = Fix(
    Applicability.SAFE,
    "Import it from `src.routers.tasks`.",
    (Edit("src/main.py", Position(3, 18), Position(3, 22), "tasks"),),
)


@pytest.mark.parametrize("name", formats.AUDIT)
def test_every_format_tells_one_audit_and_several(name: str) -> None:
    assert formats.audit(name, (AUDIT,), PAGE).count("IMP001") >= 1
    assert formats.audit(name, (AUDIT, AUDIT), PAGE, several=True).count("IMP001") >= 2
    assert isinstance(formats.audit(name, (CLEAN,), PAGE), str)
    assert "\x1b" not in formats.audit(name, (AUDIT,), PAGE)


def test_annotations_stand_at_their_lines_seen_from_the_working_folder() -> None:
    first, second = github.audit(AUDIT, PAGE).splitlines()
    assert first.startswith(
        "::error file=backend/src/main.py,line=3,endLine=3,col=1,title=IMP001 missing-module (blocker)::"
        "There is no module `src.routers.task`."
    )
    assert first.endswith("%0AFix: Import it from `src.routers.tasks`.")
    assert second.startswith("::warning file=backend/src/main.py,line=5,")


def test_annotation_cannot_be_broken_out_of() -> None:
    evil = replace(MISSING, location=Location("a,b:c\n::error::.py", 1), problem="100%\n::stop-commands::x", fix=None)
    lines = github.audit(replace(AUDIT, entries=(Entry(evil),)), Page()).splitlines()
    assert len(lines) == 1
    assert "file=a%2Cb%3Ac%0A%3A%3Aerror%3A%3A.py," in lines[0]
    assert "100%25%0A" in lines[0]


def test_sarif_has_rules_places_kin_and_fixes() -> None:
    audit = replace(AUDIT, entries=(Entry(replace(MISSING, fix=FIX)),))
    log = json.loads(sarif.audit(audit, PAGE))
    (run,) = log["runs"]
    (result,) = run["results"]
    assert log["version"] == "2.1.0"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "IMP001"
    assert result["level"] == "error"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "backend/src/main.py"},
        "region": {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 36},
    }
    assert len(result["relatedLocations"]) == 5
    assert result["fixes"][0]["artifactChanges"][0]["replacements"] == [
        {
            "deletedRegion": {"startLine": 3, "startColumn": 18, "endLine": 3, "endColumn": 22},
            "insertedContent": {"text": "tasks"},
        }
    ]


def test_sarif_leaves_out_what_it_cannot_say() -> None:
    fix = replace(FIX, moves=(Move("src/Main.py", "src/main.py"),))
    log = json.loads(sarif.audit(replace(AUDIT, entries=(Entry(replace(MISSING, fix=fix)),)), PAGE))
    assert "fixes" not in log["runs"][0]["results"][0]


def test_sarif_quotes_odd_names() -> None:
    issue = replace(MISSING, location=Location("a b/caf\udce9#.py", 1), related=())
    log = json.loads(sarif.audit(replace(AUDIT, entries=(Entry(issue),)), Page()))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b/caf%E9%23.py"


def test_markdown_has_verdict_table_and_diff() -> None:
    text = markdown.audit(AUDIT, PAGE)
    assert text.startswith(
        "## src.main:app would not start: it stops while it is imported.\n\n```\nModuleNotFoundError"
    )
    assert "| blocker | IMP001 missing-module | `src/main.py:3` | There is no module `src.routers.task`. |" in text
    assert "\n```diff\n--- a/src/main.py\n" in text
    assert "No issues." in markdown.audit(CLEAN, PAGE)


def test_markdown_keeps_foreign_text_from_being_markup() -> None:
    issue = replace(MISSING, problem="no <b>|__x__| in `a|b`", location=Location("we``ird.py", 1))
    text = markdown.audit(replace(AUDIT, entries=(Entry(issue, "+```\n+# not a heading\n"),)), PAGE)
    assert "no \\<b\\>\\|\\_\\_x\\_\\_\\| in `a\\|b`" in text
    assert "``` we``ird.py:1 ```" in text
    assert "````diff\n+```\n+# not a heading\n````" in text
