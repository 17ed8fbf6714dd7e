"""The project's own Dockerfile, built and run by the real engine."""

from __future__ import annotations

import subprocess
import uuid
from dataclasses import replace

import pytest

from seatrial.proof.building import image
from seatrial.proof.building.engine import find_engine
from tests.building.conftest import MAIN, Builder, codes, evidence, left, marks

GOOD_IMAGE = """\
FROM {base}
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
USER 1000
HEALTHCHECK CMD ["python", "-c", "import socket, os; socket.create_connection(('127.0.0.1', int(os.environ['PORT'])))"]
CMD ["sh", "-c", "exec uvicorn main:app --host 0.0.0.0 --port ${{PORT:-8000}}"]
"""
BAD_IMAGE = """\
FROM {base}
ARG REGISTRY_TOKEN=abc123
ENV JWT_SECRET=5up3r-s3cr3t
WORKDIR /app
COPY . .
RUN pip install --no-cache-dir -r requirements.txt && rm -f .env
CMD uvicorn main:app --host 0.0.0.0 --port 8000 ; true
"""
DATABASE = """\
import os
import ssl

import asyncpg
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health() -> dict[str, int]:
    connection = await asyncpg.connect(os.environ["DATABASE_URL"], ssl=ssl.create_default_context())
    try:
        return {"one": await connection.fetchval("select 1")}
    finally:
        await connection.close()
"""


@pytest.mark.needs("docker", "postgresql")
def test_an_image_with_a_database_over_verified_tls(base_image: str, build: Builder) -> None:
    files = {
        "main.py": DATABASE,
        "requirements.txt": "fastapi\nuvicorn\nasyncpg\n",
        "Dockerfile": GOOD_IMAGE.format(base=base_image),
        ".dockerignore": ".env\n",
        ".env.example": "DATABASE_URL=postgresql://app:secret@db:5432/tasks\n",
    }
    result = build(files, docker=True, memory=256 << 20, cpus=0.5)
    assert marks(result)["image"] == "pass", evidence(result, "image")
    assert marks(result)["container"] == "pass", evidence(result, "container")
    seen = evidence(result, "container")
    assert "GET /health answered 200" in seen
    assert "user id 1000" in seen
    assert "its health check says healthy" in seen
    assert "SIGTERM: it ended by itself" in seen
    assert "within 256 MiB and 0.5 CPU" in seen
    assert result.artefacts["image"] > 50_000_000
    assert left() == []


@pytest.mark.needs("docker")
def test_an_image_with_everything_wrong(base_image: str, build: Builder) -> None:
    result = build({"Dockerfile": BAD_IMAGE.format(base=base_image)}, docker=True)
    assert marks(result)["image"] == "fail"
    assert codes(result) >= {"DPL007", "DPL009", "BLD017", "BLD009"}
    assert codes(result) & {"BLD011", "DPL001"}
    seen = evidence(result, "image")
    assert "`JWT_SECRET` is set in the image." in seen
    assert "`REGISTRY_TOKEN` stands in the image's history." in seen
    assert "`/app/.env` is in a layer of the image." in seen
    assert "listens on 8000 and not on the platform's port" in evidence(result, "container")
    assert left() == []


@pytest.mark.nightly
@pytest.mark.needs("docker")
def test_what_an_image_fails_for_is_mended_by_the_audits_fixes(base_image: str, build: Builder) -> None:
    """A port of its own, root, no health check, and `.env` in a layer: each led back to its rule, and mended."""
    dockerfile = (
        f"FROM {base_image}\nWORKDIR /app\nCOPY requirements.txt .\n"
        "RUN pip install --no-cache-dir -r requirements.txt\n"
        'COPY . .\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "7860"]\n'
    )
    files = {"Dockerfile": dockerfile, ".env.example": "ENVIRONMENT=development\n"}
    result = build(files, docker=True, fix=True)
    assert {"DPL001", "DPL008"} <= codes(result)
    assert not codes(result) & {"BLD011", "BLD014", "BLD015", "BLD017"}
    assert result.mended is not None
    verdicts = {step.name: step.mark.value for step in result.mended.stages}
    assert (verdicts["image"], verdicts["container"]) == ("pass", "pass")
    assert left() == []


@pytest.mark.needs("docker")
@pytest.mark.parametrize("buildkit", [True, False])
@pytest.mark.parametrize(
    ("lines", "line", "problem", "words"),
    [
        (
            "COPY main.py .\nCOPY requirements.lock \\\n  more.txt /app/\n",
            4,
            "The image does not build: `requirements.lock` is not in its build context.",
            "requirements.lock",
        ),
        (
            "COPY . .\nRUN echo so far && \\\n    pip install --no-index -r nothing.txt\n",
            4,
            "The image does not build: `RUN echo so far && pip install --no-index -r nothing.txt` fails.",
            "Could not open requirements file",
        ),
        ("WORKDR /app\n", 3, "The image does not build: `WORKDR /app` fails.", "unknown instruction"),
    ],
)
def test_an_image_that_does_not_build_names_the_instruction(
    lines: str,
    line: int,
    problem: str,
    words: str,
    buildkit: bool,
    base_image: str,
    build: Builder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By BuildKit and by the classic builder, whose words differ."""
    engine = find_engine()
    assert not isinstance(engine, str)
    monkeypatch.setattr(image, "find_engine", lambda: replace(engine, buildkit=engine.buildkit and buildkit))
    dockerfile = f"# ours\nFROM {base_image}\n{lines}CMD uvicorn main:app\n"
    result = build({"Dockerfile": dockerfile}, docker=True)
    assert (marks(result)["image"], marks(result)["container"]) == ("fail", "skipped")
    issue = next(entry.issue for entry in result.entries if entry.issue.code == "BLD012")
    assert (issue.location.path, issue.location.line, issue.problem) == ("Dockerfile", line, problem)
    assert words in evidence(result, "image")
    assert left() == []


@pytest.mark.needs("docker")
def test_the_classic_builder_leaves_no_image_of_a_stage(
    base_image: str, build: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It makes an image for each step, and forgets those of a stage that is only copied from."""
    engine = find_engine()
    assert not isinstance(engine, str)
    monkeypatch.setattr(image, "find_engine", lambda: replace(engine, buildkit=False))
    mark = uuid.uuid4().hex
    stages = (
        f"FROM {base_image} AS builder\nLABEL made={mark}\nRUN echo {mark} >/made\n"
        f"FROM {base_image}\nLABEL made={mark}\nCOPY --from=builder /made /made\nCOPY main.py requirements.txt ./\n"
    )
    whole = stages + "RUN pip install -r requirements.txt\nCMD exec uvicorn main:app --host 0.0.0.0 --port $PORT\n"
    assert marks(build({"Dockerfile": whole}, docker=True))["container"] == "pass"
    assert marks(build({"Dockerfile": f"{stages}RUN false\n"}, docker=True))["image"] == "fail"
    words = ["docker", "image", "ls", "--all", "--quiet", "--filter", f"label=made={mark}"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == ""
    assert left() == []


def test_without_an_engine_the_rest_is_judged(build: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    result = build({"Dockerfile": GOOD_IMAGE.format(base="python:3.11-slim"), "main.py": MAIN}, docker=True)
    assert marks(result)["production"] == "pass"
    assert marks(result)["image"] == "inconclusive"
    seen = evidence(result, "image")
    assert "No Docker engine answers" in seen or "There is no docker program" in seen
