"""Router that nothing includes

## What it finds
A module that makes a router and adds routes to it, where no other line of the backend refers to that router.

## Why it bites
The server starts without a word, and every path of the router answers 404.

## What is flagged
The line that makes the router: a warning where its module is loaded by the start, a note where nothing loads it.

## What is not
Routers that are referred to in any way that the text shows, and backends that look for their routers at run time.

## Fix safety
For review: whether the routes shall be served is for a person to say. The fix includes the router where the others
are.

## Reference
https://fastapi.tiangolo.com/tutorial/bigger-applications/#include-the-apirouters-for-users-and-items
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.rules.apps import apps
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.edits import add_import, insert_after
from seatrial.rules.missing import Kind, kind_of
from seatrial.rules.resolving import Meaning, meaning_of
from seatrial.rules.routers import Inclusion, Router, inclusions, is_used, routers_of
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.statements import relative
from seatrial.simulation.timeline import MissingModule, Reach

_AT_RUN_TIME = ("import_module(", "iter_modules(", "walk_packages(", "getattr(")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each router that nothing refers to."""
    found = routers_of(case)
    if not found or _is_dynamic(case) or _is_elsewhere(case):
        return
    loaded = {module.path for module in case.timeline.loaded}
    meant = {meaning_of(case.code, it.file, it.subject) for it in inclusions(case)}
    for router in found:
        if is_used(case, router) or Meaning(router.module, None) in meant:
            continue
        reach = Reach.REQUEST if router.location.path in loaded else Reach.UNREACHED
        fix = _fix(case, router)
        yield Finding(
            location=router.location,
            reach=reach,
            severity=Severity.WARNING if reach is Reach.REQUEST else None,
            problem=f"`{router.name}` of `{router.module}` is included nowhere.",
            cause=f"Nothing refers to it, so {_routes(router)} not served.",
            fix=fix,
            no_fix_reason=None if fix else "There is no application in sight that could include it.",
        )


def _routes(router: Router) -> str:
    paths = [f"`{path or '/'}`" for path in router.paths]
    return f"{paths[0]} is" if len(paths) == 1 else f"{', '.join(paths[:3])}{' …' if len(paths) > 3 else ''} are"


def _is_elsewhere(case: Case) -> bool:
    """Whether the backend's imports are written for another folder, so that no name can be told."""
    faults = [mishap.fault for mishap in case.timeline.mishaps]
    return any(isinstance(fault, MissingModule) and kind_of(case, fault) is Kind.ROOT for fault in faults)


def _is_dynamic(case: Case) -> bool:
    """Whether routers are looked for at run time, so that nothing needs to refer to them."""
    texts = (case.code.text(path) or "" for path in case.code.names)
    return any("include_router" in text and any(word in text for word in _AT_RUN_TIME) for text in texts)


def _fix(case: Case, router: Router) -> Fix | None:
    known = [it for it in inclusions(case) if it.file.path != router.location.path]
    edits = _beside(case, router, known[-1]) if known else _behind_app(case, router)
    if edits is None:
        return None
    return Fix(Applicability.REVIEW, f"Include `{router.name}` of `{router.module}`.", edits)


def _beside(case: Case, router: Router, last: Inclusion) -> tuple[Edit, ...] | None:
    """One more inclusion behind the last one, under the prefix that all of them have."""
    assert isinstance(last.call.func, ast.Attribute)
    owner = last.file.source(last.call.func.value)
    prefixes = {_prefix(it) for it in inclusions(case) if it.file is last.file}
    prefix = prefixes.pop() if len(prefixes) == 1 else None
    given = f", prefix={prefix}" if prefix else ""
    return _added(case, last.file, last.statement, router, owner, given)


def _prefix(inclusion: Inclusion) -> str | None:
    given = (keyword.value for keyword in inclusion.call.keywords if keyword.arg == "prefix")
    return next((inclusion.file.source(value) for value in given), None)


def _behind_app(case: Case, router: Router) -> tuple[Edit, ...] | None:
    """The first inclusion there is, behind the statement that makes the application."""
    made = [app for app in apps(case) if not app.factory]
    file = case.code.file(made[0].location.path) if made else None
    if file is None:
        return None
    statement = next((node for node in file.tree.body if node.lineno == made[0].location.line), None)
    return _added(case, file, statement, router, made[0].attribute, "") if statement is not None else None


def _added(
    case: Case, file: CodeFile, statement: ast.stmt, router: Router, owner: str, given: str
) -> tuple[Edit, ...] | None:
    """The import of the router, under a name that is free, and its inclusion."""
    last = router.module.rpartition(".")[2]
    dots = any(isinstance(site.node, ast.ImportFrom) and site.node.level for site in file.imports)
    written = relative(case.code, file.path, router.module) if dots else router.module
    name = f"{last}_{router.name}" if router.name in file.bindings or router.name == "router" else router.name
    alias = f" as {name}" if name != router.name else ""
    include = insert_after(file, statement, f"{owner}.include_router({name}{given})")
    if include is None or name in file.bindings:
        return None
    return (add_import(file, f"from {written} import {router.name}{alias}"), include)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT\n",
    "app/__init__.py": "",
    "app/tasks.py": (
        "from fastapi import APIRouter\n"
        "\n"
        "router = APIRouter()\n"
        "\n"
        "\n"
        '@router.get("/tasks")\n'
        "def tasks() -> list[str]:\n"
        '    return ["sail"]\n'
    ),
}
_MAIN = "from fastapi import FastAPI\n\nfrom app import tasks\n\napp = FastAPI(description=tasks.__name__)\n"

RULE = Rule(
    code="APP004",
    name="router-never-included",
    summary="A router is made and never included",
    check=check,
    fix="sometimes",
    requirements=("A9",),
    bad={**_PROJECT, "app/main.py": _MAIN},
    good={**_PROJECT, "app/main.py": _MAIN + "app.include_router(tasks.router)\n"},
    expect=Expectation("app/tasks.py", 3, stage=Stage.REQUEST, request="/tasks"),
)
