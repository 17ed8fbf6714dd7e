"""Isolation and tokens: each planted fault is caught by the probe that should, and one flaw is told once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from seatrial.options import VerifyOptions
from seatrial.verification.probe import Verdict
from seatrial.verification.results import Verification
from seatrial.verification.run import verify
from tests.verification import faults_of_notes as faults
from tests.verification import planting
from tests.verification.planting import Fault, Plant
from tests.verification.serving import served
from tests.verification.trials import found

NOTES = Path(__file__).parent / "services" / "notes"
FRONTEND = "https://notes.example.com"
KEY = "a key of the test that nobody guesses, 0123456789abcdef"
OURS = ("isolation", "jwt")


def notes(place: Path, plants: tuple[Plant, ...] = (), **wishes: Any) -> FastAPI:
    """The service with these edits."""
    app: FastAPI = planting.load(planting.copy(NOTES, place, plants), "main").make_app(**wishes)
    return app


def tried(app: FastAPI, place: Path, *select: str, **more: Any) -> Verification:
    with served(app) as url:
        return verify(url, VerifyOptions(frontend=FRONTEND, select=select, journals=place, seconds=120.0, **more))


def failures(run: Verification) -> list[str]:
    return [f"{it.probe.id}: {it.reason}" for it in run.results if it.verdict is Verdict.FAIL]


def _name(it: Fault) -> str:
    return f"{it.caught_by}: {it.name}"


def caught(fault: Fault, run: Verification) -> None:
    wanted = fault.caught_by.split()
    results = [found(run, it) for it in wanted]
    assert any(it.verdict is Verdict.FAIL for it in results), [f"{it.verdict}: {it.reason}" for it in results]
    assert all(it.evidence and it.cause and it.fix for it in results if it.verdict is Verdict.FAIL)
    assert run.left == ()


@pytest.mark.parametrize("fault", faults.ISOLATION + faults.TOKENS, ids=_name)
def test_fault_is_caught(fault: Fault, tmp_path: Path) -> None:
    select = tuple(fault.caught_by.split())
    if select == ("jwt.error-detail",):
        select += ("jwt.garbage",)  # whose refusals it reads
    caught(fault, tried(notes(tmp_path, fault.plants), tmp_path, *select))


@pytest.mark.parametrize("fault", faults.KEYED, ids=_name)
def test_fault_is_caught_with_the_key(fault: Fault, tmp_path: Path) -> None:
    app = notes(tmp_path, fault.plants, secret=KEY)
    run = tried(app, tmp_path, *fault.caught_by.split(), credentials=(("SEATRIAL_JWT_SECRET", KEY),))
    caught(fault, run)


@pytest.mark.parametrize("fault", faults.WEAK, ids=_name)
def test_weak_key_is_caught(fault: Fault, tmp_path: Path) -> None:
    caught(fault, tried(notes(tmp_path, fault.plants), tmp_path, *fault.caught_by.split()))


@pytest.mark.parametrize("fault", faults.ASYMMETRIC, ids=_name)
def test_fault_of_asymmetric_tokens_is_caught(fault: Fault, tmp_path: Path) -> None:
    caught(fault, tried(notes(tmp_path, fault.plants, asymmetric=True), tmp_path, *fault.caught_by.split()))


@pytest.mark.parametrize("wishes", [{}, {"docs": False}, {"asymmetric": True}], ids=["as it is", "no schema", "RS256"])
def test_correct_service_passes(wishes: dict[str, Any], tmp_path: Path) -> None:
    run = tried(notes(tmp_path, **wishes), tmp_path, *OURS)
    assert failures(run) == []
    assert [f"{it.probe.id}: {it.reason}" for it in run.results if it.verdict is Verdict.INCONCLUSIVE] == []
    assert run.left == () and len(run.created) == len(run.deleted)
    assert run.requests <= 120
    assert not run.failed and not [it for it in run.unjudged if it in OURS]


def test_one_flaw_is_told_once(tmp_path: Path) -> None:
    """No signature is checked: nine probes see it, one tells it."""
    run = tried(notes(tmp_path, faults.TOKENS[0].plants), tmp_path, "jwt")
    seen = [it for it in run.results if it.verdict is Verdict.FAIL and it.root == "jwt.signature"]
    assert len(seen) >= 5
    assert [it.probe.id for it in run.flaws if it.root == "jwt.signature"] == [seen[0].probe.id]
    assert {it.same_as for it in seen[1:]} == {seen[0].probe.id}
