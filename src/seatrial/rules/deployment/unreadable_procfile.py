"""The Procfile cannot be read by Railpack

## What it finds
A Procfile that is no mapping of names to texts in YAML.

## Why it bites
Heroku's reader takes whatever follows the first colon. Railpack reads the file as YAML and ends the build where
that fails: a missing blank behind the colon, another `: ` or braces in the command, a command that begins with a
quotation mark, a tab.

## What is flagged
The line at which YAML gives up.

## What is not
A Procfile that YAML reads, whatever is in it.

## Fix safety
Safe where only the blank behind the name is missing. Else review: the start command moves to `railpack.json`, or is
put in quotation marks, which Heroku would take for part of it.

## Reference
https://railpack.com/config/procfile
https://yaml.org/spec/1.2.2/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Measure, Position, Severity, Stage, Verdict
from seatrial.project.procfile import read_procfile
from seatrial.rules.case import Case
from seatrial.rules.observation import Refused
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import is_for_railway
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """At most one finding."""
    path = posixpath.normpath(posixpath.join(case.base, "Procfile"))
    text = case.code.documents.text(path)
    procfile = read_procfile(text) if text is not None else None
    if text is None or procfile is None or not procfile.problem or path.startswith(".."):
        return
    lines = text.split("\n")
    number = min(procfile.problem_line, len(lines))
    edit = _edit(path, lines)
    yield Finding(
        location=Location(path, edit.start.line if edit else max(number, 1)),
        reach=Reach.BOOT,
        stage=Stage.PRODUCTION,
        severity=Severity.ERROR if is_for_railway(case) else Severity.WARNING,
        problem=f"Railpack cannot read the Procfile: {procfile.problem}.",
        cause="It reads it as YAML, which asks for more than Heroku's reader does.",
        fix=Fix(Applicability.SAFE, "Put a blank behind the name.", (edit,)) if edit else None,
        no_fix_reason=None
        if edit
        else "Quotation marks would help Railpack and hurt Heroku; a railpack.json helps one only.",
    )


def _edit(path: str, lines: list[str]) -> Edit | None:
    """A blank behind the name of a process, where that is all that is missing."""
    tight = [
        (number, match)
        for number, line in enumerate(lines, 1)
        if (match := re.match(r"[A-Za-z][\w-]*:(?=[^\s:])", line))
    ]
    if len(tight) != 1:
        return None
    number, match = tight[0]
    mended = [*lines[: number - 1], f"{match[0]} {lines[number - 1][match.end() :]}", *lines[number:]]
    place = Position(number, match.end() + 1)
    return Edit(path, place, place, " ") if not read_procfile("\n".join(mended)).problem else None


def measure(case: Case) -> Iterator[Measure]:
    """Whether there is a Procfile at the root of the backend, with a process that serves."""
    path = posixpath.normpath(posixpath.join(case.base, "Procfile"))
    text = case.code.documents.text(path)
    web = next((it for it in read_procfile(text).processes if it.name == "web"), None) if text is not None else None
    if web is not None:
        yield Measure("C2", Verdict.HOLDS, "the Procfile says what serves", Location(path, web.line))
    else:
        yield Measure(
            "C2", Verdict.CANNOT_TELL, "there is no Procfile with a `web` process; a platform may be told else"
        )


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web:uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DPL004",
    name="unreadable-procfile",
    summary="The Procfile cannot be read by Railpack",
    check=check,
    measure=measure,
    fix="sometimes",
    requirements=("C2",),
    bad=_PROJECT,
    good={**_PROJECT, "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n"},
    expect=Expectation("Procfile", 1, stage=Stage.PRODUCTION, observation=Refused("Procfile", "yaml", "")),
)
