"""Railpack takes another Python

## What it finds
A backend for Railway whose `requires-python` shuts out the version that Railpack takes.

## Why it bites
Railpack does not read `requires-python`. It takes the version from `.python-version`, `runtime.txt` and such, or
3.13; with uv it may not download another, so that the build ends, and pip refuses to install the project.

## What is flagged
The `pyproject.toml`, where the two disagree.

## What is not
A `.python-version` that fits, a Dockerfile, and backends for other platforms.

## Fix safety
Safe: a `.python-version` with the oldest version that `requires-python` allows.

## Reference
https://railpack.com/languages/python (railpack core/providers/python/python.go)
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Evidence, Fix, Location, Position, Severity, Stage
from seatrial.platforms.railway import plan_railway
from seatrial.provision.versions import first_minor, satisfies
from seatrial.rules.case import Case
from seatrial.rules.observation import Cited
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import is_for_railway
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """At most one finding."""
    path = posixpath.normpath(posixpath.join(case.base, "pyproject.toml"))
    text = case.code.documents.text(path) or ""
    match = re.search(r"^requires-python\s*=\s*[\"']([^\"']+)[\"']", text, re.M)
    if match is None or not is_for_railway(case):
        return
    plan = plan_railway(case.code.documents, case.base)
    version = _numbers(plan.python)
    if plan.provider != "python" or version is None or satisfies(version, match[1]) is not False:
        return
    fix = _fix(case, match[1]) if plan.python_from is None else None
    yield Finding(
        location=Location(path, text.count("\n", 0, match.start()) + 1),
        reach=Reach.BOOT,
        stage=Stage.PRODUCTION,
        severity=Severity.ERROR,
        problem=f"Railpack takes Python {plan.python}, and the backend asks for {match[1]}.",
        cause="It does not read `requires-python`.",
        fix=fix,
        no_fix_reason=None if fix else "Another file names the version: which of the two is meant is for you to say.",
        evidence=(
            Evidence(
                "versions of Python in Railpack", "railwayapp/railpack at b5e8058, core/providers/python/python.go"
            ),
        ),
    )


def _numbers(version: str) -> tuple[int, int, int] | None:
    """`3.13` stands for the last release of 3.13."""
    match = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    return (int(match[1]), int(match[2]), int(match[3] or 99)) if match else None


def _fix(case: Case, specifier: str) -> Fix | None:
    first = first_minor(specifier)
    if first is None:
        return None
    path = posixpath.normpath(posixpath.join(case.base, ".python-version"))
    edit = Edit(path, Position(1, 1), Position(1, 1), f"{first[0]}.{first[1]}\n")
    return Fix(Applicability.SAFE, f"Name {first[0]}.{first[1]} in .python-version.", (edit,))


_PROJECT = {
    "pyproject.toml": (
        '[project]\nname = "tasks"\nversion = "1"\nrequires-python = ">=3.11,<3.13"\n'
        'dependencies = ["fastapi", "uvicorn"]\n'
    ),
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "README.md": "# Tasks\n\nDeployed on Railway.\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DPL013",
    name="railpack-python",
    summary="Railpack takes another Python",
    check=check,
    fix="sometimes",
    requirements=("A3", "C2"),
    bad=_PROJECT,
    good={**_PROJECT, ".python-version": "3.11\n"},
    expect=Expectation(
        "pyproject.toml",
        4,
        stage=Stage.PRODUCTION,
        observation=Cited("railpack core/providers/python/python.go"),
    ),
)
