"""No health route

## What it finds
Backends that serve no route which says whether they are well: none whose last part is `health`, `healthz`, `ready` or
one of their kind.

## Why it bites
A platform that has nothing to ask sends requests to an instance as soon as its port is open, and goes on sending them
to one that has lost its database. A deployment that serves nothing replaces one that does.

## What is flagged
The place where the application is made.

## What is not
Routes of any such name, under any prefix; applications that mount others which cannot be read.

## Fix safety
For review: a route is added. It says that the process runs; `shallow-health` tells how it asks the database.

## Reference
https://docs.railway.com/deployments/healthchecks
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.edits import insert_after
from seatrial.rules.observation import Answers, Request
from seatrial.rules.played import Written, applications
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

HEALTH = re.compile(r"/(?:_+)?(?:health|healthz|healthcheck|livez?|liveness|readyz?|readiness|ping|status|up|heartbeat)"
                    r"(?:[-_/](?:check|live|ready|db|database|full|deep))?/?$", re.I)  # fmt: skip
_ROUTE = """

@{name}.get("/health")
def health() -> dict[str, str]:
    return {{"status": "ok"}}
"""


def check(case: Case) -> Iterator[Finding]:
    """One finding: the application."""
    served = [route for route in case.timeline.routes if route.included]
    if not served or any(HEALTH.search(route.path) for route in served):
        return
    made = applications(case)
    if not made or any(not route.methods and not route.endpoint for route in served):
        return
    fix = _fix(made[0])
    yield Finding(
        location=made[0].place,
        reach=Reach.REQUEST,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem="No route says whether the backend is well.",
        cause=f"None of the {len(served)} routes is called health, ready or the like.",
        fix=fix,
        no_fix_reason=None if fix else "The application is not bound to a name at the top of its module.",
    )


def _fix(made: Written) -> Fix | None:
    statement = made.file.sites.statement_of(made.node)
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    name = getattr(targets[0], "id", None)
    if statement is None or statement not in made.file.tree.body or name is None:
        return None
    edit = insert_after(made.file, statement, _ROUTE.format(name=name).rstrip("\n"))
    explanation = "Add a route that a platform can ask; let it ask the database as well where there is one."
    return Fix(Applicability.REVIEW, explanation, (edit,)) if edit is not None else None


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/tasks")
def tasks() -> list[str]:
    return ["weigh anchor"]
"""

RULE = Rule(
    code="APP011",
    name="no-health-route",
    summary="No route says whether the backend is well",
    check=check,
    fix="sometimes",
    requirements=("B10", "C5"),
    bad={**_PROJECT, "main.py": _MAIN},
    good={**_PROJECT, "main.py": _MAIN + _ROUTE.format(name="app")},
    expect=Expectation("main.py", 3, stage=Stage.PRODUCTION, observation=Answers(Request("/health"), status=404)),
)
