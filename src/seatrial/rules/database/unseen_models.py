"""Tables that are not declared yet when all are made

## What it finds
Modules with tables that the start never imports, in a backend whose start calls `create_all`.

## Why it bites
`create_all` makes the tables of the classes that Python has seen by then. A class in a module that nothing imports is
not one of them: the server starts, and what asks for its table answers 500 (`no such table`, `relation does not
exist`).

## What is flagged
The first class of each such module, where it has the base of the tables that are made.

## What is not
Backends that make their tables by migrations; scripts and tests; modules that the start does import.

## Fix safety
For review: the module is imported in the function that makes the tables.

## Reference
https://docs.sqlalchemy.org/en/20/core/metadata.html#creating-and-dropping-database-tables
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.edits import add_import, insert_in_function
from seatrial.rules.models import Model
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each module."""
    loaded = {module.path for module in case.timeline.loaded}
    stopped = any(it.reach in (Reach.BOOT, Reach.STARTUP) and it.certain for it in case.timeline.mishaps)
    if stopped or not any(file.path in loaded for file in case.code.holding("create_all")):
        return
    bases = {model.base for model in case.code.models if model.file.path in loaded}
    bases |= {"sqlmodel.SQLModel"} if _makes_all_of_sqlmodel(case, loaded) else set()
    told: set[str] = set()
    for model in case.code.models:
        base_is_made = model.base in bases or (not isinstance(model.base, str) and _holds(case, model, loaded))
        if model.file.path not in loaded and model.file.path not in told and base_is_made:
            told.add(model.file.path)
            yield _finding(case, model, loaded)


def _makes_all_of_sqlmodel(case: Case, loaded: set[str]) -> bool:
    return any(file.path in loaded for file in case.code.holding("SQLModel.metadata.create_all"))


def _holds(case: Case, model: Model, loaded: set[str]) -> bool:
    """Whether the base of a table is one that the start loads."""
    assert not isinstance(model.base, str)
    return case.code.modules.get(model.base.module) in loaded


def _finding(case: Case, model: Model, loaded: set[str]) -> Finding:
    fix = _fix(case, model, loaded)
    return Finding(
        location=model.file.place(model.node),
        reach=Reach.REQUEST,
        stage=Stage.REQUEST,
        severity=Severity.WARNING,
        problem=f"The table `{model.table}` is not among those that the start makes.",
        cause=f"Nothing that the start imports leads to {model.file.path}.",
        fix=fix,
        no_fix_reason=None if fix else "Where the tables are made is not plain to see.",
    )


def _fix(case: Case, model: Model, loaded: set[str]) -> Fix | None:
    name = case.code.names.get(model.file.path)
    for file in case.code.holding("create_all"):
        for call in file.sites.calls.get("create_all", ()) if file.path in loaded else ():
            function = file.sites.function_of(call)
            text = f"import {name}  # its tables are among those made below"
            edit: Edit | None = (
                insert_in_function(file, function, text) if function is not None else add_import(file, f"import {name}")
            )
            if name is not None and edit is not None:
                return Fix(Applicability.REVIEW, f"Import `{name}` before the tables are made.", (edit,))
    return None


_PROJECT = {
    "requirements.txt": "fastapi\nsqlmodel\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "models.py": (
        "from sqlmodel import Field, SQLModel\n\n\n"
        "class Task(SQLModel, table=True):\n    id: int | None = Field(default=None, primary_key=True)\n"
    ),
}
_MAIN = """\
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlmodel import Session, SQLModel, create_engine, text
{}
engine = create_engine("sqlite:///tasks.db")


def make_tables() -> None:
    SQLModel.metadata.create_all(engine)


@asynccontextmanager
async def lifespan(app: FastAPI):
    make_tables()
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/health")
def count() -> int:
    with Session(engine) as session:
        return session.scalar(text("select count(*) from task"))
"""

RULE = Rule(
    code="DB015",
    name="unseen-models",
    summary="Tables are made before the module that declares one is imported",
    check=check,
    fix="sometimes",
    requirements=("A8",),
    bad={**_PROJECT, "main.py": _MAIN.format("")},
    good={**_PROJECT, "main.py": _MAIN.format("\nimport models\n")},
    expect=Expectation("models.py", 4, stage=Stage.REQUEST, request="/health"),
)
