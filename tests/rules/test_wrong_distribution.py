"""A distribution that only shares its name with the import (DEP015), told by what its module breaks down on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from seatrial.report.results import Audit
from tests.rules.reality import lay

MAIN = "from fastapi import FastAPI\nfrom tortoise import fields\n\napp = FastAPI(title=str(fields))\n"
POETRY = '[tool.poetry]\nname = "tasks"\nversion = "1"\n\n[tool.poetry.dependencies]\npython = ">=3.11"\n'
MANIFESTS = {
    "requirements.txt": ("fastapi\nuvicorn\ntortoise\n", "tortoise-orm\n"),
    "Pipfile": ('[packages]\nfastapi = "*"\nuvicorn = "*"\ntortoise = "*"\n', 'tortoise-orm = "*"\n'),
    "pyproject.toml": (f'{POETRY}fastapi = "*"\nuvicorn = "*"\ntortoise = "^0.1"\n', 'tortoise-orm = "*"\n'),
}


def found(project: Path) -> Audit:
    return audit(project, AuditOptions())


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_the_one_that_is_meant_takes_its_line(manifest: str, tmp_path: Path) -> None:
    before, after = MANIFESTS[manifest]
    project = lay(tmp_path / "project", {manifest: before, "main.py": MAIN, "Procfile": "web: uvicorn main:app\n"})
    (entry,) = [it for it in found(project).entries if it.issue.code in ("DEP001", "DEP015")]
    assert (entry.issue.code, entry.issue.location.path) == ("DEP015", manifest)
    subprocess.run(["git", "apply", "-"], cwd=project, input=entry.diff.encode(), check=True)
    assert (project / manifest).read_text().endswith(after)
    assert [it.issue.code for it in found(project).entries if it.issue.code in ("DEP001", "DEP015")] == []
