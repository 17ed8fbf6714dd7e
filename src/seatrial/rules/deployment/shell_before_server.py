"""A shell stands before the server

## What it finds
A Dockerfile's command in shell form that does not become the server.

## Why it bites
The container's first process is then `/bin/sh`, and the platform's SIGTERM ends there: dash, the shell of Debian
images, does not hand it on. The server is killed in the middle of its requests once the platform's patience is
over, and its lifespan never ends.

## What is flagged
`CMD uvicorn …`, `CMD alembic upgrade head && uvicorn …`, and `["sh", "-c", "…"]` whose last command is not begun
with `exec`.

## What is not
Exec form, `exec` before the server, and bash, which becomes the last command by itself.

## Fix safety
Safe: `exec` is put before the last command; nothing that would come after it is lost, since it is the last.

## Reference
https://docs.docker.com/reference/dockerfile/#shell-form-entrypoint-example
https://docs.docker.com/reference/build-checks/json-args-recommended/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.observation import Outlives
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import Command, edited, of_recipe, recipes
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each Dockerfile."""
    for recipe in recipes(case):
        start, command = recipe.start, of_recipe(case, recipe)
        if start is None or command is None or not start.shell or start.server_is_first:
            continue
        edit = _edit(case, command)
        yield Finding(
            location=command.place,
            reach=Reach.BOOT,
            stage=Stage.PRODUCTION,
            severity=Severity.WARNING,
            problem="The server is not told when the platform stops it.",
            cause="A shell is the container's first process, and does not hand SIGTERM on.",
            fix=Fix(Applicability.SAFE, "Let the server take the shell's place.", (edit,)) if edit else None,
            no_fix_reason=None if edit else "Where `exec` belongs in this command is for a person to see.",
        )


def _edit(case: Case, command: Command) -> Edit | None:
    last = re.split(r"&&|;|\|\|", command.text)[-1].strip()
    word = last.split()[0] if last else ""
    if not word or any(sign in command.text for sign in ("trap", "$(", "`", "|", "if ")) or "=" in word:
        return None
    wanted = re.escape(last[:40]).replace(r"\ ", r"\s+")
    return edited(case, command, rf"(?={wanted})", "exec ")


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Dockerfile": (
        "FROM python:3.13-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"
        'CMD echo "ready" && uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}\n'
    ),
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DPL005",
    name="shell-before-server",
    summary="A shell stands before the server",
    check=check,
    fix="sometimes",
    requirements=("C1", "C8"),
    bad=_PROJECT,
    good={**_PROJECT, "Dockerfile": _PROJECT["Dockerfile"].replace("&& uvicorn", "&& exec uvicorn")},
    expect=Expectation("Dockerfile", 6, stage=Stage.PRODUCTION, observation=Outlives()),
)
