"""The clean room by Railway's rules: what the plan says is what is then done, and seen to work or fail."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from seatrial import pipeline
from seatrial.options import BuildOptions
from tests.building.conftest import MAIN, Builder, codes, evidence, marks

HERE = f"{sys.version_info.major}.{sys.version_info.minor}\n"  # a Python that is at hand


def test_app_py_is_found_and_main_is_started(build: Builder) -> None:
    files = {"main.py": None, "app.py": MAIN, "Procfile": None, ".python-version": HERE}
    result = build(files, platform="railway")
    assert marks(result)["plan"] == "pass"
    assert "$ pip install -r requirements.txt" in evidence(result, "install")
    assert marks(result)["start"] == "pass"
    assert marks(result)["production"] == "fail"
    assert 'Could not import module "main"' in evidence(result, "production")
    assert {choice.subject: choice.value for choice in result.choices}["python"] == HERE.strip()


def test_a_slip_in_the_procfile_ends_the_build_before_it_begins(build: Builder) -> None:
    result = build({"Procfile": "web:uvicorn main:app\n"}, platform="railway")
    assert marks(result)["plan"] == "fail"
    assert codes(result) == {"BLD019"}
    assert result.entries[0].issue.location.path == "Procfile"
    assert set(marks(result).values()) == {"fail", "skipped"}


def test_without_a_lock_nothing_is_installed_and_the_build_is_green(build: Builder) -> None:
    project = '[project]\nname = "tasks"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n'
    files = {"requirements.txt": None, "pyproject.toml": project, ".python-version": HERE}
    result = build(files, platform="railway")
    assert marks(result)["install"] == "pass"
    assert "nothing is installed" in evidence(result, "install")
    assert marks(result)["import"] == "fail"
    assert "fastapi" in evidence(result, "import")


BELOW = {
    "main.py": None,
    "Procfile": "web: cd api && exec uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "requirements.txt": "# as file:// makes it be there\n-r api/requirements.txt\n",
    ".python-version": HERE,
    "api/main.py": MAIN,
    "api/requirements.txt": "fastapi\nuvicorn\n",
}


def test_the_root_is_what_is_deployed_though_the_code_lies_below_it(build: Builder) -> None:
    result = build(BELOW, platform="railway")
    assert marks(result)["production"] == "pass"
    assert "$ cd api && exec uvicorn main:app" in evidence(result, "production")
    assert "$ pip install -r requirements.txt" in evidence(result, "install")
    assert {choice.subject: choice.location.path for choice in result.choices if choice.location} == {
        "provider": "requirements.txt",
        "python": ".python-version",
        "installer": "requirements.txt",
        "start command": "Procfile",
    }


def test_a_root_that_cannot_be_started_leaves_the_folder_of_the_backend(build: Builder) -> None:
    start = "web: exec uvicorn main:app --host 0.0.0.0 --port $PORT\n"
    result = build({**BELOW, "Procfile": None, "api/Procfile": start, "api/.python-version": HERE}, platform="railway")
    assert marks(result)["production"] == "pass"
    assert "the root directory is api" in evidence(result, "plan")


def test_requirements_that_railpack_does_not_lay_there_end_the_build(build: Builder) -> None:
    result = build({**BELOW, "requirements.txt": "# together\n-r api/requirements.txt\n"}, platform="railway")
    assert marks(result)["plan"] == "fail"
    assert [(it.issue.location.path, it.issue.location.line) for it in result.entries] == [("requirements.txt", 2)]
    assert "`api/requirements.txt` is not there when Railpack installs" in evidence(result, "plan")


@pytest.mark.nightly
@pytest.mark.needs("docker")
@pytest.mark.parametrize(("folder", "stage"), [(".", "production"), ("backend", "container")])
def test_this_repository_and_its_backend_are_built_and_started_as_railway_does(folder: str, stage: str) -> None:
    result = pipeline.build(Path(__file__).parents[2] / folder, BuildOptions(platform="railway"))
    assert (result.verdict, marks(result)[stage]) == ("pass", "pass")
