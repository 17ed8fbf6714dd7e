"""The server is told the letters `$PORT`

## What it finds
A Dockerfile's command in exec form with a variable in it.

## Why it bites
No shell reads the exec form: the server gets the five characters `$PORT`, and ends with "Invalid value for '--port'".
With Railway the same happens to a start command that is set for a service with a Dockerfile.

## What is flagged
`$PORT` or `${PORT…}` as a word of `CMD [...]`.

## What is not
`["sh", "-c", "…"]`, whose shell fills it in, and shell form.

## Fix safety
Safe: the command in shell form, with `exec`, so that the server takes the shell's place.

## Reference
https://docs.docker.com/reference/dockerfile/#cmd
https://docs.railway.com/guides/start-command
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.observation import Listens
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import as_shell_form, of_recipe, recipes
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each Dockerfile."""
    for recipe in recipes(case):
        start, command = recipe.start, of_recipe(case, recipe)
        if start is None or not start.literal_port or command is None:
            continue
        plain = re.fullmatch(r"[\w\s./:=,${}-]+", command.text)
        edit = as_shell_form(case, command, command.text) if plain else None
        yield Finding(
            location=command.place,
            reach=Reach.BOOT,
            stage=Stage.PRODUCTION,
            severity=Severity.ERROR,
            problem="The server is given the text `$PORT` for a port, and ends.",
            cause="In exec form no shell fills variables in.",
            fix=Fix(Applicability.SAFE, "Let a shell fill it in and become the server.", (edit,)) if edit else None,
            no_fix_reason=None if edit else "The command is written in a way that is not edited.",
        )


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Dockerfile": (
        "FROM python:3.13-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"
        'CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "$PORT"]\n'
    ),
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}
_COMMAND = _PROJECT["Dockerfile"].splitlines()[-1]

RULE = Rule(
    code="DPL006",
    name="literal-port",
    summary="The server is told the letters `$PORT`",
    check=check,
    fix="sometimes",
    requirements=("C1", "B6"),
    bad=_PROJECT,
    good={
        **_PROJECT,
        "Dockerfile": _PROJECT["Dockerfile"].replace(_COMMAND, "CMD exec uvicorn main:app --host 0.0.0.0 --port $PORT"),
    },
    expect=Expectation("Dockerfile", 6, stage=Stage.PRODUCTION, observation=Listens()),
)
