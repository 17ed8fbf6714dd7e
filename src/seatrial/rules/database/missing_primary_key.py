"""Table without a primary key

## What it finds
Classes with a table of which no column is a primary key.

## Why it bites
SQLAlchemy refuses the class while its module is imported: `ArgumentError: Mapper … could not assemble any primary key
columns for mapped table`. The server does not start.

## What is flagged
The class, where everything that it inherits can be read.

## What is not
Classes with a key of any column, inherited or put together by `PrimaryKeyConstraint`; those with `__table__` or
`__mapper_args__`.

## Fix safety
Safe where the class has a column called `id`: it becomes the key. Which column it is else, is for a person to say.

## Reference
https://docs.sqlalchemy.org/en/20/faq/ormconfiguration.html#how-do-i-map-a-table-that-has-no-primary-key
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Position
from seatrial.project.syntax.sites import last_name
from seatrial.rules.case import Case
from seatrial.rules.models import FAMILY, Column, Model
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each class."""
    loaded = {module.path for module in case.timeline.loaded}
    for model in case.code.models:
        if model.whole and not _has_key(model):
            fix = _fix(model)
            yield Finding(
                location=model.file.place(model.node),
                reach=Reach.BOOT if model.file.path in loaded else Reach.UNREACHED,
                problem=f"`{model.name}` has no primary key.",
                cause=f"None of the columns of `{model.table}` is one, and SQLAlchemy maps no table without.",
                fix=fix,
                no_fix_reason=None if fix else "Which column tells its rows apart is for a person to say.",
            )


def _has_key(model: Model) -> bool:
    if any(column.primary for column in model.columns) or "PrimaryKeyConstraint" in ast.unparse(model.node):
        return True
    return any(_is_alias(column) for column in model.columns)


def _is_alias(column: Column) -> bool:
    """`id: Mapped[key]`: what `key` stands for may hold the column."""
    node = column.node
    bare = isinstance(node, ast.AnnAssign) and node.value is None and column.type is not None
    return bare and column.type is not None and last_name(column.type) not in FAMILY


def _fix(model: Model) -> Fix | None:
    column = next((it for it in model.columns if it.name == "id"), None)
    call = getattr(column.node, "value", None) if column is not None else None
    if column is None or not isinstance(call, ast.Call) or call not in ast.walk(model.node):
        return None
    end = model.file.end(call)
    place = Position(end.line, end.column - 1)
    text = "primary_key=True" if not call.args and not call.keywords else ", primary_key=True"
    return Fix(Applicability.SAFE, "Let `id` be the key.", (Edit(model.file.path, place, place, text),))


_PROJECT = {
    "requirements.txt": "fastapi\nsqlalchemy\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from fastapi import FastAPI
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Task(Base):
    __tablename__ = "tasks"

    id: Mapped[int] = mapped_column({})
    title: Mapped[str] = mapped_column(String(80))


app = FastAPI()
"""

RULE = Rule(
    code="DB010",
    name="missing-primary-key",
    summary="A table has no primary key",
    check=check,
    fix="sometimes",
    requirements=("A4", "A8"),
    bad={**_PROJECT, "main.py": _MAIN.format("")},
    good={**_PROJECT, "main.py": _MAIN.format("primary_key=True")},
    expect=Expectation("main.py", 10, exception="ArgumentError"),
)
