"""The papers are held to by the tools that others hold such files to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.platforms.railway import plan_railway
from seatrial.project.documents import Documents
from tests.artifacts.backends import PLAIN, SHELVES, TASKS
from tests.artifacts.writing import prepared

TOOLS = Path(sys.executable).parent


@pytest.fixture(params=[PLAIN, TASKS], ids=["plain", "tasks"], scope="module")
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory.mktemp("held"), request.param)


def held(root: Path, tool: str, *arguments: str) -> None:
    done = subprocess.run([str(TOOLS / tool), *arguments], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_hadolint(root: Path) -> None:
    held(root, "hadolint", *(str(path) for path in root.rglob("Dockerfile")))


def test_the_reference_backend_by_hadolint() -> None:
    backend = Path(__file__).parents[2] / "backend"
    held(backend, "hadolint", "Dockerfile", "deployment/pgbouncer/Dockerfile")


def test_shellcheck(root: Path) -> None:
    held(root, "shellcheck", "scripts/prepare-deployment.sh")


def test_the_workflow_by_its_schema(root: Path) -> None:
    held(root, "check-jsonschema", "--builtin-schema", "vendor.github-workflows", ".github/workflows/seatrial.yml")


def test_the_stack_by_its_schema(root: Path) -> None:
    held(root, "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")


def test_the_stack_of_other_databases_by_its_schema(tmp_path: Path) -> None:
    held(
        prepared(tmp_path, SHELVES, "compose"),
        "check-jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "docker-compose.yml",
    )


def test_the_script_of_the_tests_by_ruff(root: Path) -> None:
    held(
        root, "ruff", "check", "--isolated", "--select", "E,F,W,I,UP,B", "--line-length", "130", "scripts/run_tests.py"
    )


def test_honcho_reads_the_procfile(root: Path) -> None:
    held(root, "honcho", "check")


def test_railpack_would_start_what_the_procfile_says(root: Path) -> None:
    (root / "Dockerfile").rename(root / "Dockerfile.aside")
    try:
        plan = plan_railway(Documents.of(root))
    finally:
        (root / "Dockerfile.aside").rename(root / "Dockerfile")
    assert plan.start is not None
    assert plan.start.command.startswith("exec uvicorn app.main:app --host 0.0.0.0 --port $PORT")
    assert plan.start.source == "Procfile (web)"


def test_commands_of_the_workflow_exist(root: Path) -> None:
    text = (root / ".github/workflows/seatrial.yml").read_text()
    for name in ("audit", "prepare"):
        assert f"run: seatrial {name}" in text
