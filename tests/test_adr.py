"""Decision records: made, listed with their code, and what is not in order is found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial import pipeline
from seatrial.errors import UsageError

ROOT = Path(__file__).parents[1]


def adr(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "seatrial", "adr", *arguments]
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"}, timeout=120
    )
    assert "Traceback" not in done.stderr
    return done


def complaints(root: Path) -> list[tuple[str, int, str]]:
    _, found = pipeline.check_decisions(root)
    return [(it.location.path, it.location.line, it.text) for it in found]


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    (tmp_path / "Procfile").write_text("web: uvicorn main:app\n")
    (tmp_path / "requirements.txt").write_text("fastapi\npyjwt\n")
    (tmp_path / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
    return tmp_path


def test_a_voyage_from_no_record_to_all_in_order(backend: Path) -> None:
    assert "No decision is recorded in history/adr" in adr("list", cwd=backend).stdout
    checked = adr("check", cwd=backend)
    assert checked.returncode == 1
    assert "requirements.txt:2\n  how users are known was decided here" in checked.stdout
    assert "Procfile:1\n  where it runs was decided here" in checked.stdout
    made = adr("new", "Sign tokens with HS256, änd no cookies", "--concerns", "main.py", cwd=backend)
    assert made.stdout == "history/adr/0001-sign-tokens-with-hs256-and-no-cookies.md\n"
    adr("new", "Deploy on Railway", "--status", "proposed", cwd=backend)
    (backend / "main.py").write_text((backend / "main.py").read_text() + "# ADR 0002 says why\n")
    listed = adr("list", cwd=backend).stdout
    assert "0001  Sign tokens with HS256, änd no cookies  (accepted)\n      main.py\n" in listed
    assert "0002  Deploy on Railway  (proposed)\n      main.py\n" in listed
    checked = adr("check", cwd=backend)
    assert (checked.returncode, checked.stdout) == (0, "2 decisions in history/adr: all in order.\n")


def test_what_is_not_in_order(backend: Path) -> None:
    records = backend / "docs" / "adr"
    records.mkdir(parents=True)
    (records / "0001-one.md").write_text(
        "# 1. One\n\n* Status: superseded by [0009](0009-gone.md)\n* Concerns: `main.py`, gone.py\n\n"
        "[here](0002-two.md#why) [nowhere](0002-two.md#how) [out](https://example.org/x) [up](../../main.py)\n"
        "```\n[in code](no.md)\n```\n[self](#one) [dead](no.md)\n"
    )
    (records / "0002-two.md").write_text("# ADR-002: Two\n\n## Status\n\nAccepted\n\n## Why\n\ndocker, jwt\n")
    (records / "0002-again.md").write_text("# Again\n")
    (records / "notes.md").write_text("[no record](nowhere.md)\n")
    (backend / "main.py").write_text(f"from fastapi import FastAPI  # docs/adr/{7:04d}-x.md\n\napp = FastAPI()\n")
    assert complaints(backend) == [
        ("docs/adr/0002-two.md", 1, "its number is that of docs/adr/0002-again.md: give it the next free one"),
        ("docs/adr/0001-one.md", 3, "the link leads to 0009-gone.md, which is not there"),
        ("docs/adr/0001-one.md", 6, "the link leads to 0002-two.md#how, and that page has no such heading"),
        ("docs/adr/0001-one.md", 10, "the link leads to #one, and that page has no such heading"),
        ("docs/adr/0001-one.md", 10, "the link leads to no.md, which is not there"),
        ("docs/adr/0001-one.md", 4, "it concerns gone.py, which is not there"),
        ("docs/adr/0001-one.md", 1, "it is superseded by 0009, which is not there"),
        ("main.py", 1, "it speaks of decision 0007, which is not in docs/adr"),
    ]


def test_a_rule_that_is_silenced_everywhere_needs_a_reason(backend: Path) -> None:
    adr("new", "Deploy with tokens", cwd=backend)
    (backend / "pyproject.toml").write_text('[tool.seatrial]\nignore = ["CFG001"]\n')
    assert complaints(backend) == [
        ("pyproject.toml", 1, "CFG001 is judged otherwise in the whole project, and no record says why")
    ]
    record = next((backend / "history" / "adr").iterdir())
    record.write_text(record.read_text() + "\nCFG001 is wrong here, since ...\n")
    assert complaints(backend) == []


def test_records_of_the_repository_above_count(backend: Path) -> None:
    inner = backend / "services" / "api"
    inner.mkdir(parents=True)
    (backend / ".git").mkdir()
    (inner / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
    adr("new", "Deploy with tokens", cwd=backend)
    known = pipeline.decisions(inner)
    assert [it.path for it in known.records] == ["history/adr/0001-deploy-with-tokens.md"]
    assert known.root == backend.resolve()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["new", " "], "needs a title"),
        (["new", "a\nb"], "needs a title"),
        (["new", "Title", "--concerns", "absent.py"], "absent.py is not there"),
        (["new", "Title", "absent"], "absent does not exist"),
        (["list", "requirements.txt"], "is not a folder"),
        (["sing"], "invalid choice"),
        ([], "ACTION"),
    ],
)
def test_mistakes_are_said_in_a_sentence(backend: Path, arguments: list[str], said: str) -> None:
    done = adr(*arguments, cwd=backend)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
    with pytest.raises(UsageError):
        pipeline.decisions(backend / "absent")


def test_records_of_this_project_are_in_order() -> None:
    known, found = pipeline.check_decisions(ROOT)
    assert len(known.records) >= 40
    assert found == ()
    known, found = pipeline.check_decisions(ROOT / "backend")  # which speaks of records of the repository too
    assert known.above and found == ()
