"""Launch commands that start different things

## What it finds
A file that says how to start the backend (a Dockerfile, a compose file, a script, the README) and names another
target than the command that production would run.

## Why it bites
Each platform reads another of these files first. What starts on the author's machine is then not what is deployed,
or nothing is: a command whose target does not exist fails the moment somebody uses it.

## What is flagged
Every other command whose module, attribute or folder differs.

## What is not
The same target started in another way (`--reload`, another port, gunicorn), the same file seen from another folder,
and commands of other services.

## Fix safety
Safe where the other command's target does not exist and it is run in the same folder: it is pointed at the one that
does. Which of two that work is meant is for a person to say.

## Reference
https://docs.railway.com/deployments/start-command
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Related, Severity, Stage
from seatrial.project.launch.targets import Conflict, Target
from seatrial.rules.case import Case
from seatrial.rules.commands import command_edit
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each other command."""
    target = case.target
    if target is None or target.missing:
        return
    for conflict in target.conflicts:
        if conflict.kind == "folder" and conflict.resolves:
            continue  # the same file, seen from where an image or a reader keeps it
        fix = _fix(case, target, conflict)
        yield Finding(
            location=conflict.location,
            reach=Reach.BOOT,
            stage=Stage.PRODUCTION,
            severity=Severity.NOTE if conflict.resolves else Severity.WARNING,
            problem=_problem(target, conflict),
            cause=_cause(target, conflict),
            fix=fix,
            no_fix_reason=None if fix else "Which of the two is meant is for a person to say.",
            related=(Related(target.location, f"Starts `{target.value}`"),),
        )


def _problem(target: Target, conflict: Conflict) -> str:
    if conflict.resolves:
        return f"`{conflict.value}` is started here, `{target.value}` in {target.location.path}."
    where = f" in the folder {conflict.cwd}, where it" if conflict.cwd != target.cwd else " and"
    return f"`{conflict.value}` is started here{where} does not exist; {target.location.path} starts `{target.value}`."


def _cause(target: Target, conflict: Conflict) -> str:
    if conflict.value == target.value:
        return "The two commands are run in different folders."
    what = {"module": "modules", "attribute": "attributes of one module", "folder": "folders that Python looks in"}
    return f"The two commands name different {what.get(conflict.kind, 'targets')}."


def _fix(case: Case, target: Target, conflict: Conflict) -> Fix | None:
    if conflict.resolves or conflict.cwd != target.cwd:
        return None
    edit = command_edit(case, conflict.location, conflict.value, target.value)
    return Fix(Applicability.SAFE, f"Start `{target.value}`.", (edit,)) if edit else None


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT\n",
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="APP002",
    name="conflicting-commands",
    summary="Launch commands start different things",
    check=check,
    fix="sometimes",
    requirements=("A7",),
    bad={**_PROJECT, "start.sh": "#!/bin/sh\nexec uvicorn main:app --host 0.0.0.0 --port $PORT\n"},
    good={**_PROJECT, "start.sh": "#!/bin/sh\nexec uvicorn app.main:app --host 0.0.0.0 --port $PORT\n"},
    expect=Expectation("start.sh", 2, stage=Stage.PRODUCTION, target="main:app"),
)
