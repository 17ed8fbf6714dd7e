"""The dotenv file is copied into the image

## What it finds
A Dockerfile that copies the whole folder, where nothing keeps the developer's `.env` out of it.

## Why it bites
The secrets are then in a layer of the image, for everybody who can pull it, and stay there when a later step removes
them. And they are read: the development database answers in production as soon as a variable is not set.

## What is flagged
`COPY . .` of a backend that has, reads or documents a dotenv file, without a `.dockerignore` that leaves it out.

## What is not
A `.dockerignore` (or `Dockerfile.dockerignore`) that names it, and copies of single folders.

## Fix safety
Safe: `.env` is added to the `.dockerignore`, or a new one is written with it, `.git`, `.venv` and `__pycache__`.

## Reference
https://docs.docker.com/build/concepts/context/#dockerignore-files
https://docs.docker.com/build/building/secrets/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Position, Severity, Stage
from seatrial.platforms.docker import Ignore
from seatrial.rules.case import Case
from seatrial.rules.observation import InImage
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import Recipe, recipes
from seatrial.simulation.timeline import Reach

_NEW = ".env\n.git\n.venv\n__pycache__\n"


def check(case: Case) -> Iterator[Finding]:
    """One finding for each Dockerfile."""
    if not (case.settings.dotenv or case.papers.dotenv or case.papers.template):
        return
    for recipe in recipes(case):
        folder = posixpath.dirname(recipe.path) or "."
        line = _copies_all(recipe)
        if not line or _left_out(case, recipe, folder):
            continue
        yield Finding(
            location=Location(recipe.path, line),
            reach=Reach.BOOT,
            stage=Stage.PRODUCTION,
            severity=Severity.WARNING,
            problem="A `.env` that lies in the folder becomes part of the image.",
            cause="The whole folder is copied, and no .dockerignore leaves it out.",
            fix=_fix(case, folder),
        )


def _copies_all(recipe: Recipe) -> int:
    """The line of `COPY . …` of the last stage; 0 where there is none."""
    start = max((it.line for it in recipe.instructions if it.keyword == "FROM"), default=0)
    for instruction in recipe.instructions:
        words = instruction.value.replace("[", " ").replace('"', " ").replace(",", " ").split()
        copies = instruction.keyword in ("COPY", "ADD") and instruction.flag("from") is None
        if copies and instruction.line > start and len(words) > 1 and words[0] in (".", "./"):
            return instruction.line
    return 0


def _left_out(case: Case, recipe: Recipe, folder: str) -> bool:
    documents = case.code.documents
    for path in (f"{recipe.path}.dockerignore", posixpath.normpath(posixpath.join(folder, ".dockerignore"))):
        text = documents.text(path)
        if text is not None:
            return Ignore.of(text).leaves_out(".env")
    return False


def _fix(case: Case, folder: str) -> Fix:
    path = posixpath.normpath(posixpath.join(folder, ".dockerignore"))
    text = case.code.documents.text(path)
    if text is None:
        edit = Edit(path, Position(1, 1), Position(1, 1), _NEW)
        return Fix(Applicability.SAFE, "Write a .dockerignore that leaves it out.", (edit,))
    lines = text.split("\n")
    end = Position(len(lines), len(lines[-1].rstrip("\r")) + 1)
    edit = Edit(path, end, end, ("\n" if lines[-1] else "") + ".env\n")
    return Fix(Applicability.SAFE, "Leave it out.", (edit,))


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
    "Dockerfile": (
        "FROM python:3.13-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"
        "RUN useradd --create-home --uid 10001 app\nUSER app\n"
        "CMD exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}\n"
    ),
    ".env.example": "GREETING=Tasks\n",
    "main.py": (
        "from fastapi import FastAPI\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n\n\n"
        "class Settings(BaseSettings):\n"
        '    model_config = SettingsConfigDict(env_file=".env")\n\n'
        "    greeting: str\n\n\n"
        "app = FastAPI(title=Settings().greeting)\n"
    ),
}

RULE = Rule(
    code="DPL008",
    name="env-in-image",
    summary="The dotenv file is copied into the image",
    check=check,
    fix="always",
    requirements=("B5", "B6", "B12"),
    bad=_PROJECT,
    good={**_PROJECT, ".dockerignore": _NEW},
    expect=Expectation(
        "Dockerfile", 5, stage=Stage.PRODUCTION, observation=InImage("GREETING=Tasks", ("cat", "/app/.env"))
    ),
)
