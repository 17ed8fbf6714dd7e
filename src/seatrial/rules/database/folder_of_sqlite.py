"""The folder of the SQLite file is not there

## What it finds
A database URL of SQLite whose file lies in a folder that is not in the repository and that nothing makes before.

## Why it bites
SQLite makes its file and no folder: the first connection ends with `unable to open database file`. On the author's
machine the folder is there; git keeps no empty folders, and the home of a person is on no server.

## What is flagged
The line that connects first while the backend starts.

## What is not
A database in memory, a folder that the code makes before, and absolute paths elsewhere (a volume may be there).

## Fix safety
Safe for a folder of the backend: a file in it makes git keep it. For review where a paper names a person's own folder:
it is to name a file beside the code. None for such a path in the code.

## Reference
https://www.sqlite.org/rescode.html#cantopen
https://docs.sqlalchemy.org/en/20/dialects/sqlite.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Position
from seatrial.rules.case import Case
from seatrial.rules.grouping import grouped
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.templates import value_edit
from seatrial.simulation.timeline import Refusal


def check(case: Case) -> Iterator[Finding]:
    """One finding for each file that cannot be made."""
    for group in grouped(case.timeline, Refusal, lambda fault: fault.subject if fault.kind == "no-folder" else None):
        fix = _fix(case, group.fault.subject)
        yield Finding(
            location=group.location,
            reach=group.reach,
            stage=group.first.failure.stage,
            certain=group.first.certain,
            problem=f"The folder of the SQLite file `{group.fault.subject}` is not there.",
            cause="SQLite makes the file, but not its folder: unable to open database file.",
            fix=fix,
            no_fix_reason=None if fix else "The path leads outside the backend: let the URL name a file within it.",
            related=group.related,
        )


def _fix(case: Case, path: str) -> Fix | None:
    cwd = case.target.cwd if case.target is not None else "."
    folder = posixpath.normpath(posixpath.join(cwd, posixpath.dirname(path)))
    if path.startswith("/"):
        return _beside(case, path)
    if folder.startswith(".."):
        return None
    kept = f"{folder}/.gitkeep"
    return Fix(Applicability.SAFE, f"Keep the folder `{folder}`.", (Edit(kept, Position(1, 1), Position(1, 1), "\n"),))


def _beside(case: Case, path: str) -> Fix | None:
    """Let the paper that names somebody's own folder name a file beside the code."""
    for item in case.papers.documented:
        scheme, _, named = (item.value or "").partition(":///")
        paper = item.location.path
        if named != path or paper.startswith(".."):
            continue
        value = f"{scheme}:///./{posixpath.basename(path)}"
        edit = value_edit(paper, case.code.documents.text(paper) or "", item.name, value)
        if edit is not None:
            return Fix(Applicability.REVIEW, f"Write `{item.name}={value}` in {paper}.", (edit,))
    return None


_PROJECT = {
    "requirements.txt": "fastapi\nsqlalchemy\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from fastapi import FastAPI
from sqlalchemy import MetaData, create_engine

engine = create_engine("sqlite:///./{}tasks.db")
MetaData().create_all(engine)
app = FastAPI()
"""

RULE = Rule(
    code="DB023",
    name="folder-of-sqlite",
    summary="The folder of the SQLite file is not there",
    check=check,
    fix="sometimes",
    requirements=("A4", "A8"),
    bad={**_PROJECT, "main.py": _MAIN.format("data/")},
    good={**_PROJECT, "main.py": _MAIN.format("")},
    expect=Expectation("main.py", 5, exception="sqlalchemy.exc.OperationalError"),
)
