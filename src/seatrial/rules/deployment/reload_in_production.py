"""The server watches its files in production

## What it finds
`--reload`, or `fastapi dev`, in a command for production.

## Why it bites
A second process looks through all files again and again, the server runs with one worker whatever is asked for, and a
file that the backend itself writes (an upload, a log, an SQLite database beside the code) restarts it in the middle
of a request.

## What is flagged
Such a command in a Procfile, a Dockerfile or Railway's start command.

## What is not
Compose files and Dockerfiles for development.

## Fix safety
Safe: the option goes; `fastapi dev` becomes `fastapi run`.

## Reference
https://www.uvicorn.org/settings/#development
https://fastapi.tiangolo.com/deployment/manually/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.observation import Prints
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import Command, commands, edited
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each command."""
    for command in commands(case):
        if re.search(r"(?:^|\s)--reload(?=\s|$)|\bfastapi\s+dev\b", command.text):
            edit = _edit(case, command)
            yield Finding(
                location=command.place,
                reach=Reach.BOOT,
                stage=Stage.PRODUCTION,
                severity=Severity.WARNING,
                problem="The server watches its files and restarts when one changes.",
                cause="The command is the one for development.",
                fix=Fix(Applicability.SAFE, "Start it without.", (edit,)) if edit else None,
                no_fix_reason=None if edit else "The command is written in a way that is not edited.",
            )


def _edit(case: Case, command: Command) -> Edit | None:
    if "--reload" in command.text:
        pattern = r',\s*"--reload"' if command.form == "exec" else r"\s--reload(?=\s|$|\")"
        return edited(case, command, pattern, "")
    pattern = r'("fastapi",\s*)"dev"' if command.form == "exec" else r"(\bfastapi\s+)dev\b"
    return edited(case, command, pattern, r'\g<1>"run"' if command.form == "exec" else r"\g<1>run")


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT --reload\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DPL003",
    name="reload-in-production",
    summary="The server watches its files in production",
    check=check,
    fix="sometimes",
    requirements=("B7", "C1"),
    bad=_PROJECT,
    good={**_PROJECT, "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n"},
    expect=Expectation("Procfile", 1, stage=Stage.PRODUCTION, observation=Prints("Started reloader process")),
)
