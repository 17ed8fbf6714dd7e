"""The lock file is left out of the repository

## What it finds
A lock file that `.gitignore` leaves out.

## Why it bites
The platform then has no lock: it resolves anew at each deployment, or, as Railpack does with a bare pyproject.toml,
installs nothing. What runs in production is not what ran on the author's machine.

## What is flagged
The line of `.gitignore` that leaves out the lock file of a tool that the backend uses.

## What is not
Lock files of tools that it does not use, and libraries' own rules for their development.

## Fix safety
Safe: the line goes where it names nothing else; else the lock file is taken back in by a line of its own. Commit
the lock file afterwards.

## Reference
https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile
https://python-poetry.org/docs/basic-usage/#committing-your-poetrylock-file-to-version-control
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Position, Severity, Stage
from seatrial.project.gitignore import Pattern, ignored_by
from seatrial.rules.case import Case
from seatrial.rules.observation import Ignored
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_TOOLS = (
    ("uv.lock", "pyproject.toml", r"^\[tool\.uv\b"),
    ("poetry.lock", "pyproject.toml", r"^\[tool\.poetry\b"),
    ("pdm.lock", "pyproject.toml", r"^\[tool\.pdm\b"),
    ("Pipfile.lock", "Pipfile", r""),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each lock file."""
    documents = case.code.documents
    for name, manifest, mark in _TOOLS:
        path = posixpath.normpath(posixpath.join(case.base, name))
        text = documents.text(posixpath.normpath(posixpath.join(case.base, manifest)))
        used = documents.is_file(path) or (text is not None and re.search(mark, text, re.M) is not None)
        pattern = ignored_by(documents, path) if used and not path.startswith("..") else None
        if pattern is not None:
            yield _finding(case, name, pattern)


def _finding(case: Case, name: str, pattern: Pattern) -> Finding:
    fix = _fix(case, name, pattern)
    return Finding(
        location=Location(pattern.path, pattern.line),
        reach=Reach.BOOT,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem=f"{name} is not part of the repository.",
        cause="This line leaves it out, so that no platform can install by it.",
        fix=fix,
        no_fix_reason=None if fix else "The file lies outside of the folder that is audited.",
    )


def _fix(case: Case, name: str, pattern: Pattern) -> Fix | None:
    lines = (case.code.documents.text(pattern.path) or "").split("\n")
    line = lines[pattern.line - 1].rstrip("\r")
    if pattern.path.startswith(".."):
        return None
    if line.strip().lstrip("/") == name:
        edit = Edit(pattern.path, Position(pattern.line, 1), Position(pattern.line + 1, 1), "")
        if pattern.line == len(lines):
            edit = Edit(pattern.path, Position(pattern.line, 1), Position(pattern.line, len(line) + 1), "")
        return Fix(Applicability.SAFE, "Remove the line, and commit the lock file.", (edit,))
    end = Position(pattern.line, len(line) + 1)
    return Fix(Applicability.SAFE, "Take it back in, and commit it.", (Edit(pattern.path, end, end, f"\n!{name}"),))


_PROJECT = {
    "pyproject.toml": (
        '[project]\nname = "tasks"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n\n'
        '[tool.setuptools]\npy-modules = ["main"]\n\n[tool.uv]\npackage = false\n'
    ),
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".gitignore": "__pycache__/\nuv.lock\n.venv/\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DPL014",
    name="ignored-lock",
    summary="The lock file is left out of the repository",
    check=check,
    fix="sometimes",
    requirements=("B1", "B2"),
    bad=_PROJECT,
    good={**_PROJECT, ".gitignore": "__pycache__/\n.venv/\n"},
    expect=Expectation(".gitignore", 2, stage=Stage.PRODUCTION, observation=Ignored("uv.lock", ignored=True)),
)
