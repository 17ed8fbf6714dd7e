"""The server listens to its own machine only

## What it finds
A command for production that leaves the host at the server's default, or names the loopback.

## Why it bites
uvicorn, gunicorn, hypercorn and granian listen on 127.0.0.1 unless they are told otherwise. In a container that is
the container itself: the platform's proxy cannot connect, and every request ends in a 502.

## What is flagged
Such a command in a Procfile, a Dockerfile or Railway's start command.

## What is not
`fastapi run`, which listens everywhere by itself, a host from a variable (`UVICORN_HOST` too), a configuration
file, a socket.

## Fix safety
Safe: `0.0.0.0` is added, or takes the place of the loopback.

## Reference
https://docs.railway.com/reference/errors/application-failed-to-respond
https://www.uvicorn.org/settings/#socket-binding
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.observation import Listens
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import Command, commands, edited
from seatrial.simulation.timeline import Reach

_LOOPBACK = r"(--host[= ]|(?:--bind|-b)[= ])(?:127\.0\.0\.1|localhost)"
_TOLD = re.compile(
    r"--host|--bind|(?:^|\s)-b\s|--uds|--fd|UVICORN_HOST|GUNICORN_CMD_ARGS|(?:^|\s)(?:-c|--config)\s|--env-file"
)
_SILENT = re.compile(
    r"(?<![\w/-])(uvicorn|hypercorn|granian)\s+(?:--?[\w-]+(?:[= ]\S+)?\s+)*?([A-Za-z_][\w.]*:[A-Za-z_]\w*)"
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each command."""
    for command in commands(case):
        named = re.search(_LOOPBACK, command.text)
        silent = _SILENT.search(command.text) if not _TOLD.search(command.text) else None
        if (named is None and silent is None) or "UVICORN_HOST" in (case.code.documents.text(command.path) or ""):
            continue
        edit = _edit(case, command, silent[2] if silent else "")
        yield Finding(
            location=command.place,
            reach=Reach.BOOT,
            stage=Stage.PRODUCTION,
            severity=Severity.WARNING,
            problem="The server listens on 127.0.0.1 only: no request from outside reaches it.",
            cause="The command names the loopback."
            if named
            else f"It is what {silent and silent[1]} does without `--host`.",
            fix=Fix(Applicability.SAFE, "Listen on every address.", (edit,)) if edit else None,
            no_fix_reason=None if edit else "The command is written in a way that is not edited.",
        )


def _edit(case: Case, command: Command, target: str) -> Edit | None:
    if not target and command.form == "exec":
        return edited(case, command, r'(")(?:127\.0\.0\.1|localhost)(?=[:"])', r"\g<1>0.0.0.0")
    if not target:
        return edited(case, command, _LOOPBACK, r"\g<1>0.0.0.0")
    if command.form == "exec":
        return edited(case, command, rf'"{re.escape(target)}"', f'"{target}", "--host", "0.0.0.0"')
    return edited(case, command, rf"(?<=\s){re.escape(target)}(?![\w.:])", f"{target} --host 0.0.0.0")


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --port $PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DPL002",
    name="loopback-host",
    summary="The server listens to its own machine only",
    check=check,
    fix="sometimes",
    requirements=("C1",),
    bad=_PROJECT,
    good={**_PROJECT, "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n"},
    expect=Expectation("Procfile", 1, stage=Stage.PRODUCTION, observation=Listens()),
)
