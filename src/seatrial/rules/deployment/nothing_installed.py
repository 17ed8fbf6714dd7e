"""Railpack installs nothing

## What it finds
A backend for Railway with a `pyproject.toml`, and neither a lock file nor a `requirements.txt` beside it.

## Why it bites
Railpack takes its installer from the lock file: uv.lock, poetry.lock, pdm.lock. With none of them it installs
nothing at all and the build is green; the start then ends in "No module named 'uvicorn'", or "command not found".

## What is flagged
The `pyproject.toml`, where a file says that the backend goes to Railway and no Dockerfile takes Railpack's place.

## What is not
A lock file or `requirements.txt` in the same folder, and backends for other platforms.

## Fix safety
Never: a lock file is made by resolving (`uv lock`), and committed.

## Reference
https://railpack.com/languages/python (railpack core/providers/python/python.go)
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from seatrial.issue import Evidence, Location, Severity, Stage
from seatrial.platforms.railway import plan_railway
from seatrial.rules.case import Case
from seatrial.rules.observation import Cited
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import is_for_railway
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """At most one finding."""
    path = posixpath.normpath(posixpath.join(case.base, "pyproject.toml"))
    if not case.code.documents.is_file(path) or not is_for_railway(case):
        return
    plan = plan_railway(case.code.documents, case.base)
    if plan.provider == "python" and plan.installer == "none":
        yield Finding(
            location=Location(path, 1),
            reach=Reach.BOOT,
            stage=Stage.PRODUCTION,
            severity=Severity.ERROR,
            problem="Railpack installs none of what is declared here.",
            cause="It needs a lock file beside it to know with what to install.",
            no_fix_reason="Run `uv lock` and commit uv.lock: a lock file is made by resolving.",
            evidence=(
                Evidence("installers of Railpack", "railwayapp/railpack at b5e8058, core/providers/python/python.go"),
            ),
        )


_PROJECT = {
    "pyproject.toml": (
        '[project]\nname = "tasks"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n\n'
        '[tool.setuptools]\npy-modules = ["main"]\n'
    ),
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "README.md": "# Tasks\n\nDeployed on Railway.\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DPL011",
    name="nothing-installed",
    summary="Railpack installs nothing",
    check=check,
    fix="never",
    requirements=("B1", "C2"),
    bad=_PROJECT,
    good={**_PROJECT, "requirements.txt": "fastapi\nuvicorn\n"},
    expect=Expectation(
        "pyproject.toml",
        1,
        stage=Stage.PRODUCTION,
        observation=Cited("railpack core/providers/python/python.go"),
    ),
)
