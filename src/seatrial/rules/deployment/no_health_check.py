"""The image says nothing of its health

## What it finds
A Dockerfile without HEALTHCHECK, in a repository that has no health check in its compose or platform files either.

## Why it bites
Docker, compose and Swarm then take a server that hangs, or has lost its database, for a good one: it is never
restarted, and what depends on it starts too early.

## What is flagged
The Dockerfile, as a note: platforms that ask over HTTP (Railway, Render, Kubernetes) do not read it.

## What is not
A health check in the Dockerfile, in a compose file, or in a platform's file.

## Fix safety
Safe where the backend has a route for it: Python itself asks it, since slim images hold no curl. Without such a
route there is nothing to ask yet.

## Reference
https://docs.docker.com/reference/dockerfile/#healthcheck
https://docs.railway.com/guides/healthchecks
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Position, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.observation import InImage
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import recipes
from seatrial.simulation.timeline import Reach

_ROUTE = re.compile(r"(?:/[\w-]+)*/(?:health|healthz|health-check|healthcheck|livez|live|ready|readyz|ping|status)/?")
_CHECKED = re.compile(r"healthcheck|livenessProbe|health_check", re.I)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each Dockerfile."""
    if any(_CHECKED.search(case.code.text(path) or "") for path in case.tree.files if path.endswith(_PAPERS)):
        return
    for recipe in recipes(case):
        words = recipe.image.command or recipe.image.entrypoint
        if words is None or any(it.keyword == "HEALTHCHECK" for it in recipe.instructions):
            continue
        route = next((it.path for it in case.timeline.routes if it.included and _ROUTE.fullmatch(it.path)), "")
        fix = _fix(recipe.path, words.line, route) if route else None
        yield Finding(
            location=Location(recipe.path, words.line),
            reach=Reach.BOOT,
            stage=Stage.PRODUCTION,
            severity=Severity.NOTE,
            problem="Nothing tells whether the server in the container still answers.",
            cause="The Dockerfile has no HEALTHCHECK, and no compose or platform file has one.",
            fix=fix,
            no_fix_reason=None if fix else "The backend has no route that says how it is.",
        )


_PAPERS = ("compose.yml", "compose.yaml", "railway.json", "railway.toml", "render.yaml", "fly.toml", "railway.ts")


def _fix(path: str, line: int, route: str) -> Fix:
    url = f"'http://127.0.0.1:' + os.environ.get('PORT', '8000') + '{route}'"
    code = f"import os, urllib.request; urllib.request.urlopen({url})"
    text = f'HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "{code}"]\n'
    edit = Edit(path, Position(line, 1), Position(line, 1), text)
    return Fix(Applicability.SAFE, f"Ask {route} every half minute.", (edit,))


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Dockerfile": (
        "FROM python:3.13-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"
        "RUN useradd --create-home --uid 10001 app\nUSER app\n"
        "CMD exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}\n"
    ),
    "main.py": (
        "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/health")\ndef health() -> dict[str, str]:\n    return {"status": "ok"}\n'
    ),
}
_CHECK = _fix("Dockerfile", 8, "/health").edits[0].text

RULE = Rule(
    code="DPL009",
    name="no-health-check",
    summary="The image says nothing of its health",
    check=check,
    fix="sometimes",
    requirements=("B6", "B10"),
    bad=_PROJECT,
    good={**_PROJECT, "Dockerfile": _PROJECT["Dockerfile"].replace("CMD exec", f"{_CHECK}CMD exec")},
    expect=Expectation(
        "Dockerfile", 8, stage=Stage.PRODUCTION, observation=InImage("<nil>", inspect="{{.Config.Healthcheck}}")
    ),
)
