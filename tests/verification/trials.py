"""Runs of `verify` against the service `todos`, served in the test's own process."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from seatrial.options import VerifyOptions
from seatrial.verification.probe import Verdict
from seatrial.verification.results import Result, Verification
from seatrial.verification.run import verify
from tests.verification import planting
from tests.verification.planting import Plant
from tests.verification.serving import Papers, served

TODOS = Path(__file__).parent / "services" / "todos"
FRONTEND = "https://todos.example.com"


def todos(place: Path, plants: tuple[Plant, ...] = (), **settings: Any) -> FastAPI:
    """The service with these edits, on a database of its own below `place`."""
    package = planting.copy(TODOS, place, plants)
    made = planting.load(package, "settings").Settings(database=place / f"{package.name}.db", **settings)
    app: FastAPI = planting.load(package, "main").create_app(made)
    return app


def options(app: FastAPI, place: Path, *select: str, frontend: str = FRONTEND) -> VerifyOptions:
    """What is told to `verify`: the schema as a file, since the service shows none."""
    schema = place / "openapi.json"
    schema.write_text(json.dumps(app.openapi()))
    return VerifyOptions(frontend=frontend, openapi=schema, select=select, journals=place, seconds=120.0)


def hooks(app: FastAPI, to: VerifyOptions) -> VerifyOptions:
    """Commands that take the service's database away and bring it back."""
    path = shlex.quote(str(app.state.settings.database))
    return replace(to, db_down=f"mv {path} {path}.away", db_up=f"mv {path}.away {path}")


@contextmanager
def at(app: FastAPI, tls: Papers | None = None) -> Iterator[str]:
    """The service, as its URL."""
    with served(app, tls) as url:
        yield url


def found(run: Verification, probe: str) -> Result:
    """What one probe found."""
    return next(it for it in run.results if it.probe.id == probe)


def trouble(run: Verification) -> list[str]:
    """Everything that a run without a fault must not have."""
    wrong = [f"{it.probe.id}: {it.verdict}: {it.reason}" for it in run.results if it.verdict is Verdict.FAIL]
    return wrong + [f"left: {it}" for it in run.left]


__all__ = ["FRONTEND", "at", "found", "hooks", "options", "todos", "trouble", "verify"]
