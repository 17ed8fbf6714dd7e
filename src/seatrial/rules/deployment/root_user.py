"""The container runs as root

## What it finds
A Dockerfile whose last stage names no user.

## Why it bites
Whoever finds a hole in the backend is root in the container: may write over its code and packages, read every
mounted secret, and needs one more hole, in the kernel or in a mount, to be root outside. Some platforms refuse to
start such an image.

## What is flagged
The command of the image, where the user is root by then.

## What is not
A user that is named or numbered, a base image that sets one (`nonroot`), and an entrypoint that changes the user
itself (`gosu`, `su-exec`).

## Fix safety
Review: a user is made and taken before the command. What the backend writes (uploads, an SQLite file, a cache) has
to be in a folder that this user may write to.

## Reference
https://docs.docker.com/build/building/best-practices/#user
https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Position, Severity, Stage
from seatrial.platforms.docker import user_of
from seatrial.rules.case import Case
from seatrial.rules.observation import InImage
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import Recipe, recipes
from seatrial.simulation.timeline import Reach

_CHANGES = re.compile(r"gosu|su-exec|setpriv|runuser|nonroot|unprivileged|distroless")
_DEBIAN = "RUN useradd --create-home --uid 10001 app\nUSER app\n"
_ALPINE = "RUN adduser -D -u 10001 app\nUSER app\n"


def check(case: Case) -> Iterator[Finding]:
    """One finding for each Dockerfile."""
    for recipe in recipes(case):
        text = case.code.documents.text(recipe.path) or ""
        words = recipe.image.command or recipe.image.entrypoint
        if user_of(recipe.instructions) != "root" or _CHANGES.search(text) or words is None:
            continue
        yield Finding(
            location=Location(recipe.path, words.line),
            reach=Reach.BOOT,
            stage=Stage.PRODUCTION,
            severity=Severity.WARNING,
            problem="The server runs as root.",
            cause="No USER is set after the last FROM.",
            fix=_fix(recipe, words.line),
        )


def _fix(recipe: Recipe, line: int) -> Fix:
    first = min(
        [line, *(it.line for it in recipe.instructions if it.keyword == "ENTRYPOINT" and it.line > _last_from(recipe))]
    )
    text = _ALPINE if "alpine" in recipe.image.base else _DEBIAN
    edit = Edit(recipe.path, Position(first, 1), Position(first, 1), text)
    return Fix(Applicability.REVIEW, "Make a user, and run as that.", (edit,))


def _last_from(recipe: Recipe) -> int:
    return max((it.line for it in recipe.instructions if it.keyword == "FROM"), default=0)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Dockerfile": (
        "FROM python:3.13-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"
        "CMD exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}\n"
    ),
    ".dockerignore": ".env\n.git\n.venv\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DPL007",
    name="root-user",
    summary="The container runs as root",
    check=check,
    fix="always",
    requirements=("B6", "B12"),
    bad=_PROJECT,
    good={**_PROJECT, "Dockerfile": _PROJECT["Dockerfile"].replace("CMD", f"{_DEBIAN}CMD")},
    expect=Expectation("Dockerfile", 6, stage=Stage.PRODUCTION, observation=InImage("root", ("id", "-un"))),
)
