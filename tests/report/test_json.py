"""The JSON documents keep the promise of the published schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from seatrial.boot import Boot, Outcome
from seatrial.report.formats.audits import json as report
from seatrial.report.formats.trials.json import trial
from tests.report.samples import AUDIT, CLEAN, TRIAL

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("audit-1", report.audit(AUDIT)),
        ("audit-1", report.audit(CLEAN)),
        ("audits-1", report.audits((AUDIT, CLEAN))),
        ("boot-1", trial(TRIAL)),
    ],
)
def test_document_meets_its_published_schema(name: str, text: str) -> None:
    jsonschema.Draft202012Validator(schema(name)).validate(json.loads(text))


def test_schemas_are_schemas_themselves() -> None:
    for path in SCHEMAS.iterdir():
        jsonschema.Draft202012Validator.check_schema(schema(path.stem))


def test_audit_has_the_fields_of_the_contract_in_their_order() -> None:
    document = json.loads(report.audit(AUDIT))
    assert (
        list(document)
        == (
            "schema backend target python boot issues measures manifest imports routes settings not_analysed summary "
            "duration_s"
        ).split()
    )
    assert (
        list(document["issues"][0])
        == (
            "code name category severity stage path line column end_line problem cause requirements fix no_fix_reason "
            "related evidence"
        ).split()
    )
    assert list(document["boot"]["predicted"]) == "outcome stage exception message path line".split()


def test_issues_come_worst_first_with_their_fixes() -> None:
    first, second = json.loads(report.audit(AUDIT))["issues"]
    assert (first["code"], first["path"], first["line"], first["column"], first["end_line"]) == (
        "IMP001",
        "src/main.py",
        3,
        1,
        3,
    )
    assert first["fix"]["applicability"] == "safe"
    assert first["fix"]["diff"].startswith("--- a/src/main.py\n")
    assert second["fix"] is None
    assert second["no_fix_reason"]


def test_failing_frame_is_the_innermost_one() -> None:
    boot = json.loads(report.audit(AUDIT))["boot"]["predicted"]
    assert (boot["outcome"], boot["stage"], boot["exception"]) == ("fails", "import", "ModuleNotFoundError")
    assert (boot["path"], boot["line"]) == ("src/main.py", 3)


def test_unknown_outcome_says_why() -> None:
    boot = Boot(Outcome.UNKNOWN, reason="the application is made by exec()")
    audit = type(CLEAN)(".", None, "3.12.1", boot)
    document = json.loads(report.audit(audit))
    assert document["boot"]["predicted"]["message"] == "the application is made by exec()"
    assert document["target"] is None


def test_summary_counts_by_severity_fix_and_verdict() -> None:
    summary = json.loads(report.audit(AUDIT))["summary"]
    assert (summary["issues"], summary["blocker"], summary["warning"], summary["note"]) == (2, 1, 1, 0)
    assert summary["fixes"] == {"safe": 1, "review": 0, "none": 1}
    assert summary["measures"] == {"holds": 0, "fails": 1, "cannot tell": 0}
    assert summary["failed"] is True


def test_text_survives_any_encoding() -> None:
    assert report.audit(AUDIT).isascii()
    assert report.audit(AUDIT) == report.audit(AUDIT)


def test_trial_has_the_fields_of_the_contract_in_their_order() -> None:
    document = json.loads(trial(TRIAL))
    assert list(document) == "schema before after applied patch routes unexplained duration_s".split()
    assert document["applied"] == ["IMP001"]
    assert document["routes"] == {"expected": ["GET /tasks", "POST /tasks"], "served": ["GET /tasks"]}
