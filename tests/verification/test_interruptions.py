"""Interrupted at whatever moment, a run leaves nothing behind, or names it and `--cleanup` removes it."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from tests.verification.runs import PATIENCE_S, cleaned, started
from tests.verification.serving import served
from tests.verification.test_faults_of_notes import FRONTEND, notes

MOMENTS, EVERY_TIME = 50, 16
MOST = 110  # requests of a whole run, about


class Counted:
    """A service that says how many requests it has answered."""

    def __init__(self, app: FastAPI) -> None:
        self.app, self.seen = app, 0

    async def __call__(self, scope: dict[str, object], receive: object, send: object) -> None:
        if scope["type"] == "http":
            self.seen += 1
        await self.app(scope, receive, send)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Counted, str]]:
    counted = Counted(notes(tmp_path_factory.mktemp("service")))
    with served(counted) as url:
        yield counted, url


def remains(counted: Counted) -> list[str]:
    state = counted.app.state.all
    return [*state.users, *state.notes]


@pytest.mark.parametrize(
    "moment", [it if it < EVERY_TIME else pytest.param(it, marks=pytest.mark.nightly) for it in range(MOMENTS)]
)
def test_interrupted(moment: int, service: tuple[Counted, str], tmp_path: Path) -> None:
    counted, url = service
    chance = random.Random(moment)
    how = chance.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
    begin, after = counted.seen, chance.randrange(1, MOST)
    child = started(url, "--frontend", FRONTEND, "--journal", str(tmp_path), "--select", "isolation", "--select", "jwt")
    deadline = time.monotonic() + PATIENCE_S
    while counted.seen - begin < after and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.0005)
    child.send_signal(how)
    out, err = child.communicate(timeout=PATIENCE_S)
    journals = list(tmp_path.glob("*.jsonl"))
    if how is not signal.SIGKILL:
        # By the first signal it stops asking; what it made it removes all the same.
        assert "Traceback" not in err, err
        assert remains(counted) == [] and journals == [], (out, err)
        return
    for journal in journals:
        code, said = cleaned(journal)
        assert code == 0 and not journal.exists(), said
    assert remains(counted) == [], journals


def test_what_cannot_be_removed_is_named(tmp_path: Path) -> None:
    """The account cannot be deleted: exit code 4, its name, and a journal that removes it once it can."""
    counted = Counted(notes(tmp_path / "service"))
    broken = [it for it in counted.app.router.routes if "DELETE" in getattr(it, "methods", ()) and "me" in it.path]  # type: ignore[attr-defined]
    for route in broken:
        counted.app.router.routes.remove(route)
    schema = tmp_path / "openapi.json"
    with served(counted) as url:
        schema.write_text(_schema_with_deletion(counted.app))
        child = started(url, "--openapi", str(schema), "--journal", str(tmp_path), "--select", "isolation.foreign-read")
        out, err = child.communicate(timeout=PATIENCE_S)
        assert child.returncode == 4, (out, err)
        journal = next(tmp_path.glob("verify-*.jsonl"))
        assert out.count("account vrf-") >= 2 and f"--cleanup {journal}" in out
        assert journal.stat().st_mode & 0o077 == 0
        counted.app.router.routes.extend(broken)
        code, said = cleaned(journal)
    assert code == 0 and remains(counted) == [] and not journal.exists(), said


def _schema_with_deletion(app: FastAPI) -> str:
    import json

    document = app.openapi()
    document["paths"]["/auth/me"]["delete"] = {"responses": {"204": {"description": "gone"}}}
    return json.dumps(document)
