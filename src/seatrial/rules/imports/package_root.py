"""Server started in a folder that the backend's imports are not written for

## What it finds
A launch command under which none of the backend's own absolute imports resolves, while all of them would if another
folder were on Python's path.

## Why it bites
`import app.config` looks for a folder `app` in the folders of `sys.path`: under uvicorn the working directory, or
what `--app-dir` says. `uvicorn backend.app.main:app` finds the module, and then `ModuleNotFoundError` for the first
thing it imports. It works on the author's machine, who starts it in `backend/`.

## What is flagged
The launch command; the import that fails first is its related place.

## What is not
Single imports that are written for another folder than the rest (see `missing-module`), and backends for which no
file says how to start them.

## Fix safety
Safe where the command is uvicorn's or gunicorn's own and can be told the folder (`--app-dir`, `--chdir`); for other
commands the folder is named and the command left to its author.

## Reference
https://www.uvicorn.org/settings/#application
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Related
from seatrial.rules.case import Case
from seatrial.rules.commands import in_commands
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.missing import Kind, kind_of
from seatrial.rules.roots import Root, missing_root
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import MissingModule

_OPTIONS = {"uvicorn": "--app-dir", "gunicorn": "--chdir"}


def check(case: Case) -> Iterator[Finding]:
    """One finding for the folder that should be on the path."""
    groups = grouped(case.timeline, MissingModule, lambda fault: _folder(case, fault))
    for group in groups:
        root = missing_root(case, group.fault.name)
        assert root is not None and case.target is not None  # the key says so
        fix = _fix(case, root)
        yield Finding(
            location=case.target.location,
            reach=group.reach,
            certain=group.first.certain,
            problem=f"`{case.target.value}` is started where `import {group.fault.name}` finds nothing.",
            cause=_cause(case, root),
            fix=fix,
            no_fix_reason=None if fix else f"Start it with the folder {root.folder} on Python's path.",
            related=_related(group),
        )


def _folder(case: Case, fault: MissingModule) -> str | None:
    if kind_of(case, fault) is not Kind.ROOT:
        return None
    root = missing_root(case, fault.name)
    return root.folder if root is not None else None


def _cause(case: Case, root: Root) -> str:
    where = ", ".join(case.target.path_entries[:1]) if case.target is not None else ""
    count = f"all {root.imports} of the backend's own imports are" if root.imports > 1 else "the backend's import is"
    return f"Python looks in the folder {where or '.'}; {count} written for the folder {root.folder}."


def _related(group: Group[MissingModule]) -> tuple[Related, ...]:
    return (Related(group.location, group.first.failure.message), *group.related)


def _fix(case: Case, root: Root) -> Fix | None:
    target = case.target
    assert target is not None
    option = _OPTIONS.get(target.server)
    path = target.origin
    if option is None or target.cwd != "." or not path or root.folder == ".":
        return None
    module = path.removeprefix(root.folder + "/").removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
    value = f"{module}:{target.attribute}" if target.attribute else module
    edits = in_commands(case, target, value, (option, root.folder))
    if not edits:
        return None
    return Fix(Applicability.SAFE, f"Start it with {root.folder} on Python's path.", edits)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "backend/app/config.py": 'TITLE = "Tasks"\n',
    "backend/app/main.py": (
        "from fastapi import FastAPI\n\nfrom app.config import TITLE\n\napp = FastAPI(title=TITLE)\n"
    ),
}

RULE = Rule(
    code="IMP007",
    name="package-root",
    summary="The server starts where the backend's imports find nothing",
    check=check,
    fix="sometimes",
    requirements=("A2", "A7"),
    bad={**_PROJECT, "Procfile": "web: uvicorn backend.app.main:app --host 0.0.0.0 --port $PORT\n"},
    good={**_PROJECT, "Procfile": "web: uvicorn app.main:app --app-dir backend --host 0.0.0.0 --port $PORT\n"},
    expect=Expectation("Procfile", 1, exception="ModuleNotFoundError"),
)
