"""Type that FastAPI can make no field of

## What it finds
A return annotation, a `response_model` or a parameter whose type pydantic cannot validate: a session, a client, a class
of a library.

## Why it bites
FastAPI makes a field of it while the route is registered, which is while the module is imported: `FastAPIError: Invalid
args for response field!`. The server does not start.

## What is flagged
The decorator or call that registers the route.

## What is not
Parameters with `Depends(...)`; models of pydantic, dataclasses, and whatever else pydantic knows.

## Fix safety
For review: where the return annotation is at fault, `response_model=None` keeps it for people and type checkers, and
FastAPI from validating answers by it. A parameter most likely lacks its `Depends(...)`, of what is for a person to say.

## Reference
https://fastapi.tiangolo.com/tutorial/response-model/#disable-response-model
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.databases import is_refusal
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Mishap, Refusal

_VERBS = ("get", "post", "put", "patch", "delete", "options", "head", "trace", "api_route")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each route."""
    seen: set[tuple[str, int]] = set()
    for mishap in case.timeline.mishaps:
        response = is_refusal(mishap, "response-type", ("fastapi",))
        place = (mishap.location.path, mishap.location.line)
        if place not in seen and (response or is_refusal(mishap, "parameter-type", ("fastapi",))):
            seen.add(place)
            yield _finding(case, mishap, response=response)


def _finding(case: Case, mishap: Mishap, *, response: bool) -> Finding:
    assert isinstance(mishap.fault, Refusal)
    kind = dict(mishap.fault.details).get("type", "") or mishap.fault.subject
    fix = _fix(case, mishap) if response else None
    return Finding(
        location=mishap.location,
        reach=mishap.reach,
        certain=mishap.certain,
        problem=f"FastAPI can make no field of `{kind}`, the type of {'the answer' if response else 'a parameter'}.",
        cause=mishap.failure.message.partition("\n")[0].partition(" Hint:")[0],
        fix=fix,
        no_fix_reason=None if fix else "What should be there instead is for a person to say; often it is `Depends(…)`.",
    )


def _fix(case: Case, mishap: Mishap) -> Fix | None:
    file = case.code.file(mishap.location.path)
    for verb in _VERBS if file is not None else ():
        for call in file.sites.calls.get(verb, ()) if file is not None else ():
            given = any(keyword.arg == "response_model" for keyword in call.keywords)
            if call.lineno <= mishap.location.line <= (call.end_lineno or 0) and file is not None and not given:
                edit = _argument(file, call)
                explanation = "Do not validate answers by the annotation."
                return Fix(Applicability.REVIEW, explanation, (edit,)) if edit is not None else None
    return None


def _argument(file: CodeFile, call: ast.Call) -> Edit | None:
    parts: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
    if not parts:
        return None
    end = file.end(max(parts, key=lambda part: (part.end_lineno or 0, part.end_col_offset or 0)))
    return Edit(file.path, end, end, ", response_model=None")


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from fastapi import FastAPI

app = FastAPI()


class Log:
    pass


@app.get("/log"{})
def log() -> Log | dict[str, str]:
    return {{"course": "north"}}
"""

RULE = Rule(
    code="APP005",
    name="invalid-field",
    summary="A route has a type that FastAPI can make no field of",
    check=check,
    fix="sometimes",
    requirements=("A5", "A9"),
    bad={**_PROJECT, "main.py": _MAIN.format("")},
    good={**_PROJECT, "main.py": _MAIN.format(", response_model=None")},
    expect=Expectation("main.py", 10, exception="FastAPIError"),
)
