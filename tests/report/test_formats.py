"""The formats for other programs: annotations, SARIF, Markdown."""

from __future__ import annotations

import gzip
import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from seatrial.issue import Applicability, Edit, Fix, Location, Move, Position
from seatrial.report import formats
from seatrial.report.formats.audits import github, markdown, sarif
from seatrial.report.page import Page
from seatrial.report.results import Audit, Entry
from seatrial.rules.registry import all_rules
from tests.report.samples import AUDIT, CLEAN, DOCS, MAIN, MISSING

PAGE = Page(path="backend")
FIX = Fix(
    Applicability.SAFE,
    "Import it from `src.routers.tasks`.",
    (Edit("src/main.py", Position(3, 18), Position(3, 22), "tasks"),),
)


@pytest.mark.parametrize("name", formats.names("audits"))
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
        "artifactLocation": {"uriBaseId": "%SRCROOT%", "uri": "backend/src/main.py"},
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


# The schema as the SARIF Multitool 5.7.0 of Microsoft ships it (MIT licence).
OFFICIAL = json.loads((Path(__file__).parent / "sarif-2.1.0.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("audits", [(AUDIT,), (CLEAN,), (AUDIT, CLEAN), (replace(AUDIT, entries=(Entry(DOCS),)),)])
def test_sarif_is_accepted_by_the_official_schema(audits: tuple[Audit, ...]) -> None:
    log = json.loads(sarif.audits(audits, PAGE))
    validator = jsonschema.Draft202012Validator(OFFICIAL, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(log)] == []


def test_sarif_of_every_rule_is_accepted_and_within_the_limits_of_github() -> None:
    alone = replace(MISSING, fix=FIX, related=())
    entries = tuple(Entry(replace(alone, code=rule.code, name=rule.name)) for rule in all_rules())
    repeated = entries * (5000 // len(entries) + 2)
    everywhere = Entry(replace(MISSING, related=MISSING.related * 40))
    text = sarif.audit(replace(AUDIT, entries=(everywhere, *repeated)), PAGE)
    run = json.loads(text)["runs"][0]
    jsonschema.Draft202012Validator(OFFICIAL).validate(json.loads(text))
    assert len(run["results"]) == 5000 < len(repeated)
    said = [it["message"]["text"] for it in run["invocations"][0]["toolExecutionNotifications"]]
    assert any(text.startswith(f"{len(repeated) + 1 - 5000} milder issues are left out") for text in said)
    assert max(len(result.get("relatedLocations", ())) for result in run["results"]) == 100
    assert all(len(rule["properties"]["tags"]) <= 20 for rule in run["tool"]["driver"]["rules"])
    assert all(0 < len(rule["shortDescription"]["text"]) <= 1024 for rule in run["tool"]["driver"]["rules"])
    assert all(0 < len(rule["fullDescription"]["text"]) <= 1024 for rule in run["tool"]["driver"]["rules"])
    assert all(len(result["locations"]) <= 1000 for result in run["results"])
    assert len(gzip.compress(text.encode())) <= 10_000_000


def prints(audit: Audit) -> list[str]:
    results = json.loads(sarif.audit(audit, PAGE))["runs"][0]["results"]
    return [result["partialFingerprints"]["seatrial/v1"] for result in results]


def test_fingerprints_outlive_a_move_of_the_line_and_tell_twins_apart() -> None:
    moved = replace(MISSING, location=Location("src/main.py", 5, 1, 5, 36), problem="Said otherwise.")
    after = replace(AUDIT, entries=(Entry(DOCS), Entry(moved)), sources={"src/main.py": f"# one\n\n{MAIN}"})
    assert prints(after)[0] == prints(AUDIT)[0]
    twins = (Entry(MISSING), Entry(replace(MISSING, problem="There is another.")))
    assert len(set(prints(replace(AUDIT, entries=twins)))) == 2
    assert prints(replace(AUDIT, entries=twins[::-1])) == prints(replace(AUDIT, entries=twins))[::-1]
    changed = replace(AUDIT, sources={"src/main.py": MAIN.replace("router", "api")})
    assert prints(changed)[0] != prints(AUDIT)[0]


def test_junit_fails_from_the_fail_level_and_names_the_rules_that_were_silent() -> None:
    suite = ElementTree.fromstring(formats.audit("junit", (AUDIT,), PAGE))[0]
    cases = list(suite)
    assert suite.get("failures") == "1" and suite.get("tests") == str(len(cases))
    assert cases[0].get("name") == "IMP001 missing-module backend/src/main.py:3"
    assert "src.routers.tasks" in (cases[0][0].text or "")
    assert cases[1][0].tag == "system-out"
    assert len(cases) == 2 + len({rule.code for rule in all_rules()} - {"IMP001", "SEC004"})


def test_junit_keeps_foreign_text_from_being_markup() -> None:
    issue = replace(MISSING, problem="<b>\x1b[31m ]]> \udce9", location=Location("a&b.py", 1))
    text = formats.audit("junit", (replace(AUDIT, entries=(Entry(issue),)),), PAGE)
    assert ElementTree.fromstring(text.encode())[0][0][0].get("message") == "<b>\\x1b[31m ]]> \\udce9"


def test_annotations_survive_what_would_end_them() -> None:
    issue = replace(MISSING, problem="100% of\n::error::x", location=Location("a,b:c.py", 1), fix=None)
    text = github.audit(replace(AUDIT, entries=(Entry(issue),)), Page())
    assert text.count("\n") == 1
    assert "file=a%2Cb%3Ac.py," in text and "::100%25 of%0A::error::x" in text
