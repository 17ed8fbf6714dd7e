"""Files that ask for different Pythons

## What it finds
A version file, runtime.txt or Dockerfile that names a Python which the project's `requires-python` excludes, or two
of them that name different ones.

## Why it bites
The platform takes the Python that the first names, and the installer refuses the project for it. Where they merely
differ, the code is tried on one Python and served on another.

## What is flagged
The file that names the Python; a blocker where the project itself is installed, and with it checked. Everything
else is a note.

## What is not
Versions that differ in their patch release, and ranges that both can be met.

## Fix safety
For review: `requires-python` is opened to the Python that is used. Which of the two is meant is for a person to
say.

## Reference
https://packaging.python.org/en/latest/specifications/core-metadata/#requires-python
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Position, Related, Severity, Stage
from seatrial.project.manifest.declared import DeclaredPython
from seatrial.provision.versions import satisfies
from seatrial.rules.case import Case
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_NAMED = ("Dockerfile", ".python-version", "runtime.txt", ".tool-versions", "mise.toml", ".mise.toml")
_CHECKED = ("requires-python", "poetry", "setup.cfg", "setup.py")


def check(case: Case) -> Iterator[Finding]:
    """One finding for the Python that the platform takes, and what else is asked for."""
    named = [it for kind in _NAMED for it in case.manifest.python if it.kind == kind and _minor(it) is not None]
    if not named:
        return
    used = named[0]
    version = _minor(used)
    assert version is not None  # those without are left out above
    limits = [it for it in case.manifest.python if it.kind in _CHECKED]
    against = [it for it in limits if _excludes(it, version)]
    others = [it for it in named[1:] if _minor(it) != version]
    if not against and not others:
        return
    stops = bool(against) and _is_checked(case, against[0])
    fix = _fix(case, against[0], version) if against else None
    other = (against or others)[0]
    yield Finding(
        location=used.location,
        reach=Reach.BOOT,
        stage=Stage.INSTALL if stops else Stage.PRODUCTION,
        severity=Severity.BLOCKER if stops else Severity.NOTE,
        problem=f"{used.location.path} names Python {used.specifier}, {other.location.path} {other.specifier}.",
        cause="The installer refuses the project for it." if stops else "What is tried on one is served on another.",
        fix=fix,
        no_fix_reason=None if fix else "Which of them is meant is for a person to say.",
        related=tuple(Related(it.location, f"Asks for {it.specifier}") for it in (*against, *others)),
    )


def _minor(declared: DeclaredPython) -> tuple[int, int] | None:
    match = re.search(r"(\d+)\.(\d+)", declared.specifier)
    return (int(match[1]), int(match[2])) if match else None


def _excludes(limit: DeclaredPython, version: tuple[int, int]) -> bool:
    """Whether no patch release of this version is allowed."""
    return all(satisfies((*version, patch), limit.specifier) is False for patch in range(40))


def _is_checked(case: Case, limit: DeclaredPython) -> bool:
    """Whether what is installed is the project that sets the limit."""
    return any(it.path == limit.location.path for it in case.manifest.installed)


def _fix(case: Case, limit: DeclaredPython, version: tuple[int, int]) -> Fix | None:
    place = limit.location
    lines = (case.code.text(place.path) or "").splitlines()
    if limit.kind != "requires-python" or place.path.startswith("..") or place.line > len(lines):
        return None
    match = re.fullmatch(r"(\s*requires-python\s*=\s*)(['\"])[^'\"]*\2(\s*(?:#.*)?)", lines[place.line - 1])
    if match is None:
        return None
    start = Position(place.line, len(match[1]) + 1)
    end = Position(place.line, len(lines[place.line - 1]) - len(match[3]) + 1)
    spelt = f">={version[0]}.{version[1]}"
    edit = Edit(place.path, start, end, f'"{spelt}"')
    return Fix(Applicability.REVIEW, f"Let {place.path} ask for {spelt}.", (edit,))


_PROJECT = {
    "Procfile": "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT\n",
    ".python-version": "3.11\n",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}
_PYPROJECT = """\
[project]
name = "app"
version = "1.0"
requires-python = "{}"
dependencies = ["fastapi", "uvicorn"]
"""

RULE = Rule(
    code="DEP014",
    name="python-versions",
    summary="Files ask for different Pythons",
    check=check,
    fix="sometimes",
    requirements=("A3", "A8"),
    bad={**_PROJECT, "pyproject.toml": _PYPROJECT.format(">=3.15")},
    good={**_PROJECT, "pyproject.toml": _PYPROJECT.format(">=3.11")},
    expect=Expectation(".python-version", 1, stage=Stage.INSTALL),
)
