"""The platform asks for a health route that does not answer 200

## What it finds
A `healthcheck` (or `healthcheckPath`) of Railway's files, or the address in a HEALTHCHECK of a Dockerfile, that no
route of the backend serves, or whose route asks for a token.

## Why it bites
Railway sends requests there until one is answered with 200, and ends the deployment when none is in time: the server
runs, answers 404 or 401, and is thrown away. Docker calls the container unhealthy and starts it anew.

## What is flagged
The line with the path.

## What is not
Paths below a mounted application, routes behind a middleware, a slash more or less at the end (it is a redirect), files
of another service of the repository, and backends of which not all routes are known.

## Fix safety
For review: the path becomes that of the health route, where the backend has one that is open to everyone.

## Reference
https://docs.railway.com/guides/healthchecks
https://docs.docker.com/reference/dockerfile/#healthcheck
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.boot import Outcome
from seatrial.issue import Applicability, Edit, Fix, Location, Position, Severity, Stage
from seatrial.rules.application.health_missing import HEALTH
from seatrial.rules.case import Case
from seatrial.rules.guards import Guards
from seatrial.rules.observation import Probes
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import recipes
from seatrial.simulation.timeline import Reach, Route

_CONFIGURED = re.compile(r"""["']?healthcheck(?:Path)?["']?\s*[:=]\s*["'](?P<path>/[^"'\s?#]*)""")
_ASKED = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::[^/\s\"']+)?(?P<path>/[^\s\"'?#|)]*)")
_FILES = ("railway.json", "railway.toml", ".railway/railway.ts", ".railway/railway.py")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A path that a platform asks for, and where it is written."""

    file: str
    line: int
    column: int
    path: str


def check(case: Case) -> Iterator[Finding]:
    """One finding for each place."""
    served = [it for it in case.timeline.routes if it.included]
    if case.timeline.boot.outcome is not Outcome.SERVES or not served:
        return
    for asked in _asked(case):
        found = [it for it in served if _matches(it, asked.path)]
        if not found:
            yield _finding(case, asked, "which no route of the backend serves", "404")
        elif (guards := Guards(case.code).of(found[0])) and found[0].methods:
            yield _finding(case, asked, f"which asks for a token ({guards[0]})", "401")


def _asked(case: Case) -> Iterator[_Asked]:
    documents = case.code.documents
    for folder in documents.folders(case.base):
        for name in _FILES:
            path = posixpath.normpath(posixpath.join(folder, name))
            text = documents.text(path) or ""
            # The file of a folder above may be that of another service of the same repository.
            if not path.startswith("..") and (folder == case.base or posixpath.relpath(case.base, folder) in text):
                yield from _in_text(path, text, _CONFIGURED)
    for recipe in recipes(case):
        for it in recipe.instructions:
            if it.keyword == "HEALTHCHECK":
                text = documents.text(recipe.path) or ""
                lines = [*text.split("\n")[it.line - 1 : it.line + 3]]
                yield from _in_text(recipe.path, "\n".join(lines), _ASKED, it.line - 1)


def _in_text(file: str, text: str, pattern: re.Pattern[str], before: int = 0) -> Iterator[_Asked]:
    """The first place in a file."""
    match = pattern.search(text)
    if match is not None and "$" not in match["path"] and "{" not in match["path"]:
        start = match.start("path")
        line = text.count("\n", 0, start)
        yield _Asked(file, before + line + 1, start - (text.rfind("\n", 0, start) + 1) + 1, match["path"])


def _matches(route: Route, path: str) -> bool:
    """Whether a GET of the path comes to this route; a mounted application takes all below it."""
    own = re.sub(r"\{\w+:path\}", ".*", route.path)
    own = re.sub(r"\{[^}]*\}", "[^/]+", own).rstrip("/")
    if not route.methods:
        return re.match(rf"{own}(?:/|$)", path) is not None
    return "GET" in route.methods and re.fullmatch(rf"{own}/?", path.rstrip("/") or "/") is not None


def _finding(case: Case, asked: _Asked, said: str, status: str) -> Finding:
    fix = _fix(case, asked)
    return Finding(
        location=Location(asked.file, asked.line, asked.column, asked.line, asked.column + len(asked.path)),
        reach=Reach.REQUEST,
        stage=Stage.PRODUCTION,
        severity=Severity.ERROR,
        problem=f"The platform asks for {asked.path}, {said}: the answer is {status}.",
        cause="A deployment counts as failed until this path is answered with 200.",
        fix=fix,
        no_fix_reason=None if fix else "The backend has no health route that is open to everyone: add one.",
    )


def _fix(case: Case, asked: _Asked) -> Fix | None:
    guards = Guards(case.code)
    served = (it for it in case.timeline.routes if it.included and "GET" in it.methods and "{" not in it.path)
    found = [it.path for it in served if HEALTH.search(it.path) and not guards.of(it)]
    if not found:
        return None
    best = min(found, key=lambda path: (path.count("/"), len(path)))
    start, end = Position(asked.line, asked.column), Position(asked.line, asked.column + len(asked.path))
    return Fix(Applicability.REVIEW, f"Ask for {best}, which answers.", (Edit(asked.file, start, end, best),))


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/health")\ndef health() -> dict[str, str]:\n    return {"status": "ok"}\n'
    ),
}
_CONFIG = """\
import {{ defineRailway, project, service }} from "railway/iac";

export default defineRailway(() => {{
  const api = service("tasks", {{ healthcheck: "{}" }});

  return project("tasks", {{ resources: [api] }});
}});
"""

RULE = Rule(
    code="DPL017",
    name="health-path",
    summary="The platform asks for a health route that does not answer 200",
    check=check,
    fix="sometimes",
    requirements=("B10", "C5"),
    bad={**_PROJECT, ".railway/railway.ts": _CONFIG.format("/healthz")},
    good={**_PROJECT, ".railway/railway.ts": _CONFIG.format("/health")},
    expect=Expectation(
        ".railway/railway.ts",
        4,
        stage=Stage.PRODUCTION,
        observation=Probes(".railway/railway.ts", 'healthcheck: "([^"]+)"'),
    ),
)
