"""Small backends, and a build of one."""

from __future__ import annotations

import os
import subprocess
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


def left(process: int | None = None) -> list[str]:
    """What a process, this one by default, has made with Docker and not taken away; others may be at it as well."""
    number = os.getpid() if process is None else process
    of = f"label=seatrial.build={number}"
    asked = (
        ["ps", "--all", "--filter", of, "--format", "{{.Names}}"],
        ["network", "ls", "--filter", of, "--format", "{{.Name}}"],
        ["volume", "ls", "--filter", of, "--format", "{{.Name}}"],
        ["image", "ls", "--all", "--filter", of, "--format", "{{.ID}}"],
        ["image", "ls", "--filter", f"reference=seatrial-{number}-*", "--format", "{{.ID}}"],
    )
    said = [subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout for words in asked]
    return [line for text in said for line in text.split()]
