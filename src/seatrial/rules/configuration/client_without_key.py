"""A client of a paid service is made without its key

## What it finds
A client (`OpenAI()`, `Groq()`) that is made as a module is loaded or the server starts, where no paper names its
key.

## Why it bites
The client looks for its key in the environment the moment it is made, and raises without one. The whole backend
then does not start, although only one of its routes needs the service.

## What is flagged
The call, where the key is neither given nor named by the example, compose, Dockerfile or README.

## What is not
A key that is given to the client, one that a paper names, and clients that are made when they are first needed.

## Fix safety
Safe: the example names the variable. To make the client when it is first needed, so that the other routes work
without a key, is better, and for you to do.

## Reference
https://github.com/openai/openai-python#usage
https://12factor.net/config
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Fix
from seatrial.rules.case import Case
from seatrial.rules.grouping import grouped
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.templates import added, example_path, line_for
from seatrial.simulation.timeline import Refusal


def check(case: Case) -> Iterator[Finding]:
    """One finding for each key."""
    for group in grouped(case.timeline, Refusal, lambda fault: fault.subject if fault.kind == "no-key" else None):
        name = group.fault.subject
        edits = added(case, [line_for(case, name)], "Required: the backend does not start without it.")
        yield Finding(
            location=group.location,
            reach=group.reach,
            certain=group.first.certain,
            problem=f"The client needs {name}, and no paper says so.",
            cause="It looks for its key when it is made, which is when the module is loaded.",
            fix=Fix(Applicability.SAFE, f"Name {name} in {example_path(case)}.", edits),
            related=group.related,
        )


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\nopenai\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import FastAPI\nfrom openai import OpenAI\n\n"
        "client = OpenAI()\napp = FastAPI()\n\n\n"
        '@app.get("/models")\ndef models() -> list[str]:\n    return [model.id for model in client.models.list()]\n'
    ),
}

RULE = Rule(
    code="CFG005",
    name="client-without-key",
    summary="A client of a paid service is made without its key",
    check=check,
    fix="always",
    requirements=("A10", "B4"),
    bad=_PROJECT,
    good={**_PROJECT, ".env.example": "# from the service's own console\nOPENAI_API_KEY=change-me\n"},
    expect=Expectation("main.py", 4, exception="OpenAIError"),
)
