"""Startup handlers beside a lifespan

## What it finds
`@app.on_event("startup")` or `"shutdown"` of an application that is given a `lifespan`.

## Why it bites
With a lifespan of its own an application does not call these handlers. Nothing says so: tables are not made, clients
not opened, and the first request that counts on them fails.

## What is flagged
The handler.

## What is not
Handlers of applications without a lifespan.

## Fix safety
No exact fix: what the handler does belongs into the lifespan, before or behind its `yield`, in an order that a person
has to say.

## Reference
https://fastapi.tiangolo.com/advanced/events/#alternative-events-deprecated
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Related, Stage
from seatrial.rules.case import Case
from seatrial.rules.played import APPLICATION, applications, argument, written
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each handler, where the backend makes one application."""
    made = applications(case)
    lifespan = argument(made[0].call, "lifespan", None) if len(made) == 1 else None
    if lifespan is None:
        return
    for found in written(case, *(f"{app}.{name}" for app in APPLICATION for name in ("on_event", "add_event_handler"))):
        yield Finding(
            location=found.place,
            reach=Reach.REQUEST,
            problem="This handler is never called.",
            cause="The application is given a `lifespan`, which takes the place of all handlers of events.",
            no_fix_reason="Where in the lifespan it belongs is for a person to say.",
            related=(Related(made[0].place, "the lifespan is given here"),),
        )


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from contextlib import asynccontextmanager

from fastapi import FastAPI

crew: list[str] = []


@asynccontextmanager
async def lifespan(app: FastAPI):
    crew.append("boatswain")
    yield


app = FastAPI({})


@app.on_event("startup")
async def muster() -> None:
    crew.append("captain")


@app.get("/health")
def captain() -> str:
    return crew[crew.index("captain")]
"""

RULE = Rule(
    code="APP009",
    name="ignored-startup",
    summary="A startup handler is never called, as the application has a lifespan",
    check=check,
    fix="never",
    requirements=("A5",),
    bad={**_PROJECT, "main.py": _MAIN.format("lifespan=lifespan")},
    good={**_PROJECT, "main.py": _MAIN.format("")},
    expect=Expectation("main.py", 17, stage=Stage.REQUEST, request="/health"),
)
