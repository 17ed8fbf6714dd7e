"""Route that another one takes all requests of

## What it finds
Routes behind one with a parameter that fits their path (`/tasks/{task_id}` before `/tasks/overdue`), for the same
method.

## Why it bites
Routes are tried in the order in which they were registered. The request for `/tasks/overdue` goes to the first one,
with `overdue` for an id: it answers 422, or looks for a task of that name.

## What is flagged
The route that is never reached.

## What is not
Routes of other methods; parameters whose convertor (`{task_id:int}`) does not fit the fixed part.

## Fix safety
Safe where both functions stand in one file, one behind the other's end, and are registered on one router: the second is
put before the first. Otherwise the order in which they are registered is for a person to change.

## Reference
https://fastapi.tiangolo.com/tutorial/path-params/#order-matters
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Position, Related, Stage
from seatrial.project.syntax.sites import last_name
from seatrial.rules.case import Case
from seatrial.rules.endpoints import Endpoint, endpoints
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_FITS = {"int": r"[0-9]+", "float": r"[0-9]+(?:\.[0-9]+)?", "path": r".*", "uuid": r"[0-9a-fA-F-]{32,36}"}


def check(case: Case) -> Iterator[Finding]:
    """One finding for each route."""
    before: dict[str, list[tuple[int, Endpoint, re.Pattern[str]]]] = {}  # by what stands before the first parameter
    for index, endpoint in enumerate(it for it in endpoints(case) if it.route.methods):
        earlier = _earlier(before, endpoint)
        if earlier is not None:
            yield _finding(earlier, endpoint)
        path = endpoint.route.path
        if "{" in path:
            before.setdefault(path.partition("{")[0], []).append((index, endpoint, pattern_of(path)))


def _earlier(before: dict[str, list[tuple[int, Endpoint, re.Pattern[str]]]], endpoint: Endpoint) -> Endpoint | None:
    """The first of the routes before one that takes all of its requests."""
    sample = _sample(endpoint.route.path)
    able = [it for end in range(len(sample) + 1) for it in before.get(sample[:end], ())]
    for _, earlier, pattern in sorted(able, key=lambda it: it[0]):
        alike = set(endpoint.route.methods) <= set(earlier.route.methods)
        if alike and earlier.route.path != endpoint.route.path and pattern.fullmatch(sample):
            return earlier
    return None


def pattern_of(path: str) -> re.Pattern[str]:
    """What Starlette makes of a path."""
    parts, at = [], 0
    for found in _PARAMETER.finditer(path):
        parts += [re.escape(path[at : found.start()]), _FITS.get(found[2] or "", r"[^/]+")]
        at = found.end()
    return re.compile("".join([*parts, re.escape(path[at:])]))


def _sample(path: str) -> str:
    """A request that a pattern fits if it fits all for this path: a parameter stands for any text without a slash."""
    return _PARAMETER.sub(lambda it: {"int": "7", "float": "7"}.get(it[2] or "", "any-text"), path)


def _finding(earlier: Endpoint, endpoint: Endpoint) -> Finding:
    place = earlier.file.place(earlier.decorator) if earlier.decorator is not None else earlier.route.location
    fix = _fix(earlier, endpoint)
    return Finding(
        location=endpoint.file.place(endpoint.decorator) if endpoint.decorator else endpoint.route.location,
        reach=Reach.REQUEST,
        problem=f"`{endpoint.route.path}` is never reached.",
        cause=f"`{earlier.route.path}` ({place.path}:{place.line}) is registered before it, and fits its path.",
        fix=fix,
        no_fix_reason=None if fix else "The order in which the two are registered is decided in several places.",
        related=(Related(place, "takes its requests"),),
    )


def _fix(earlier: Endpoint, endpoint: Endpoint) -> Fix | None:
    """Move the function, with its decorators, before the other."""
    first, second = earlier.decorator, endpoint.decorator
    file = endpoint.file
    if first is None or second is None or file.path != earlier.file.path or endpoint.node not in file.tree.body:
        return None
    if file.source(first.func).rpartition(".")[0] != file.source(second.func).rpartition(".")[0]:
        return None
    if any(last_name(it) == endpoint.node.name for it in earlier.node.decorator_list):
        return None
    begin = min(it.lineno for it in endpoint.node.decorator_list)
    end = (endpoint.node.end_lineno or endpoint.node.lineno) + 1
    target = min(it.lineno for it in earlier.node.decorator_list)
    if target >= begin:
        return None
    text = "\n".join(file.lines[begin - 1 : end - 1]) + "\n\n\n"
    last = end > len(file.lines) - 1
    gap = begin - 1
    while gap > 1 and not file.lines[gap - 1].strip():
        gap -= 1  # the empty lines before it go along
    cut_from, cut_to = Position(gap, len(file.lines[gap - 1]) + 1), Position(end - 1, len(file.lines[end - 2]) + 1)
    assert last or cut_to.line < len(file.lines)
    edits = (Edit(file.path, Position(target, 1), Position(target, 1), text), Edit(file.path, cut_from, cut_to, ""))
    return Fix(Applicability.SAFE, f"Register it before `{earlier.route.path}`.", edits)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_ONE = """\
@app.get("/tasks/{task_id}")
def task(task_id: int) -> int:
    return task_id
"""
_OVERDUE = """\
@app.get("/tasks/overdue")
def overdue() -> list[int]:
    return []
"""
_MAIN = "from fastapi import FastAPI\n\napp = FastAPI()\n"

RULE = Rule(
    code="APP007",
    name="shadowed-route",
    summary="A route is never reached, as another takes its requests",
    check=check,
    fix="sometimes",
    requirements=("A9",),
    bad={**_PROJECT, "main.py": f"{_MAIN}\n\n{_ONE}\n\n{_OVERDUE}"},
    good={**_PROJECT, "main.py": f"{_MAIN}\n\n{_OVERDUE}\n\n{_ONE}"},
    expect=Expectation("main.py", 11, stage=Stage.REQUEST, request="/tasks/overdue"),
)
