"""What `build` and `verify` really left of small services, made once per session."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seatrial import pipeline
from seatrial.options import BuildOptions
from seatrial.report import formats
from seatrial.report.page import Page
from tests.building.conftest import GOOD
from tests.project.trees import make
from tests.report.dossiers import Documents
from tests.verification import faults_of_todos as faults
from tests.verification.trials import at, hooks, options, todos, verify

PLANTED = "any origin, with cookies"
SELECTED = ("cors", "health", "isolation.foreign-read")


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    """A build that passes, and a run against a service that lets every origin in, its database taken away meanwhile."""
    return {"build": _built(tmp_path_factory), "verify": _verified(tmp_path_factory)}


def _built(factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = make(factory.mktemp("built") / "backend", GOOD)
    document: dict[str, Any] = json.loads(formats.build("json", pipeline.build(root, BuildOptions()), Page()))
    assert document["verdict"] == "pass", document
    return document


def _verified(factory: pytest.TempPathFactory) -> dict[str, Any]:
    place = factory.mktemp("verified")
    app = todos(place, next(it.plants for it in faults.ALL if it.name == PLANTED))
    with at(app) as url:
        run = verify(url, hooks(app, options(app, place, *SELECTED)))
    document: dict[str, Any] = json.loads(formats.verification("json", run, Page()))
    return document
