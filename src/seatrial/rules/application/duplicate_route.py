"""Two functions for one route

## What it finds
Two functions that are registered for the same path and method.

## Why it bites
The first one answers; the second never runs. Nothing says so, and whoever changes the second one sees no change.

## What is flagged
The second function, where it is another one than the first.

## What is not
One function that is registered twice, and one path with different methods.

## Fix safety
No exact fix: which of the two is meant is for a person to say.

## Reference
https://fastapi.tiangolo.com/tutorial/path-params/#order-matters
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Related, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.endpoints import Endpoint, endpoints
from seatrial.rules.observation import Answers, Request
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each function that is never called."""
    known: dict[tuple[str, str], Endpoint] = {}
    for endpoint in endpoints(case):
        path = re.sub(r"\{\w+(:\w+)?\}", r"{\1}", endpoint.route.path)
        taken = [known.setdefault((path, method), endpoint) for method in endpoint.route.methods]
        first = next((it for it in taken if it is not endpoint), None)
        if first is not None and endpoint not in taken and first.node is not endpoint.node:
            yield _finding(first, endpoint)


def _finding(first: Endpoint, endpoint: Endpoint) -> Finding:
    place = first.file.place(first.decorator) if first.decorator is not None else first.route.location
    methods = "/".join(endpoint.route.methods)
    return Finding(
        location=endpoint.file.place(endpoint.decorator) if endpoint.decorator else endpoint.route.location,
        reach=Reach.REQUEST,
        stage=Stage.REQUEST,
        severity=Severity.WARNING,
        problem=f"`{endpoint.node.name}` is never called: {methods} {endpoint.route.path} has a function already.",
        cause=f"`{first.node.name}` ({place.path}:{place.line}) is registered for it first.",
        no_fix_reason="Which of the two functions is meant is for a person to say.",
        related=(Related(place, "answers in its place"),),
    )


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health() -> str:
    return "well"


@app.get("/{}")
def ready() -> str:
    return "ready"
"""

RULE = Rule(
    code="APP008",
    name="duplicate-route",
    summary="Two functions are registered for one route",
    check=check,
    fix="never",
    requirements=("A9",),
    bad={**_PROJECT, "main.py": _MAIN.format("health")},
    good={**_PROJECT, "main.py": _MAIN.format("ready")},
    expect=Expectation("main.py", 11, stage=Stage.REQUEST, observation=Answers(Request("/ready"), status=404)),
)
