"""Router included that is a module

## What it finds
`app.include_router(users)` where `users` is the module that holds the router, not the router.

## Why it bites
FastAPI asks what it is given for its routes. A module has none: `AttributeError: module … has no attribute …` from
inside FastAPI, while the application's own module is imported.

## What is flagged
Every `include_router` whose argument is a module of the backend.

## What is not
Modules of distributions, and arguments that cannot be told from the text.

## Fix safety
Safe where the module makes exactly one router: `.router`, or what it is called there, is appended.

## Reference
https://fastapi.tiangolo.com/tutorial/bigger-applications/
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Evidence, Fix
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.resolving import meaning_of
from seatrial.rules.routers import Inclusion, inclusions, made_router
from seatrial.rules.rule import Expectation, Finding, Rule


def check(case: Case) -> Iterator[Finding]:
    """One finding for each inclusion of a module."""
    for inclusion in inclusions(case):
        meaning = meaning_of(case.code, inclusion.file, inclusion.subject)
        if meaning is not None and meaning.symbol is None:
            yield _finding(case, inclusion, meaning.module)


def _finding(case: Case, inclusion: Inclusion, module: str) -> Finding:
    file = case.code.module(module)
    found = [name for node in file.tree.body if (name := made_router(node))] if file is not None else []
    fix = _fix(inclusion.file, inclusion, found[0]) if len(found) == 1 else None
    place = f"{file.path}:{file.bindings[found[0]].line}" if file is not None and found else ""
    return Finding(
        location=inclusion.file.place(inclusion.statement),
        reach=case.reach_of(inclusion.file.path, inclusion.statement.lineno),
        problem=f"`{module}` is included, which is a module and no router.",
        cause=f"Its router is `{found[0]}`." if len(found) == 1 else "Which of its routers is meant is not said.",
        fix=fix,
        no_fix_reason=None if fix else f"`{module}` makes {len(found) or 'no'} routers.",
        evidence=(Evidence(f"`{found[0]}` is made here", place),) if place else (),
    )


def _fix(file: CodeFile, inclusion: Inclusion, name: str) -> Fix:
    end = file.end(inclusion.subject)
    return Fix(Applicability.SAFE, f"Include its `{name}`.", (Edit(file.path, end, end, f".{name}"),))


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT\n",
    "app/__init__.py": "",
    "app/users.py": (
        "from fastapi import APIRouter\n"
        "\n"
        "router = APIRouter()\n"
        "\n"
        "\n"
        '@router.get("/users")\n'
        "def users() -> list[str]:\n"
        '    return ["Ada"]\n'
    ),
}
_MAIN = "from fastapi import FastAPI\n\nfrom app import users\n\napp = FastAPI()\n"

RULE = Rule(
    code="APP003",
    name="router-is-module",
    summary="A module is included where its router is meant",
    check=check,
    fix="sometimes",
    requirements=("A5", "A9"),
    bad={**_PROJECT, "app/main.py": _MAIN + "app.include_router(users)\n"},
    good={**_PROJECT, "app/main.py": _MAIN + "app.include_router(users.router)\n"},
    expect=Expectation("app/main.py", 6, exception="AttributeError"),
)
