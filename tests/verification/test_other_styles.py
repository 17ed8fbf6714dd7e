"""What services of others are like, seen in backends that are not ours: no GET of one thing, no end of an account."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.commands.exits import CLEAN
from seatrial.commands.verify import _code
from seatrial.verification.probe import Verdict
from tests.verification.planting import Fault, Plant, fault
from tests.verification.test_faults_of_notes import failures, notes, tried
from tests.verification.trials import found

NO_GET = Plant("main.py", '    @app.get("/notes/{note_id}")\n', "")
NO_END = Plant("main.py", '    @app.delete("/auth/me", status_code=204)\n', "")
FAULTS = (
    fault(
        "everybody's notes are in the list",
        "isolation.foreign-read",
        ("main.py", ' if it["owner_id"] == user["id"]]\n        found', "]\n        found"),
    ),
    fault(
        "no owner is looked at",
        "isolation.foreign-update isolation.foreign-replace isolation.foreign-delete",
        ("main.py", ' or note["owner_id"] != user["id"]', ""),
    ),
    fault(
        "changes, then answers 404",
        "isolation.foreign-update",
        (
            "main.py",
            "        note = owned(state, user, note_id)\n        note.update(body.model_dump(exclude_none=True))\n",
            (
                "        state.notes[str(note_id)].update(body.model_dump(exclude_none=True))\n"
                "        note = owned(state, user, note_id)\n"
            ),
        ),
    ),
    fault(
        "deletes nothing",
        "isolation.gone",
        ("main.py", '        del state.notes[note["id"]]\n', "        note.copy()\n"),
    ),
    fault(
        "the list asks nobody who is there",
        "isolation.anonymous-read",
        ("main.py", "        user: User,\n        response", "        response"),
        ("main.py", ' if it["owner_id"] == user["id"]]\n        found', "]\n        found"),
    ),
)


def test_things_without_a_get_of_their_own(tmp_path: Path) -> None:
    run = tried(notes(tmp_path, (NO_GET,)), tmp_path, "isolation", "jwt", "errors.odd-ids", "methods")
    assert failures(run) == [] and run.left == () and run.unjudged == ("health", "cors")
    skipped = {it.probe.id for it in run.results if "no GET of one note" in it.reason}
    assert skipped == {"isolation.oracle", "errors.odd-ids"}
    for probe in ("foreign-read", "foreign-update", "foreign-replace", "foreign-delete", "gone", "mass-create"):
        assert found(run, f"isolation.{probe}").verdict is Verdict.PASS, found(run, f"isolation.{probe}").reason


@pytest.mark.parametrize("planted", FAULTS, ids=lambda it: it.name)
def test_fault_in_things_without_a_get_is_caught(planted: Fault, tmp_path: Path) -> None:
    probes = planted.caught_by.split()
    run = tried(notes(tmp_path, (NO_GET, *planted.plants)), tmp_path, *probes)
    assert {it: found(run, it).verdict for it in probes} == dict.fromkeys(probes, Verdict.FAIL), failures(run)


def test_accounts_that_may_stay_are_no_leftovers(tmp_path: Path) -> None:
    """Nothing can delete them, and a person said that they may stay: told, but no exit code of its own."""
    run = tried(notes(tmp_path, (NO_END,)), tmp_path, "isolation", allow_leftover=True, require=("isolation",))
    assert [it.partition(" vrf")[0] for it in run.left] == ["account", "account"]
    assert run.journal == "" and list(tmp_path.glob("*.jsonl")) == []
    assert _code(run) == CLEAN and _code(replace(run, journal="somewhere")) == 4


def test_last_controls_are_kept_from_the_budget(tmp_path: Path) -> None:
    """However small the budget: what was found stays believed, and only what was not asked is open."""
    run = tried(notes(tmp_path), tmp_path, budget=75)
    assert any("budget" in it.reason for it in run.results)
    assert not any("last control" in it.reason for it in run.results)
    assert found(run, "isolation.foreign-read").verdict is Verdict.PASS


def test_login_that_breaks_is_not_told_as_a_missing_limit(tmp_path: Path) -> None:
    broken = Plant("main.py", "        if user is None or user[", "        if user[")
    run = tried(notes(tmp_path, (broken,)), tmp_path, "limits.guessing")
    result = found(run, "limits.guessing")
    assert result.verdict is Verdict.FAIL and "500" in result.reason and "login itself fails" in result.cause
