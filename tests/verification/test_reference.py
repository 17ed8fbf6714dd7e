"""The reference backend passes with every kind of credentials, and each fault that is planted in it is caught."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from seatrial.options import VerifyOptions
from seatrial.verification.probe import Verdict
from seatrial.verification.results import Verification
from seatrial.verification.run import verify
from tests.verification import faults_of_reference as faults
from tests.verification.cluster import cluster
from tests.verification.planting import Fault
from tests.verification.reference import FRONTEND, KEY, PATIENCE_S, Reference, prepared
from tests.verification.runs import cleaned, started, until
from tests.verification.trials import found

TIMED = ("limits.size", "limits.known-address", "health.answers", "health.latency", "start.cold")
SERVED_DOCS = ("exposure.documentation",)  # development shows them


def _every_other(all_: tuple[Fault, ...]) -> list[object]:
    """Each start of the backend takes seconds: every other fault is for the night."""
    return [it if place % 2 == 0 else pytest.param(it, marks=pytest.mark.nightly) for place, it in enumerate(all_)]


def _name(it: Fault) -> str:
    return f"{it.caught_by}: {it.name}"


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return prepared(tmp_path_factory.mktemp("reference"))


def tried(url: str, place: Path, *select: str, **more: Any) -> Verification:
    wishes = VerifyOptions(frontend=FRONTEND, select=select, ignore=SERVED_DOCS, journals=place, seconds=300.0, **more)
    return verify(url, wishes)


def wrong(run: Verification) -> list[str]:
    bad = (Verdict.FAIL, Verdict.INCONCLUSIVE)
    return [
        f"{it.probe.id}: {it.verdict}: {it.reason}" for it in run.results if it.verdict in bad and _told(it.probe.id)
    ]


def _told(probe: str) -> bool:
    # How fast it answers on a busy machine is not for here, nor how it refuses a body that is too large.
    return probe not in TIMED


def account(url: str, label: str) -> tuple[str, str]:
    """An account of the test's own, and a token of its."""
    email, password = f"{label}-{time.monotonic_ns()}@example.com", "a password of the test's own"
    with httpx.Client(base_url=url, timeout=60) as client:
        client.post("/auth/signup", json={"email": email, "password": password}).raise_for_status()
        answer = client.post("/auth/login", json={"email": email, "password": password}).raise_for_status()
    return f"{email}:{password}", str(answer.json()["access_token"])


def test_it_passes_whatever_credentials_are_given(reference: Reference, tmp_path: Path) -> None:
    with reference.served() as url:
        (user_a, token_a), (user_b, token_b) = account(url, "a"), account(url, "b")
        users = (("SEATRIAL_USER_A", user_a), ("SEATRIAL_USER_B", user_b))
        tokens = (("SEATRIAL_TOKEN_A", token_a), ("SEATRIAL_TOKEN_B", token_b))
        key = (("SEATRIAL_JWT_SECRET", KEY),)
        by_itself = tried(url, tmp_path)
        with_key = tried(url, tmp_path, "isolation", "jwt", credentials=key)
        with_users = tried(url, tmp_path, "isolation", "jwt", credentials=users)
        with_tokens = tried(url, tmp_path, "isolation", "jwt", credentials=tokens + key)
    for run in (by_itself, with_key, with_users, with_tokens):
        assert wrong(run) == []
        assert run.left == () and len(run.created) == len(run.deleted) >= 3
    assert by_itself.unjudged == ()
    assert by_itself.requests <= 160 + 120
    assert not any("account" in it for it in with_users.created + with_tokens.created)
    assert found(with_key, "jwt.expired").verdict is Verdict.PASS
    assert found(with_tokens, "jwt.subject").verdict is Verdict.PASS


@pytest.mark.parametrize("fault", _every_other(faults.ALL), ids=_name)
def test_fault_is_caught(fault: Fault, reference: Reference, tmp_path: Path) -> None:
    with reference.served(fault.plants) as url:
        run = tried(url, tmp_path, fault.caught_by)
    result = found(run, fault.caught_by)
    assert result.verdict is Verdict.FAIL, f"{result.verdict}: {result.reason}"
    assert run.left == ()


@pytest.mark.parametrize("fault", _every_other(faults.KEYED), ids=_name)
def test_fault_is_caught_with_the_key(fault: Fault, reference: Reference, tmp_path: Path) -> None:
    with reference.served(fault.plants) as url:
        run = tried(url, tmp_path, fault.caught_by, credentials=(("SEATRIAL_JWT_SECRET", KEY),))
    result = found(run, fault.caught_by)
    assert result.verdict is Verdict.FAIL, f"{result.verdict}: {result.reason}"
    assert run.left == ()


@pytest.mark.needs("postgresql")
def test_killed_run_brings_a_real_postgresql_back(reference: Reference, tmp_path: Path) -> None:
    """SIGKILL between the two hooks: PostgreSQL stays down, until `--cleanup` starts it by the run's own `--db-up`."""
    with cluster() as database, reference.served(DATABASE_URL=database.url) as url:
        hold = tmp_path / "hold"
        hold.touch()
        stop = ("--db-down", f"{database.stop}; while [ -e {hold} ]; do sleep 0.02; done")
        select = ("--journal", str(tmp_path), "--select", "health.outage")
        run = started(url, *select, *stop, "--db-up", database.start)
        until(lambda: not database.running)
        run.kill()
        run.communicate(timeout=PATIENCE_S)
        hold.unlink()
        assert not database.running
        code, said = cleaned(next(tmp_path.glob("verify-*.jsonl")))
        assert database.running and code == 0, said
        assert "brought the database back" in said and said.count("deleted account") == 2, said
        whole = tried(url, tmp_path, "health.outage", db_down=database.stop, db_up=database.start)
    outage = found(whole, "health.outage")
    assert outage.verdict is Verdict.PASS, outage.reason
    assert whole.left == () and list(tmp_path.glob("*.jsonl")) == []
