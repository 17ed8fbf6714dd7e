"""The lock is not its manifest's any more

## What it finds
A lock file (uv.lock, poetry.lock, pdm.lock, Pipfile.lock) or a compiled requirements file that was made before its
manifest was changed, with each requirement that it does not meet.

## Why it bites
The dependency that was added to the manifest is not installed where the lock is: `uv sync --frozen`, `pip install -r`
of the compiled file. What checks the lock refuses it instead and installs nothing: `uv sync --locked`, which Railpack
runs, and `poetry install`.

## What is flagged
The first requirement of the manifest that the lock does not meet, or the lock itself where only the hash that the
tool left in it tells. What stops the installation by its own command is a blocker; what Railway's would refuse is an
error.

## What is not
A lock with more than the manifest asks for (what the dependencies bring), another order or spelling of the same
requirements, and whatever cannot be told without resolving.

## Fix safety
Never: a lock is made by resolving, which asks the package index. The command that does it is named.

## Reference
https://docs.astral.sh/uv/concepts/projects/sync/#checking-the-lockfile
https://python-poetry.org/docs/cli/#check
https://pip-tools.readthedocs.io/en/stable/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.issue import Location, Measure, Related, Severity, Stage, Verdict
from seatrial.platforms.railway import plan_railway
from seatrial.project.manifest.stale import Stale, stale_locks
from seatrial.rules.case import Case
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.serving import is_for_railway
from seatrial.simulation.timeline import Reach

_COMMANDS = {"uv": "uv lock", "poetry": "poetry lock", "pdm": "pdm lock", "pipenv": "pipenv lock"}
_MOST = 4


def check(case: Case) -> Iterator[Finding]:
    """One finding for each lock that is out of step."""
    for stale in stale_locks(case.tree.root, case.manifest):
        severity, stage, cause = _weight(case, stale)
        yield Finding(
            location=stale.place,
            reach=Reach.BOOT,
            stage=stage,
            severity=severity,
            problem=f"{stale.path} was made before {stale.document.path} was changed{_said(stale)}.",
            cause=cause,
            no_fix_reason=f"Run `{_command(stale)}` and commit {stale.path}: a lock is made by resolving.",
            related=tuple(Related(it.place, f"{stale.path}: {it.said}") for it in stale.differences[1:]),
        )


def _said(stale: Stale) -> str:
    if not stale.differences:
        return ": the hash in it is another"
    said = [it.said for it in stale.differences[:_MOST]]
    left = len(stale.differences) - len(said)
    return f": {'; '.join(said)}" + (f"; and {left} more" if left else "")


def _command(stale: Stale) -> str:
    if stale.made_by in _COMMANDS:
        return _COMMANDS[stale.made_by]
    folder = posixpath.dirname(stale.path) or "."
    source = posixpath.relpath(stale.document.path, folder)
    return f"uv pip compile {source} -o {posixpath.basename(stale.path)}"


def _weight(case: Case, stale: Stale) -> tuple[Severity, Stage, str]:
    """How bad it is: what the command does that installs by this file."""
    chosen = case.manifest.installation
    if chosen is None or stale.path not in chosen.files:
        return Severity.NOTE, Stage.PRODUCTION, "It is not what is installed, and misleads whoever goes by it."
    if stale.made_by == "poetry" and chosen.tool == "poetry":
        return Severity.BLOCKER, Stage.INSTALL, "`poetry install` refuses a lock file that is out of step."
    if stale.made_by == "uv" and re.search(r"--locked\b", chosen.reason):
        return Severity.BLOCKER, Stage.INSTALL, f"`uv` is told to refuse it ({chosen.reason})."
    if stale.made_by == "uv" and re.search(r"--frozen\b", chosen.reason):
        return Severity.WARNING, Stage.PRODUCTION, f"It is installed as it is all the same ({chosen.reason})."
    if stale.made_by == "uv" and _is_railpacks(case):
        return Severity.ERROR, Stage.PRODUCTION, "Railpack runs `uv sync --locked`, which refuses it: the build fails."
    if stale.made_by == "compiler":
        return Severity.WARNING, Stage.PRODUCTION, "It is what is installed, without what has been added since."
    return Severity.WARNING, Stage.PRODUCTION, "What is installed is not what this lock was tested with."


def _is_railpacks(case: Case) -> bool:
    return is_for_railway(case) and plan_railway(case.code.documents, case.base).installer == "uv"


def measure(case: Case) -> Iterator[Measure]:
    """Whether there is a lock, and it is that of its manifest."""
    lock, compiled = case.manifest.lock, [it for it in case.manifest.installed if it.compiled]
    if lock is not None and not lock.problems:
        said = f"{lock.path} is in step with its manifest as far as can be told without resolving"
        yield Measure("B2", Verdict.HOLDS, said, Location(lock.path, 1))
    elif compiled:
        yield Measure("B2", Verdict.HOLDS, f"{compiled[0].path} is pinned to the last", Location(compiled[0].path, 1))
    else:
        yield Measure("B2", Verdict.CANNOT_TELL, "what is installed has no lock to be in step with")


_MAIN = """\
from importlib.metadata import version

from fastapi import FastAPI

app = FastAPI()


@app.get("/version")
def release() -> str:
    return version("itsdangerous")
"""
_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": _MAIN,
    "requirements.in": "fastapi\nitsdangerous\nuvicorn\n",
}
_HEADER = "# This file was autogenerated by uv via the following command:\n#    uv pip compile requirements.in\n"

RULE = Rule(
    code="DEP016",
    name="stale-lock",
    summary="The lock is not its manifest's any more",
    check=check,
    measure=measure,
    fix="never",
    requirements=("A3", "B2"),
    bad={**_PROJECT, "requirements.txt": f"{_HEADER}fastapi==0.115.6\nuvicorn==0.34.0\n"},
    good={**_PROJECT, "requirements.txt": f"{_HEADER}fastapi==0.115.6\nitsdangerous==2.2.0\nuvicorn==0.34.0\n"},
    expect=Expectation("requirements.in", 2, stage=Stage.PRODUCTION, request="/version"),
)
