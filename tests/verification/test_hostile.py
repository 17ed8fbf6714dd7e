"""Servers that mean harm: bounded time and memory, a clear verdict, never a request to a host that was not named."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.verification import hostile_runs
from tests.verification.hostile import CONDUCTS
from tests.verification.hostile_http2 import HTTP2

NAMES = (*CONDUCTS, *HTTP2, *hostile_runs.BROKEN_TLS, *hostile_runs.STRANGERS)
UNREACHABLE = {
    "silence",
    "slow_head",
    "slow_body",
    "hangs_up",
    "resets",
    "another_protocol",
    "endless_continue",
    "endless_header",
    "million_headers",
    "wrong_chunks",
    "wrong_length",
    *HTTP2.keys() - {"h2_window_that_never_opens", "h2_endless_body"},
    *hostile_runs.BROKEN_TLS,
    *hostile_runs.STRANGERS,
}
# For the one request to arrive, the run, the clean-up, and what so many at once keep one another waiting.
MOST_S = 30.0 + hostile_runs.SECONDS + 20.0 + 60.0
MOST_MB = 900.0  # for all of them in one process, the servers included


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of all of them."""
    place = tmp_path_factory.mktemp("hostile")
    command = [sys.executable, "-m", "tests.verification.hostile_runs", str(place)]
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr and "never awaited" not in done.stderr, done.stderr[:3000]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("name", NAMES)
def test_server_is_survived(name: str, runs: dict[str, Any]) -> None:
    run = runs["runs"][name]
    assert run["seconds"] < MOST_S
    assert run["elsewhere"] == 0
    assert run["asked"] <= 200
    assert run["stumbled"] == []
    assert not any(mark in run["said"] for mark in ("\x1b", "\x07", "Traceback"))
    assert (run["verdicts"] == ["usage"]) == (name in UNREACHABLE)


def test_nothing_is_believed(runs: dict[str, Any]) -> None:
    """Whoever answers everything alike proves nothing of isolation, tokens or health."""
    for name, run in runs["runs"].items():
        groups = {it.partition(".")[0] for it in run["passed"]}
        assert not groups & {"isolation", "jwt"}, name
        assert not {"health.answers", "cors.front-end", "cors.foreign-origin"} & set(run["passed"]), name


def test_memory_is_bounded(runs: dict[str, Any]) -> None:
    assert runs["most_mb"] < MOST_MB
