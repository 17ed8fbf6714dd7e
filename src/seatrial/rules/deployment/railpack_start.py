"""Railpack starts something else, or nothing

## What it finds
A backend for Railway without a start command of its own, where the one that Railpack finds is not right.

## Why it bites
Railpack looks for `main.py`, `app.py` and their kin at the root. With FastAPI and uvicorn named in the manifest it
starts `main:app`, even where the file is called app.py; otherwise it runs the file; and for `app/main.py` it finds
no command, and the build ends.

## What is flagged
The launch target as the backend's other files name it, where Railpack would start another or none.

## What is not
A Procfile, `railpack.json` or Dockerfile, and backends for other platforms.

## Fix safety
Safe: a Procfile with the command that starts the target, on the platform's port.

## Reference
https://railpack.com/languages/python (railpack core/providers/python/python.go)
https://docs.railway.com/guides/start-command
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Evidence, Fix, Position, Severity, Stage
from seatrial.platforms.railway import RailwayPlan, plan_railway
from seatrial.project.launch.targets import Target
from seatrial.rules.case import Case
from seatrial.rules.observation import Cited
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import is_for_railway
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """At most one finding."""
    target = case.target
    if target is None or target.missing or not is_for_railway(case):
        return
    plan = plan_railway(case.code.documents, case.base)
    problem = _problem(case, plan, target) if plan.builder == "railpack" and plan.provider == "python" else ""
    if problem:
        yield Finding(
            location=target.location,
            reach=Reach.BOOT,
            stage=Stage.PRODUCTION,
            severity=Severity.ERROR,
            problem=problem,
            cause="Without a Procfile it goes by the names of files at the root.",
            fix=_fix(case, target),
            evidence=(
                Evidence(
                    "start commands of Railpack", "railwayapp/railpack at b5e8058, core/providers/python/python.go"
                ),
            ),
        )


def _problem(case: Case, plan: RailwayPlan, target: Target) -> str:
    if plan.start is None:
        return (
            f"Railpack does not find `{target.value}`: {plan.problem}." if "Procfile is no" not in plan.problem else ""
        )
    if plan.start.location is not None:
        return ""
    right = target.value == "main:app" and target.cwd == case.base
    if plan.start.command.startswith("uvicorn"):
        return "" if right else f"Railpack starts `main:app` where `{target.value}` is meant."
    script = plan.start.command.removeprefix("python ")
    text = case.code.text(posixpath.normpath(posixpath.join(case.base, script))) or ""
    return "" if "__main__" in text or "uvicorn.run" in text else f"Railpack runs {script}, which starts no server."


def _fix(case: Case, target: Target) -> Fix:
    path = posixpath.normpath(posixpath.join(case.base, "Procfile"))
    inside = posixpath.relpath(target.cwd, case.base)
    factory = " --factory" if target.factory else ""
    server = f"uvicorn {target.module}:{target.attribute or 'app'}{factory} --host 0.0.0.0 --port ${{PORT:-8000}}"
    text = f"web: {server}\n" if inside == "." else f"web: cd {inside} && exec {server}\n"
    return Fix(Applicability.SAFE, "Say so in a Procfile.", (Edit(path, Position(1, 1), Position(1, 1), text),))


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "README.md": "# Tasks\n\nDeployed on Railway. To start it here:\n\n    uvicorn app.main:app\n",
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DPL012",
    name="railpack-start",
    summary="Railpack starts something else, or nothing",
    check=check,
    fix="always",
    requirements=("A7", "C2"),
    bad=_PROJECT,
    good={**_PROJECT, "Procfile": "web: uvicorn app.main:app --host 0.0.0.0 --port ${PORT:-8000}\n"},
    expect=Expectation(
        "README.md",
        5,
        stage=Stage.PRODUCTION,
        target="app.main:app",
        observation=Cited("railpack core/providers/python/python.go"),
    ),
)
