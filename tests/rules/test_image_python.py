"""Where only the image's Python is old enough (DEP021): what the Python of everybody else makes of the backend."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.issue import Issue, Severity, Stage
from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from seatrial.provision.interpreter import interpreters_at_hand
from tests.rules.reality import lay

OLD = next((it.minor for it in interpreters_at_hand() if it.minor == (3, 10)), None)
README = "# Tasks\n\n```sh\npip install -r requirements.txt\nuvicorn main:app\n```\n"
DRIFTED = {
    "Dockerfile": 'FROM python:3.10-slim\nRUN pip install -r requirements.txt\nCMD ["uvicorn", "main:app"]\n',
    "requirements.txt": "fastapi\nuvicorn\nsqlalchemy>=2.0\npsycopg2-binary\n",
    "main.py": (
        "from fastapi import FastAPI\nfrom sqlalchemy import create_engine\n\n"
        'engine = create_engine("postgresql://user:password@localhost/app")\napp = FastAPI()\n'
    ),
}

pytestmark = pytest.mark.needs("old-python")


def told(folder: Path, **files: str) -> list[Issue]:
    project = lay(folder / "project", {**DRIFTED, **files})
    found = [entry.issue for entry in audit(project, AuditOptions()).entries]
    return [issue for issue in found if issue.code in ("DEP021", "DB001")]


@pytest.mark.skipif(OLD is None, reason="there is no Python 3.10 here, the last for which SQLAlchemy 2.0 is the newest")
class TestDrift:
    """SQLAlchemy 2.1 is for Python 3.11 and later: on 3.10 `postgresql://` loads psycopg2 still."""

    def test_a_readme_sends_everybody_into_it(self, tmp_path: Path) -> None:
        (issue,) = told(tmp_path, **{"README.md": README})
        assert (issue.code, issue.location.path, issue.location.line) == ("DEP021", "main.py", 4)
        assert (issue.severity, issue.stage) == (Severity.BLOCKER, Stage.IMPORT)
        assert "No module named 'psycopg'" in issue.problem
        assert "README.md:4" in issue.cause

    def test_where_all_is_done_by_the_image_it_is_a_warning(self, tmp_path: Path) -> None:
        (issue,) = told(tmp_path)
        assert (issue.code, issue.severity) == ("DEP021", Severity.WARNING)

    def test_a_version_file_or_a_limit_keeps_the_other_python_out(self, tmp_path: Path) -> None:
        assert told(tmp_path, **{"README.md": README, ".python-version": "3.10\n"}) == []
        limits = '[project]\nname = "tasks"\nversion = "1"\nrequires-python = ">=3.10,<3.11"\n'
        assert told(tmp_path, **{"README.md": README, "pyproject.toml": limits}) == []

    def test_a_fault_of_both_is_told_once(self, tmp_path: Path) -> None:
        issues = told(tmp_path, **{"README.md": README, "requirements.txt": "fastapi\nuvicorn\nsqlalchemy>=2.0\n"})
        assert [issue.code for issue in issues] == ["DB001"]


def test_pip_reads_no_pipfile(tmp_path: Path) -> None:
    pinned = {"requirements.txt": "fastapi\nuvicorn\nhttptools==0.2.0\n", "README.md": README}
    image = {
        "Dockerfile": DRIFTED["Dockerfile"].replace("3.10", "3.9"),
        "main.py": "import fastapi\napp = fastapi.FastAPI()\n",
    }
    pipfile = '[packages]\nfastapi = "*"\n\n[requires]\npython_version = "3.9"\n'
    (issue,) = told(tmp_path, **pinned, **image, Pipfile=pipfile)
    assert (issue.location.path, issue.location.line, issue.stage) == ("requirements.txt", 3, Stage.INSTALL)
    assert "Cython 0.29" in issue.problem
