"""Locks of pdm, pipenv and pip-compile, made and judged by these tools themselves."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.options import BuildOptions
from seatrial.project.files import scan
from seatrial.project.manifest.declared import read_manifest
from seatrial.proof.building.installing import surroundings, tool_program
from seatrial.proof.building.locking import check_lock
from seatrial.proof.building.values import Mark, Step
from seatrial.provision.interpreter import Interpreter, find_interpreter
from seatrial.provision.resolution import provide_tool
from tests.building.conftest import MAIN, Builder, evidence, marks
from tests.project.trees import make

PROJECT = '[project]\nname = "tasks"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = [{}]\n'
PIPFILE = "[packages]\n{}\n"
NEEDS: dict[str, Callable[[list[str]], dict[str, str]]] = {
    "pdm": lambda names: {"pyproject.toml": PROJECT.format(", ".join(f'"{it}"' for it in names))},
    "pipenv": lambda names: {"Pipfile": PIPFILE.format("\n".join(f'{it} = "*"' for it in names))},
    "pip-compile": lambda names: {"requirements.in": "\n".join(names) + "\n"},
}
LOCK = {
    "pdm": ("lock", "--quiet"),
    "pipenv": ("lock", "--quiet"),
    "pip-compile": ("--quiet", "--output-file=requirements.txt", "requirements.in"),
}
LOCKED = {"pdm": "pdm.lock", "pipenv": "Pipfile.lock", "pip-compile": "requirements.txt"}


@pytest.fixture(scope="module")
def python() -> Interpreter:
    return find_interpreter(None, ())


def program_of(tool: str, python: Interpreter) -> Path:
    """The tool, in an environment of its own, as `seatrial build` gets it."""
    if tool != "pip-compile":
        program = tool_program(tool, python, BuildOptions())
        assert isinstance(program, Path), program
        return program
    provided = provide_tool("pip-tools", "pip-tools>=7", interpreter=python, offline=False)
    assert getattr(provided, "executable", None), provided
    return Path(str(provided.executable)).parent / "pip-compile"  # type: ignore[union-attr]


def locked(root: Path, tool: str, names: list[str], python: Interpreter) -> dict[str, str]:
    """The files of a project that needs these packages, with the lock that the tool makes."""
    made = make(root, NEEDS[tool](names))
    program = program_of(tool, python)
    environment = {**os.environ, **surroundings(program.parents[1])}
    done = subprocess.run(
        [str(program), *LOCK[tool]], cwd=made, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.name: path.read_text("utf-8") for path in made.iterdir() if path.is_file()}


def judged(root: Path, files: dict[str, str], python: Interpreter) -> Step:
    """What the stage says of the lock."""
    tree = scan(make(root, {**files, "main.py": MAIN}))
    return check_lock(read_manifest(tree, "."), tree.root, python, BuildOptions())


@pytest.mark.parametrize("tool", ["pdm", "pipenv", "pip-compile"])
def test_a_lock_is_in_step_until_its_manifest_asks_for_more(tool: str, tmp_path: Path, python: Interpreter) -> None:
    files = locked(tmp_path / "made", tool, ["idna"], python)
    assert LOCKED[tool] in files
    good = judged(tmp_path / "good", files, python)
    assert good.mark is Mark.PASS, good.evidence
    stale = judged(tmp_path / "stale", {**files, **NEEDS[tool](["idna", "sniffio"])}, python)
    assert stale.mark is Mark.FAIL, stale.evidence
    assert [issue.location.path for issue in stale.issues] == [LOCKED[tool]]


@pytest.mark.nightly
@pytest.mark.parametrize("tool", ["pdm", "pipenv", "pip-compile"])
def test_a_locked_backend_is_built_from_its_lock(
    tool: str, tmp_path: Path, python: Interpreter, build: Builder
) -> None:
    files: dict[str, str | None] = {"requirements.txt": None}
    files |= locked(tmp_path / "made", tool, ["fastapi", "uvicorn"], python)
    result = build(files)
    assert marks(result)["lock"] == "pass", evidence(result, "lock")
    assert marks(result)["install"] == "pass", evidence(result, "install")
    assert result.verdict == "pass"


def test_a_tool_that_fails_has_not_judged_the_lock(tmp_path: Path, python: Interpreter) -> None:
    """poetry cannot read this lock at all: that says nothing about what the lock holds."""
    project = '[tool.poetry]\nname = "tasks"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.11"\nidna = "*"\n'
    files = {"pyproject.toml": project, "poetry.lock": "[[package]\n"}
    assert judged(tmp_path, files, python).mark is Mark.INCONCLUSIVE
