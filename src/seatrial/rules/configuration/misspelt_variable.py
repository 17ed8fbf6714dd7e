"""Code and papers spell a variable differently

## What it finds
A variable that the code reads by one name and the example, compose, Dockerfile or platform file sets by another
that is nearly the same: a letter, a case that matters, a prefix of the settings class that was left out.

## Why it bites
Everything is set, and the start says that it is missing; or, worse, the code goes on with its default, and nobody
sees that the value which was given is never read.

## What is flagged
A variable that is read and that no paper names, where the papers name exactly one other that nothing reads and that
is spelt nearly so.

## What is not
Names that differ in a number (`DB_1`, `DB_2`), and variables that somebody else reads, such as a container's own.

## Fix safety
Safe: the paper takes the code's spelling. What is set where the backend runs has to follow.

## Reference
https://docs.pydantic.dev/latest/concepts/pydantic_settings/#environment-variable-names
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Position, Related, Severity, Stage
from seatrial.project.settings_environment import is_apart
from seatrial.project.settings_facts import EnvDocumented
from seatrial.rules.case import Case
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.spelling import misspelt
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each variable."""
    named = {item.name for item in case.papers.documented}
    for name in case.settings.names():
        reads = [read for read in case.settings.of(name) if not is_apart(read.location.path)]
        if not reads or any(read.accepts(other) for read in reads for other in named):
            continue
        item = misspelt(case, name)
        if item is not None:
            yield _finding(case, name, item, reads[0].location)


def _finding(case: Case, name: str, item: EnvDocumented, read: Location) -> Finding:
    mishap = next((it for it in case.timeline.mishaps if name in it.reads), None)
    place = mishap.location if mishap is not None else read
    reach = mishap.reach if mishap is not None else case.reach_of(read.path, read.line)
    edit = _edit(case, item, name)
    return Finding(
        location=place,
        reach=reach,
        certain=mishap is None or mishap.certain,
        stage=None if mishap is not None else Stage.PRODUCTION,
        severity=None if mishap is not None else Severity.WARNING if reach is not Reach.UNREACHED else Severity.NOTE,
        problem=f"The code reads `{name}`, and {item.location.path} sets `{item.name}`.",
        cause="The two are spelt differently, so that the value is never read.",
        fix=Fix(Applicability.SAFE, f"Call it {name} there too.", (edit,)) if edit else None,
        no_fix_reason=None if edit else "The paper names it in a way that is not edited.",
        related=(
            Related(item.location, f"`{item.name}` is set here"),
            *((Related(read, f"`{name}` is read here"),) if read.line != place.line else ()),
        ),
    )


def _edit(case: Case, item: EnvDocumented, name: str) -> Edit | None:
    lines = (case.code.documents.text(item.location.path) or "").split("\n")
    number = item.location.line
    if item.location.path.startswith("..") or number > len(lines):
        return None
    found = list(re.finditer(rf"(?<![\w$]){re.escape(item.name)}(?!\w)", lines[number - 1]))
    if len(found) != 1:
        return None
    start, end = found[0].span()
    return Edit(item.location.path, Position(number, start + 1), Position(number, end + 1), name)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import FastAPI\nfrom pydantic_settings import BaseSettings\n\n\n"
        "class Settings(BaseSettings):\n    welcome_message: str\n\n\n"
        "settings = Settings()\napp = FastAPI(title=settings.welcome_message)\n"
    ),
    ".env.example": "WELCOME_MESAGE=Tasks\n",
}

RULE = Rule(
    code="CFG002",
    name="misspelt-variable",
    summary="Code and papers spell a variable differently",
    check=check,
    fix="sometimes",
    requirements=("A10", "B4"),
    bad=_PROJECT,
    good={**_PROJECT, ".env.example": "WELCOME_MESSAGE=Tasks\n"},
    expect=Expectation("main.py", 9, exception="ValidationError"),
)
