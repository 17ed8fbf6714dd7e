"""Papers of locked backends are run with the tool that made the lock: the script, the tests, the guide's commands.

uv's are run in every run of CI, for nothing else there runs these papers with a lock; the others nightly.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from uv import find_uv_bin

from seatrial.options import BuildOptions
from seatrial.proof.building.installing import tool_program
from seatrial.provision.interpreter import find_interpreter
from seatrial.provision.resolution import provide_tool
from tests.artifacts.backends import PLAIN
from tests.artifacts.test_used import blocks, run
from tests.artifacts.writing import prepared

NEEDS = ("fastapi", "uvicorn", "idna")
PROJECT = '[project]\nname = "plain"\nversion = "1"\nrequires-python = ">=3.11,<4"\ndependencies = [{}]\n'
MANIFESTS = {
    "uv": ("pyproject.toml", PROJECT, '"{}"', ", "),
    "poetry": ("pyproject.toml", PROJECT, '"{}"', ", "),
    "pdm": ("pyproject.toml", PROJECT, '"{}"', ", "),
    "pipenv": ("Pipfile", "[packages]\n{}\n", '{} = "*"', "\n"),
    "pip-compile": ("requirements.in", "{}\n", "{}", "\n"),
}
LOCKS = {
    "uv": ("lock",),
    "poetry": ("lock",),
    "pdm": ("lock",),
    "pipenv": ("lock",),
    "pip-compile": ("--quiet", "--generate-hashes", "--output-file=requirements.txt", "requirements.in"),
}

TEST = """\
import os

import idna


def test_it() -> None:
    assert idna and len(os.environ["JWT_SECRET"]) >= 32
"""
QUIET = {"VIRTUAL_ENV": "", "PDM_CHECK_UPDATE": "false", "PIPENV_IGNORE_VIRTUALENVS": ""}


def manifest(tool: str, names: tuple[str, ...]) -> tuple[str, str]:
    """The file that declares these packages, and its text."""
    path, text, each, between = MANIFESTS[tool]
    return path, text.format(between.join(each.format(name) for name in names))


def program(tool: str) -> Path:
    """The tool's own program, in an environment of its own."""
    python = find_interpreter(None, ())
    if tool == "uv":
        return Path(find_uv_bin())
    if tool != "pip-compile":
        found = tool_program(tool, python, BuildOptions())
        assert isinstance(found, Path), found
        return found
    provided = provide_tool("pip-tools", "pip-tools>=7", interpreter=python, offline=False)
    return Path(str(provided.executable)).parent / tool  # type: ignore[union-attr]


def path_with(folder: Path, tool: str) -> str:
    """A PATH on which the tool is, and not the Python that it runs on."""
    folder.mkdir()
    (folder / tool).symlink_to(program(tool))
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def locked(root: Path, tool: str, path: str) -> Path:
    """A backend in a repository, with its lock and its papers."""
    root.mkdir()
    name, text = manifest(tool, NEEDS)
    (root / name).write_text(text)
    done = run(tool, *LOCKS[tool], where=root, PATH=path, **QUIET)
    assert done.returncode == 0, done.stdout + done.stderr
    files = {path: text for path, text in PLAIN.items() if path != "requirements.txt"}
    return prepared(root, {**files, "tests/test_it.py": TEST})


@pytest.mark.parametrize(
    "tool", ["uv", *(pytest.param(it, marks=pytest.mark.nightly) for it in MANIFESTS if it != "uv")]
)
def test_the_tool_does_what_the_papers_say(tool: str, tmp_path: Path) -> None:
    path = path_with(tmp_path / "bin", tool)
    root = locked(tmp_path / "plain", tool, path)
    script = "scripts/prepare-deployment.sh"
    assert run(script, "init", where=root).returncode == 0
    ready = run(script, where=root, PATH=path, PYTHON=sys.executable, **QUIET)
    assert ready.returncode == 0, ready.stdout + ready.stderr
    assert ready.stdout.endswith("it stops when it is told to\nReady to be deployed.\n")
    unsettled(tmp_path / "clone", root, path)
    for command in blocks((root / "QUICKSTART.md").read_text())[1:]:
        done = run("bash", "-euc", command, where=root, PATH=path, **QUIET)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert (root / ".venv/bin/uvicorn").exists()


def unsettled(clone: Path, root: Path, path: str) -> None:
    """In a fresh clone the lock is judged, and no environment made; one that is out of step is a problem."""
    shutil.copytree(root, clone, ignore=shutil.ignore_patterns(".venv", ".pdm-python"))
    files = sorted(clone.rglob("*"))
    script = "scripts/prepare-deployment.sh"
    quick = run(script, "--quick", where=clone, PATH=path, PYTHON=sys.executable, **QUIET)
    assert quick.returncode == 0, quick.stdout + quick.stderr
    assert sorted(clone.rglob("*")) == files
    if (clone / "requirements.in").exists():
        return  # what pip-compile made is judged by `seatrial build`, not by this script
    tool = Path(path.partition(os.pathsep)[0])
    name, text = manifest(next(tool.iterdir()).name, (*NEEDS, "sniffio"))
    (clone / name).write_text(text)
    stale = run(script, "--quick", where=clone, PATH=path, PYTHON=sys.executable, **QUIET)
    assert stale.returncode == 1
    assert "the lock is not in step with its manifest" in stale.stderr
