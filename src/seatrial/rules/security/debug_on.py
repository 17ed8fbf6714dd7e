"""Debug mode is on

## What it finds
`FastAPI(debug=True)`.

## Why it bites
An exception is then answered with a page that shows the traceback: paths, versions, the text of the lines around it,
and whatever the message holds. It is meant for the author's own browser.

## What is flagged
`debug=True`, written out.

## What is not
A value that comes from a setting or an environment variable.

## Fix safety
Safe: exceptions are answered with 500 as without the argument, and stand in the log as before.

## Reference
https://www.starlette.io/applications/#instantiating-the-application
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.observation import Answers, Request
from seatrial.rules.played import applications
from seatrial.rules.rule import Expectation, Finding, Rule


def check(case: Case) -> Iterator[Finding]:
    """One finding for each application."""
    for found in applications(case):
        keyword = found.keyword("debug")
        if keyword is not None and isinstance(keyword.value, ast.Constant) and keyword.value.value is True:
            file = found.file
            edit = Edit(file.path, file.start(keyword.value), file.end(keyword.value), "False")
            yield Finding(
                location=file.place(keyword.value),
                reach=found.call.reach,
                stage=Stage.PRODUCTION,
                severity=Severity.WARNING,
                problem="Tracebacks are shown to whoever makes a request fail.",
                cause="`debug=True` is written into the code, where no deployment turns it off.",
                fix=Fix(Applicability.SAFE, "Turn it off.", (edit,)),
            )


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import FastAPI\n\n"
        "app = FastAPI(debug=True)\n\n\n"
        '@app.get("/tasks/{number}")\n'
        "def task(number: int) -> int:\n"
        "    return 100 // number\n"
    ),
}

RULE = Rule(
    code="SEC020",
    name="debug-on",
    summary="Debug mode is on",
    check=check,
    fix="always",
    requirements=("B7", "B10"),
    bad=_PROJECT,
    good={**_PROJECT, "main.py": _PROJECT["main.py"].replace("True", "False")},
    expect=Expectation(
        "main.py", 3, stage=Stage.PRODUCTION, observation=Answers(Request("/tasks/0"), 500, contains="Traceback")
    ),
)
