"""The dotenv file is not left out of the repository

## What it finds
A backend that reads a dotenv file, where no `.gitignore` names it.

## Why it bites
The next `git add .` commits it, with every secret that it holds; from then on it is in each clone and in the
history.

## What is flagged
The `.gitignore`, or where there is none the place that reads the file.

## What is not
A file that any `.gitignore` of the repository leaves out. What only your own machine ignores (`core.excludesFile`)
does not protect the others. Nor a folder that belongs to no repository.

## Fix safety
Safe: one line. Examples (`.env.example`) stay.

## Reference
https://git-scm.com/docs/gitignore
https://12factor.net/config
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Position, Severity, Stage
from seatrial.project.gitignore import ignored_by
from seatrial.project.settings_environment import is_apart
from seatrial.rules.case import Case
from seatrial.rules.observation import Ignored
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """At most one finding."""
    documents = case.code.documents
    if not case.settings.dotenv:
        return
    path = next((path for path, _ in case.papers.dotenv), posixpath.normpath(posixpath.join(case.base, ".env")))
    if path.startswith("..") or ignored_by(documents, path) is not None or not _sees_repository(case):
        return
    ignoring = _nearest(case, path)
    uses = sorted(case.settings.dotenv, key=lambda use: is_apart(use.location.path))
    place = Location(ignoring, 1) if documents.is_file(ignoring) else uses[0].location
    yield Finding(
        location=place,
        reach=Reach.BOOT,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem=f"Nothing keeps {path} out of the repository.",
        cause="The backend reads it, and no .gitignore names it.",
        fix=_fix(case, ignoring, posixpath.basename(path)),
    )


def _sees_repository(case: Case) -> bool:
    """Whether the folder belongs to a repository of which no part is out of sight, or has rules of its own."""
    root = case.code.root
    ignoring = (path for path in case.tree.files if posixpath.basename(path) == ".gitignore")
    return any((folder / ".git").exists() for folder in (root, *root.parents)) or any(ignoring)


def _nearest(case: Case, path: str) -> str:
    """The `.gitignore` of the nearest folder that has one; else where a new one belongs."""
    folders = list(case.code.documents.folders(posixpath.dirname(path) or "."))
    inside = [folder for folder in folders if not folder.startswith("..")] or ["."]
    places = [posixpath.normpath(posixpath.join(folder, ".gitignore")) for folder in inside]
    return next((place for place in places if case.code.documents.is_file(place)), places[0])


def _fix(case: Case, ignoring: str, name: str) -> Fix:
    text = case.code.documents.text(ignoring)
    lines = (text or "").split("\n")
    end = Position(len(lines), len(lines[-1].rstrip("\r")) + 1)
    edit = Edit(ignoring, end, end, ("\n" if lines[-1] else "") + f"{name}\n")
    return Fix(Applicability.SAFE, f"Leave {name} out in {ignoring}.", (edit,))


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npython-dotenv\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "TITLE=Tasks\n",
    ".gitignore": "__pycache__/\n.venv/\n",
    "main.py": (
        "import os\n\nfrom dotenv import load_dotenv\nfrom fastapi import FastAPI\n\n"
        'load_dotenv()\napp = FastAPI(title=os.environ["TITLE"])\n'
    ),
}

RULE = Rule(
    code="SEC006",
    name="unignored-env",
    summary="The dotenv file is not left out of the repository",
    check=check,
    fix="always",
    requirements=("B5",),
    bad=_PROJECT,
    good={**_PROJECT, ".gitignore": "__pycache__/\n.venv/\n.env\n"},
    expect=Expectation(".gitignore", 1, stage=Stage.PRODUCTION, observation=Ignored(".env", ignored=False)),
)
