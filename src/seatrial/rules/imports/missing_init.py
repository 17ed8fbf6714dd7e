"""Folder that needs an `__init__.py` to be found

## What it finds
A folder of modules without `__init__.py` where that makes a difference: an installed package has the same name, or
the server works out a file's package from these files.

## Why it bites
A folder without `__init__.py` is a namespace package, which Python takes only when no regular package of that name
is anywhere on the path, be it far behind. `from utils.dates import today` then asks an installed `utils`.
`fastapi run app/main.py` takes `main.py` for a module without a package, and its relative imports fail.

## What is flagged
The import that fails first because of it.

## What is not
Folders without `__init__.py` that are found all the same; they are fine since Python 3.3.

## Fix safety
Safe: an empty file is added, and nothing else is.

## Reference
https://peps.python.org/pep-0420/#specification
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Position
from seatrial.rules.case import Case
from seatrial.rules.inits import missing_init
from seatrial.rules.rule import Expectation, Finding, Rule


def check(case: Case) -> Iterator[Finding]:
    """The first folder that needs to be a package; the next one shows once it is."""
    found = missing_init(case)
    if found is None:
        return
    path, start = f"{found.folder}/__init__.py", Position(1, 1)
    yield Finding(
        location=found.mishap.location,
        reach=found.mishap.reach,
        certain=found.mishap.certain,
        problem=f"The folder {found.folder} is not found as a package.",
        cause=found.cause,
        fix=Fix(Applicability.SAFE, f"Add an empty {path}.", (Edit(path, start, start, ""),)),
    )


_PROJECT = {
    "requirements.txt": "fastapi[standard]>=0.112\n",
    "Procfile": "web: fastapi run app/main.py --host 0.0.0.0 --port $PORT\n",
    "app/config.py": 'TITLE = "Tasks"\n',
    "app/main.py": "from fastapi import FastAPI\n\nfrom .config import TITLE\n\napp = FastAPI(title=TITLE)\n",
}

RULE = Rule(
    code="IMP008",
    name="missing-init",
    summary="A folder needs an __init__.py to be found",
    check=check,
    fix="always",
    requirements=("A1", "A2"),
    bad=_PROJECT,
    good={**_PROJECT, "app/__init__.py": ""},
    expect=Expectation("app/main.py", 3, exception="ImportError"),
)
