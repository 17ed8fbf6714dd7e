"""The clean room by Railway's rules: what the plan says is what is then done, and seen to work or fail."""

from __future__ import annotations

import sys

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
