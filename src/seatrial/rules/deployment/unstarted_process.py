"""A process of the Procfile is never started

## What it finds
A `release:`, `worker:` or other process beside `web:` in the Procfile of a backend for Railway, and a Procfile that
has no `web:` at all.

## Why it bites
Railpack takes one process for the start command: `web`, else `worker`, else any. Heroku would run `release` before
each deployment; Railway never does, so that its migrations are never applied. Where `release` is the only process, it
becomes the start command, and no server runs.

## What is flagged
Each such line.

## What is not
A Procfile of a backend that nothing says goes to Railway: Heroku and its kin run all of these.

## Fix safety
Never: what is to run before a deployment is the pre-deploy command of the service (`seatrial prepare --for railway`
writes it), and each worker is a service of its own, with its own start command.

## Reference
https://railpack.com/config/procfile (railpack core/providers/procfile/procfile.go)
https://docs.railway.com/guides/pre-deploy-command
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from seatrial.issue import Evidence, Location, Severity, Stage
from seatrial.platforms.railway import plan_railway
from seatrial.project.procfile import Process, read_procfile
from seatrial.rules.case import Case
from seatrial.rules.observation import Cited
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import is_for_railway
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each process."""
    path = posixpath.normpath(posixpath.join(case.base, "Procfile"))
    text = case.code.documents.text(path)
    if text is None or path.startswith("..") or not is_for_railway(case):
        return
    plan = plan_railway(case.code.documents, case.base)
    if plan.builder != "railpack" or plan.start is None or not plan.start.source.startswith("Procfile"):
        return
    started = plan.start.source.removeprefix("Procfile (").removesuffix(")")
    for process in read_procfile(text).processes:
        if process.name == started == "release":
            yield _finding(path, process, Severity.ERROR, "is the start command: the server is not started")
        elif process.name != started:
            yield _finding(path, process, Severity.WARNING, f"is never run: only `{started}` is started")


def _finding(path: str, process: Process, severity: Severity, said: str) -> Finding:
    before = process.name == "release"
    return Finding(
        location=Location(path, process.line),
        reach=Reach.BOOT,
        stage=Stage.PRODUCTION,
        severity=severity,
        problem=f"On Railway `{process.name}` of the Procfile {said}.",
        cause="Railpack takes one process, and knows no release phase.",
        no_fix_reason=(
            f"Set `{process.command}` as the pre-deploy command of the service."
            if before
            else f"Add a service of its own with `{process.command}` as its start command."
        ),
        evidence=(
            Evidence("processes of Railpack", "railwayapp/railpack at b5e8058, core/providers/procfile/procfile.go"),
        ),
    )


_WEB = "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n"
_PROJECT = {
    "README.md": "# Tasks\n\nDeployed on Railway.\n",
    "requirements.txt": "fastapi\nuvicorn\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DPL016",
    name="unstarted-process",
    summary="A process of the Procfile is never started",
    check=check,
    fix="never",
    requirements=("C2",),
    bad={**_PROJECT, "Procfile": f"{_WEB}release: alembic upgrade head\n"},
    good={**_PROJECT, "Procfile": _WEB},
    expect=Expectation(
        "Procfile", 2, stage=Stage.PRODUCTION, observation=Cited("railpack core/providers/procfile/procfile.go")
    ),
)
