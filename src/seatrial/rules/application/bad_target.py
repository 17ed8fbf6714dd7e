"""Launch command whose target is not there

## What it finds
A launch command that names a module which does not exist, an attribute that its module does not have, or something
that is no ASGI application: a router, a module, a function that makes the application.

## Why it bites
The server imports the target first. `Error loading ASGI app` and it exits; nothing is ever served.

## What is flagged
The command that production would run, or the best of those that the papers hold.

## What is not
Commands of other services of the same repository.

## Fix safety
Safe where the backend makes exactly one application: the command is pointed at it, with `--factory` where it is a
function. Where there are several, the nearest is given for review.

## Reference
https://www.uvicorn.org/#command-line-options
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Evidence, Fix, Location
from seatrial.project.launch.targets import Target
from seatrial.rules.apps import App, apps
from seatrial.rules.case import Case
from seatrial.rules.commands import in_commands
from seatrial.rules.nearest import likeness
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import BadTarget, Mishap, MissingModule, Reach


def check(case: Case) -> Iterator[Finding]:
    """At most one finding: the target that was played."""
    mishap = next((mishap for mishap in case.timeline.mishaps if _is_about_target(mishap)), None)
    if mishap is None:
        return
    target = case.target
    choices = _choices(case, target)
    fix = _fix(case, target, choices) if target is not None else None
    yield Finding(
        location=target.location if target is not None else mishap.location,
        reach=Reach.BOOT,
        problem=_problem(mishap, target),
        cause=_cause(choices),
        fix=fix,
        no_fix_reason=None if fix else "No application is found that the command could be pointed at exactly.",
        evidence=tuple(Evidence("An application is made here", _place(app.location)) for app in choices[:3]),
    )


def _is_about_target(mishap: Mishap) -> bool:
    fault = mishap.fault
    return isinstance(fault, BadTarget) or (isinstance(fault, MissingModule) and not fault.importer)


def _place(location: Location) -> str:
    return f"{location.path}:{location.line}"


def _problem(mishap: Mishap, target: Target | None) -> str:
    value = target.value if target is not None else mishap.failure.message
    part = mishap.fault.part if isinstance(mishap.fault, BadTarget) else "module"
    if part == "module":
        return f"`{value}` is started, and there is no such module."
    if part == "attribute":
        return f"`{value}` is started, and its module has no such attribute."
    return f"`{value}` is started, and is no ASGI application."


def _cause(choices: list[App]) -> str:
    if not choices:
        return "The backend makes no application that the server could import."
    app = choices[0]
    what = "The function that makes the application is" if app.factory else "The application is"
    return f"{what} `{app.target}`."


def _choices(case: Case, target: Target | None) -> list[App]:
    """The applications of the backend, those nearest to what the command says first."""
    found = list(apps(case))
    made = [app for app in found if not app.factory]
    names = [app for app in found if not app.factory or not made]
    wanted = target.value if target is not None else ""
    return sorted(names, key=lambda app: -likeness(app.target, wanted))


def _fix(case: Case, target: Target, choices: list[App]) -> Fix | None:
    if not choices or (target.server not in ("uvicorn", "gunicorn", "hypercorn") and choices[0].factory):
        return None
    app = choices[0]
    options = ("--factory",) if app.factory and not target.factory and target.server == "uvicorn" else ()
    value = f"{app.target}()" if app.factory and target.server == "gunicorn" else app.target
    edits = in_commands(case, target, value, options)
    if not edits:
        return None
    return Fix(Applicability.SAFE if len(choices) == 1 else Applicability.REVIEW, f"Start `{value}`.", edits)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="APP001",
    name="bad-target",
    summary="The launch command names no application",
    check=check,
    fix="sometimes",
    requirements=("A5", "A7"),
    bad={**_PROJECT, "Procfile": "web: uvicorn app.server:app --host 0.0.0.0 --port $PORT\n"},
    good={**_PROJECT, "Procfile": "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT\n"},
    expect=Expectation("Procfile", 1),
)
