"""Small backends, and a build of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from seatrial import pipeline
from seatrial.options import BuildOptions
from seatrial.report.results import Build
from tests.project.trees import make

MAIN = """\
import os

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
SURROUNDINGS = os.getenv("ENVIRONMENT", "development")


class Task(BaseModel):
    title: str


@app.get("/health")
def health() -> dict[str, str]:
    return {"environment": SURROUNDINGS}


@app.post("/tasks")
def add(task: Task) -> Task:
    return task
"""
GOOD = {
    "main.py": MAIN,
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}

Builder = Callable[..., Build]


@pytest.fixture
def build(tmp_path: Path) -> Builder:
    """Build a backend that is given as files, besides those of GOOD; None removes one of these."""

    def built(files: Mapping[str, str | None] | None = None, **options: object) -> Build:
        chosen = {path: text for path, text in {**GOOD, **(files or {})}.items() if text is not None}
        root = make(tmp_path / "backend", chosen)
        return pipeline.build(root, BuildOptions(**options))  # type: ignore[arg-type]

    return built


def marks(result: Build) -> dict[str, str]:
    """Stage -> verdict."""
    return {step.name: step.mark.value for step in result.stages}


def evidence(result: Build, stage: str) -> str:
    """What was seen in a stage, as one text."""
    return "\n".join(line for step in result.stages if step.name == stage for line in step.evidence)


def codes(result: Build) -> set[str]:
    """The codes of the issues."""
    return {entry.issue.code for entry in result.entries}
