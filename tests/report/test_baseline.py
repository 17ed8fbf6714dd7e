"""`--baseline FILE`: a team starts from today, and the check fails for what is new only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.report.test_json import schema


def audit(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "seatrial", "audit", ".", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    (tmp_path / "Procfile").write_text("web: uvicorn main:app\n")
    (tmp_path / "requirements.txt").write_text("fastapi\nuvicorn\n")
    (tmp_path / "main.py").write_text("import absent\nfrom fastapi import FastAPI\n\napp = FastAPI()\n")
    return tmp_path


def test_known_issues_are_left_out_and_new_ones_fail(backend: Path) -> None:
    assert audit(backend).returncode == 1
    made = audit(backend, "--baseline", "known.json", "--update-baseline")
    assert made.returncode == 0
    document = json.loads((backend / "known.json").read_text())
    jsonschema.Draft202012Validator(schema("baseline-1")).validate(document)
    assert [it["path"] for it in document["issues"] if "absent" in it["problem"]]
    (backend / "main.py").write_text("\n\n" + (backend / "main.py").read_text())  # a move is no new issue
    later = audit(backend, "--baseline", "known.json")
    assert later.returncode == 0
    assert "the baseline knows" in later.stdout
    assert "main:app would not start" in later.stdout  # it is known, and it is still so
    (backend / "main.py").write_text((backend / "main.py").read_text() + "import gone\n")
    new = audit(backend, "--baseline", "known.json", "--format", "json")
    assert new.returncode == 1
    problems = [it["problem"] for it in json.loads(new.stdout)["issues"] if it["severity"] == "blocker"]
    assert len(problems) == 1 and "gone" in problems[0]


@pytest.mark.parametrize("text", [None, "", "[]", '{"schema": "seatrial/audit/1", "issues": []}', '{"schema": "x"}'])
def test_what_is_no_baseline_is_refused(backend: Path, text: str | None) -> None:
    if text is not None:
        (backend / "known.json").write_text(text)
    done = audit(backend, "--baseline", "known.json")
    assert done.returncode == 2 and "--update-baseline" in done.stderr
    assert audit(backend, "--update-baseline").returncode == 2
