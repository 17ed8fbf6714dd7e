"""Railpack's rules, one by one; each was read in its source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from seatrial.platforms.railway import RailwayPlan, plan_railway
from seatrial.project.documents import Documents
from tests.project.trees import make

DECLARED = {"requirements.txt": "fastapi\nuvicorn\n"}


def plan(root: Path, files: Mapping[str, str]) -> RailwayPlan:
    return plan_railway(Documents.of(make(root, files)))


@pytest.mark.parametrize(
    ("files", "provider"),
    [
        ({"main.py": ""}, "python"),
        ({"bot.py": ""}, "python"),
        ({"pyproject.toml": ""}, "python"),
        ({"main.py": "", "package.json": "{}"}, "python"),
        ({"main.py": "", "go.mod": ""}, "golang"),
        ({"main.py": "", "Gemfile": ""}, "ruby"),
        ({"package.json": "{}"}, "node"),
        ({"app/main.py": ""}, ""),
        ({"main.py": "", "Dockerfile": ""}, "dockerfile"),
        ({"main.py": "", "dockerfile": ""}, "python"),
    ],
)
def test_provider(files: dict[str, str], provider: str, tmp_path: Path) -> None:
    assert plan(tmp_path, files).provider == provider


@pytest.mark.parametrize(
    ("files", "installer"),
    [
        (("requirements.txt", "uv.lock", "pyproject.toml"), "pip"),
        (("pyproject.toml", "uv.lock"), "uv"),
        (("pyproject.toml", "poetry.lock"), "poetry"),
        (("pyproject.toml", "pdm.lock"), "pdm"),
        (("Pipfile",), "pipenv"),
        (("pyproject.toml",), "none"),
    ],
)
def test_installer(files: tuple[str, ...], installer: str, tmp_path: Path) -> None:
    found = plan(tmp_path, dict.fromkeys(files, ""))
    assert found.installer == installer
    assert bool(found.install) is (installer != "none")


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"pyproject.toml": "[project]\nrequires-python = '>=3.14'\n"}, "3.13"),
        ({".python-version": "3.12\n", "runtime.txt": "python-3.11.4\n"}, "3.12"),
        ({"runtime.txt": "python-3.11.4\n"}, "3.11.4"),
        ({".tool-versions": "node 20\npython 3.10.1\n"}, "3.10.1"),
        ({"mise.toml": '[tools]\npython = "3.9"\n'}, "3.9"),
        ({"Pipfile": '[requires]\npython_version = "3.8"\n'}, "3.8"),
    ],
)
def test_python(files: dict[str, str], version: str, tmp_path: Path) -> None:
    assert plan(tmp_path, {"main.py": "", **files}).python == version


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"main.py": ""}, "uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}"),
        ({"app.py": ""}, "uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}"),
        ({"main.py": "", "requirements.txt": "fastapi[standard]"}, "python main.py"),
        (
            {"main.py": "", "requirements.txt": "fastapi # no uvicorn"},
            "uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}",
        ),
        ({"main.py": "", "Pipfile": "flask gunicorn"}, "gunicorn --bind 0.0.0.0:${PORT:-8000} main:app"),
        ({"main.py": "", "Procfile": "web: run me\n"}, "run me"),
        ({"main.py": "", "Procfile": "web: a b\n", "railpack.json": '{"deploy": {"startCommand": "c"}}'}, "c"),
        ({"main.py": "", "Procfile": "web: a b\n", "railway.json": '{"deploy": {"startCommand": "d"}}'}, "d"),
    ],
)
def test_start_command(files: dict[str, str], command: str, tmp_path: Path) -> None:
    found = plan(tmp_path, {**DECLARED, **files})
    assert found.start is not None
    assert (found.start.command, found.start.expands) == (command, True)


def test_a_broken_procfile_fails_the_build(tmp_path: Path) -> None:
    found = plan(tmp_path, {**DECLARED, "main.py": "", "Procfile": "web:uvicorn main:app\n"})
    assert found.start is None
    assert "Procfile" in found.problem


def test_without_a_main_file_at_the_root_there_is_no_start(tmp_path: Path) -> None:
    assert "no start command" in plan(tmp_path, {**DECLARED, "app/main.py": ""}).problem


def test_a_start_command_over_a_dockerfile_fills_nothing_in(tmp_path: Path) -> None:
    files = {"Dockerfile": "FROM x\n", "railway.toml": '[deploy]\nstartCommand = "uvicorn main:app --port $PORT"\n'}
    found = plan(tmp_path, files)
    assert found.start is not None
    assert (found.builder, found.start.expands, found.start.location and found.start.location.line) == (
        "dockerfile",
        False,
        2,
    )


def test_surprises_are_noted(tmp_path: Path) -> None:
    assert len(plan(tmp_path / "a", {**DECLARED, "app.py": "", "uv.lock": ""}).notes) == 2
    assert len(plan(tmp_path / "b", {"pyproject.toml": "", "main.py": ""}).notes) == 1


def test_the_root_of_this_repository_and_the_folder_of_its_backend_can_be_deployed() -> None:
    """Railway sends the one to Railpack; in the other it takes the Dockerfile, and Railpack would do as well."""
    documents = Documents.of(Path(__file__).parents[2])
    root = plan_railway(documents, ".")
    assert (root.problem, root.provider, root.installer) == ("", "python", "pip")
    assert root.start is not None
    assert root.start.command == "cd backend && exec python -m src"
    assert plan_railway(documents, "backend").provider == "dockerfile"
