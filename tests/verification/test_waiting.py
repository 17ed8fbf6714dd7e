"""`--wait` for a fresh deployment, under a clock that the test moves; `--project`, which reads the source."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from seatrial import pipeline
from seatrial.errors import UsageError
from seatrial.options import VerifyOptions
from seatrial.verification.probe import Verdict
from seatrial.verification.results import Verification
from seatrial.verification.run import verify
from tests.verification import planting
from tests.verification.serving import served
from tests.verification.test_faults_of_notes import FRONTEND, NOTES, failures
from tests.verification.test_pacing import Patience
from tests.verification.trials import found

SCHEMA = {
    "openapi": "3.1.0",
    "info": {"title": "late", "version": "1"},
    "paths": {"/ops/health": {"get": {"responses": {"200": {"description": "well"}}}}},
}


class Late:
    """A deployment that is well at some times and not at others; `well` says when, in seconds from its start."""

    def __init__(self, clock: Patience, well: Any, path: str = "/health", absent: bool = False) -> None:
        self.clock, self.well, self.path, self.absent = clock, well, path, absent

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        answer = JSONResponse({"detail": "Not Found"}, 404)
        if scope["path"] == "/openapi.json":
            answer = JSONResponse(SCHEMA)
        elif scope["path"] == self.path or self.absent:
            well = self.well(self.clock.passed)
            answer = JSONResponse({"status": "ok" if well else "down"}, 200 if well else 503)
            if self.absent and not well:
                answer = JSONResponse({"status": "error"}, 404, headers={"X-Railway-Fallback": "true"})
        await answer(scope, receive, send)


def waited(late: Late, place: Path, seconds: float) -> Verification:
    with served(late) as url:
        wishes = VerifyOptions(select=("health.answers",), journals=place, wait_s=seconds, require=())
        return verify(url, wishes, clock=late.clock)


def test_deployment_that_becomes_well_later(tmp_path: Path) -> None:
    run = waited(Late(Patience(), lambda at: at >= 7), tmp_path, 60)
    assert run.waited_s == 7.0


def test_deployment_that_never_does(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"/health answers 503, after 19 s"):
        waited(Late(Patience(), lambda _: False), tmp_path, 20)
    assert list(tmp_path.glob("*.jsonl")) == []


def test_deployment_that_flaps(tmp_path: Path) -> None:
    """The old one answers, the new one falls over twice: it is well when it stays so."""
    run = waited(Late(Patience(), lambda at: at < 2 or at == 4 or at >= 9), tmp_path, 60)
    assert run.waited_s == 9.0


def test_health_that_lies_elsewhere_is_waited_for(tmp_path: Path) -> None:
    run = waited(Late(Patience(), lambda at: at >= 11, "/ops/health"), tmp_path, 60)
    assert run.waited_s == 11.0
    assert found(run, "health.answers").verdict is Verdict.PASS


def test_answer_of_the_edge_is_none_of_the_deployment(tmp_path: Path) -> None:
    assert waited(Late(Patience(), lambda at: at >= 5, absent=True), tmp_path, 60).waited_s == 5.0


def test_without_waiting_an_ill_service_is_tried_as_it_is(tmp_path: Path) -> None:
    clock = Patience()
    run = waited(Late(clock, lambda _: False), tmp_path, 0)
    assert run.waited_s == 0 and found(run, "health.answers").verdict is Verdict.FAIL


def test_routes_are_read_in_the_source(tmp_path: Path) -> None:
    """No schema is shown, and the paths are none of the usual: only the source tells."""
    package = tmp_path / "project" / "service"
    shutil.copytree(NOTES, package, ignore=shutil.ignore_patterns("__pycache__"))
    text = (package / "main.py").read_text().replace('"/notes', '"/board/cards').replace('"/health"', '"/ops/health"')
    (package / "main.py").write_text(f"{text}\n\napp = make_app(docs=False)\n")
    (tmp_path / "project" / "Procfile").write_text("web: uvicorn service.main:app\n")
    (tmp_path / "project" / "requirements.txt").write_text("fastapi\nuvicorn\npyjwt[crypto]\npython-multipart\n")
    app = planting.load(package, "main").app
    with served(app) as url:
        wishes = VerifyOptions(
            frontend=FRONTEND, journals=tmp_path, seconds=300.0, select=("isolation", "health.answers")
        )
        blind = verify(url, wishes)
        run = pipeline.verify(url, replace(wishes, project=tmp_path / "project", python=sys.executable))
    assert found(blind, "isolation.foreign-read").verdict is Verdict.SKIPPED
    assert run.source == "its source" and failures(run) == [] and run.left == ()
    assert found(run, "isolation.foreign-read").verdict is Verdict.PASS, found(run, "isolation.foreign-read").reason
    assert "/board/cards/" in found(run, "isolation.foreign-read").evidence[0].url
    assert found(run, "health.answers").verdict is Verdict.PASS
