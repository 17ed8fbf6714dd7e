"""The server listens on a fixed port

## What it finds
A command for production whose port is written into it.

## Why it bites
The platform chooses the port, hands it over as `PORT`, and sends requests and its health check there. A server on
another port runs, logs that it runs, and answers nobody: "Application failed to respond", or a CORS error in the
browser.

## What is flagged
`--port 8000`, or `--bind` with a port, in a Procfile, a Dockerfile's command or Railway's start command, and
`uvicorn.run(port=8000)` in the script that is started.

## What is not
Commands for development (compose, `Dockerfile.dev`), a port that is a variable, and gunicorn without `--bind`,
which reads `PORT` itself.

## Fix safety
Safe: `${PORT:-8000}` is the same port wherever `PORT` is not set. A Dockerfile's command in exec form gets a shell
to fill the variable in, which then becomes the server (`exec`), so that signals reach it.

## Reference
https://docs.railway.com/guides/public-networking
https://docs.railway.com/reference/errors/application-failed-to-respond
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Measure, Severity, Stage, Verdict
from seatrial.rules.case import Case
from seatrial.rules.edits import imported
from seatrial.rules.observation import Listens
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import Command, as_shell_form, commands, edited
from seatrial.simulation.timeline import Reach

_PORT = re.compile(r"(--port[= ]|(?:--bind|-b)[= ]\S*?:|(?<=\s)-p )(\d{2,5})\b")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each command, and for the script that starts the server itself."""
    for command in commands(case):
        match = _PORT.search(command.text)
        if match is not None and "PORT" not in command.text:
            fix = _fix(case, command, match[2])
            yield Finding(
                location=command.place,
                reach=Reach.BOOT,
                stage=Stage.PRODUCTION,
                severity=Severity.WARNING,
                problem=f"The server listens on {match[2]}, whatever `PORT` says.",
                cause="The port is written into the command.",
                fix=fix,
                no_fix_reason=None if fix else "The command is written in a way that is not edited.",
            )
    yield from _in_script(case)


def _fix(case: Case, command: Command, port: str) -> Fix | None:
    value = f"${{PORT:-{port}}}"
    edit: Edit | None
    if command.form == "exec":
        text = _PORT.sub(lambda match: match[1] + value, command.text)
        edit = as_shell_form(case, command, text) if re.fullmatch(r"[\w\s./:=,${}-]+", text) else None
    else:
        edit = edited(case, command, _PORT.pattern, rf"\g<1>{value}")
    return Fix(Applicability.SAFE, f"Listen on `PORT`, and on {port} where there is none.", (edit,)) if edit else None


def _in_script(case: Case) -> Iterator[Finding]:
    """`uvicorn.run(app, port=8000)` in the file that the launch command runs."""
    script = case.target.script if case.target is not None else ""
    file = case.code.file(script) if script.endswith(".py") else None
    for node in file.sites.calls.get("run", ()) if file is not None else ():
        port = next((keyword.value for keyword in node.keywords if keyword.arg == "port"), None)
        if file is None or not isinstance(port, ast.Constant) or file.full_name(node.func) != "uvicorn.run":
            continue
        written = file.source(port)
        value = f'int(os.environ.get("PORT", "{written}"))'
        edits = [Edit(file.path, file.start(port), file.end(port), value), imported(file, "import os")]
        yield Finding(
            location=file.place(port),
            reach=Reach.BOOT,
            stage=Stage.PRODUCTION,
            severity=Severity.WARNING,
            problem=f"The server listens on {written}, whatever `PORT` says.",
            cause="The port is written into the script that starts it.",
            fix=Fix(
                Applicability.SAFE,
                f"Listen on `PORT`, and on {written} where there is none.",
                tuple(edit for edit in edits if edit is not None),
            ),
        )


def measure(case: Case) -> Iterator[Measure]:
    """The commands that listen where the platform says."""
    found = [command for command in commands(case) if "PORT" in command.text]
    for command in found:
        yield Measure("C1", Verdict.HOLDS, "the command listens on PORT", command.place)
    if not found:
        yield Measure("C1", Verdict.CANNOT_TELL, "no file has a command that production runs")


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Dockerfile": (
        "FROM python:3.13-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"
        'CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]\n'
    ),
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}
_COMMAND = _PROJECT["Dockerfile"].splitlines()[-1]

RULE = Rule(
    code="DPL001",
    name="fixed-port",
    summary="The server listens on a fixed port",
    check=check,
    measure=measure,
    fix="sometimes",
    requirements=("C1",),
    bad=_PROJECT,
    good={
        **_PROJECT,
        "Dockerfile": _PROJECT["Dockerfile"].replace(
            _COMMAND, "CMD exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}"
        ),
    },
    expect=Expectation("Dockerfile", 6, stage=Stage.PRODUCTION, observation=Listens()),
)
