"""Server that the launch command starts and nothing declares

## What it finds
A launch command that starts uvicorn, gunicorn, hypercorn or the `fastapi` command, where what is declared does not
lead to it; gunicorn told to use a worker class of a distribution that is not there.

## Why it bites
The server is installed on the author's machine, often for all projects at once. On a platform the command is not
found, before a line of the backend runs.

## What is flagged
The launch command.

## What is not
A server that comes with another distribution (`fastapi[standard]`), or that a Dockerfile installs by a command of
its own. A backend that declares nothing at all (see `no-manifest`).

## Fix safety
Safe: one line is added to the manifest that production installs.

## Reference
https://fastapi.tiangolo.com/deployment/manually/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Stage
from seatrial.project.launch.targets import CONVENTION, Target
from seatrial.rules.case import Case
from seatrial.rules.declaring import declare
from seatrial.rules.distributions import normalised
from seatrial.rules.installing import need_of
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_SERVERS = {
    "uvicorn": "uvicorn[standard]",
    "gunicorn": "gunicorn",
    "hypercorn": "hypercorn",
    "fastapi": "fastapi-cli",
    "granian": "granian",
    "daphne": "daphne",
}
_WORKERS = (("uvicorn.workers", "uvicorn[standard]"), ("uvicorn_worker", "uvicorn-worker"))


def check(case: Case) -> Iterator[Finding]:
    """One finding for each distribution that the command needs."""
    target, environment = case.target, case.environment
    if target is None or environment is None or environment.origin == "none" or not case.manifest.requirements:
        return
    there = {*environment.distributions, *environment.versions, *environment.absent}
    for requirement in _needed(target):
        name = normalised(requirement)
        if name in there or case.manifest.declares(name) or _is_installed_apart(case, name):
            continue
        added = declare(case, requirement)
        yield Finding(
            needs=(need_of(requirement),),
            location=target.location,
            reach=Reach.BOOT,
            stage=Stage.IMPORT,
            certain=target.rank < CONVENTION,
            problem=f"{name} is not installed in the environment, and the server is started by it.",
            cause=_cause(case, name),
            fix=Fix(Applicability.SAFE, f"Declare {requirement} in {added.path}. {added.then}".strip(), added.edits)
            if added
            else None,
            no_fix_reason=None if added else "The manifest is written in a way that no line can be added to exactly.",
        )


def _needed(target: Target) -> Iterator[str]:
    if target.server in _SERVERS:
        yield _SERVERS[target.server]
    if target.server == "gunicorn":
        yield from (requirement for worker, requirement in _WORKERS if worker in target.command)


def _cause(case: Case, name: str) -> str:
    files = ", ".join(document.path for document in case.manifest.installed)
    return f"Nothing in {files} leads to {name}."


def _is_installed_apart(case: Case, name: str) -> bool:
    """Whether a Dockerfile or script of the backend installs it by name."""
    said = re.compile(rf"(?:pip3?|uv|poetry|pipx)\s[^\n&|;]*\b(?:install|add|--with)\b[^\n&|;]*\b{re.escape(name)}\b")
    papers = [path for path in case.tree.files if re.search(r"(^|/)Dockerfile|\.(sh|toml|ya?ml)$|(^|/)Procfile$", path)]
    return any(said.search(case.code.text(path) or "") for path in papers[:200])


_PROJECT = {
    "Procfile": "web: hypercorn main:app --bind 0.0.0.0:$PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DEP009",
    name="undeclared-server",
    summary="The launch command starts a server that is not declared",
    check=check,
    fix="sometimes",
    requirements=("A3", "B1"),
    bad={**_PROJECT, "requirements.txt": "fastapi\n"},
    good={**_PROJECT, "requirements.txt": "fastapi\nhypercorn\n"},
    expect=Expectation("Procfile", 1, stage=Stage.IMPORT),
)
