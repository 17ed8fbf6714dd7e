"""Foreign key of another type than the column it refers to

## What it finds
Columns whose foreign key leads to a column of another kind: text to UUID, an integer to text.

## Why it bites
SQLite does not mind. PostgreSQL refuses to make the table: `foreign key constraint … cannot be implemented: Key columns
are of incompatible types`. A start that makes its tables ends there, and so does a migration.

## What is flagged
The column with the foreign key. Where the start makes the tables in PostgreSQL it stops there.

## What is not
Integers of different sizes, texts of different lengths, and types that cannot be read from the text.

## Fix safety
For review: the column's own type goes, and SQLAlchemy gives it that of the column it refers to; SQLModel's annotation
becomes that of the other. A table that exists needs a migration.

## Reference
https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Related, Severity, Stage
from seatrial.project.syntax.sites import last_name
from seatrial.rules.case import Case
from seatrial.rules.databases import made
from seatrial.rules.edits import imported, replace
from seatrial.rules.models import Column, Model
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each column."""
    tables = {model.table: model for model in case.code.models}
    for model in case.code.models:
        for column in model.columns:
            found = _referred(tables, column)
            if found is not None and column.family and found[1].family and column.family != found[1].family:
                yield _finding(case, model, column, *found)


def _referred(tables: dict[str, Model], column: Column) -> tuple[Model, Column] | None:
    table, _, name = str(column.foreign.value).rpartition(".") if column.foreign is not None else ("", "", "")
    model = tables.get(table.rpartition(".")[2])
    found = next((it for it in model.columns if it.name == name), None) if model is not None else None
    return (model, found) if model is not None and found is not None else None


def _finding(case: Case, model: Model, column: Column, other: Model, key: Column) -> Finding:
    assert column.type is not None
    assert key.type is not None
    fix = _fix(model, column, other, key)
    here, there = ast.unparse(column.type), ast.unparse(key.type)
    stops = _makes_tables(case)
    place = other.file.place(key.node)
    return Finding(
        location=model.file.place(column.node),
        reach=stops or Reach.REQUEST,
        stage=None if stops else Stage.PRODUCTION,
        severity=None if stops else Severity.WARNING,
        problem=f"`{column.name}` is `{here}`, and refers to `{other.table}.{key.name}`, which is `{there}`.",
        cause="PostgreSQL makes no foreign key between types that cannot be compared.",
        fix=fix,
        no_fix_reason=None if fix else "How the type is written cannot be edited exactly.",
        related=(Related(place, f"`{there}`"),),
    )


def _makes_tables(case: Case) -> Reach | None:
    """From where the start makes the tables, where that is in PostgreSQL."""
    if not any(url.dialect == "postgresql" for _, url in made(case.timeline)):
        return None
    calls = (it for it in case.timeline.calls if it.callee.endswith(".create_all") and it.certain)
    return next((it.reach for it in calls if it.reach in (Reach.BOOT, Reach.STARTUP)), None)


def _fix(model: Model, column: Column, other: Model, key: Column) -> Fix | None:
    if column.type is None or key.type is None or column.node not in model.node.body:
        return None
    call = getattr(column.node, "value", None)
    if isinstance(call, ast.Call) and column.type in call.args:
        return _untyped(model, call, column.type)
    if not isinstance(key.node, ast.AnnAssign) or not last_name(key.type):
        return None
    edits = [replace(model.file, column.type, ast.unparse(key.type))]
    name = last_name(key.type)
    binding = other.file.bindings.get(name)
    if name not in model.file.bindings and binding is not None and binding.kind == "import" and "." in binding.source:
        module = binding.source.rpartition(".")[0]
        added = imported(model.file, f"from {module} import {name}")
        edits += [added] if added is not None else []
    return Fix(Applicability.REVIEW, f"Give it the type of `{other.table}.{key.name}`.", tuple(edits))


def _untyped(model: Model, call: ast.Call, given: ast.expr) -> Fix | None:
    """Without a type of its own a column has that of the column it refers to."""
    behind = call.args[call.args.index(given) + 1 :]
    if not behind:
        return None
    edit = Edit(model.file.path, model.file.start(given), model.file.start(behind[0]), "")
    return Fix(Applicability.REVIEW, "Leave its type to the foreign key.", (edit,))


_PROJECT = {
    "requirements.txt": "fastapi\npsycopg[binary]\nsqlalchemy\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql+psycopg://user:password@localhost:5432/app\n",
}
_MAIN = """\
import os
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import ForeignKey, String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Owner(Base):
    __tablename__ = "{table}_owners"
    id: Mapped[UUID] = mapped_column(primary_key=True)


class Task(Base):
    __tablename__ = "{table}_tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id = mapped_column({kind}ForeignKey("{table}_owners.id"))


engine = create_engine(os.environ["DATABASE_URL"], pool_pre_ping=True)
try:
    Base.metadata.create_all(engine)
except ConnectionError:
    print("The database does not answer yet")
app = FastAPI()
"""

RULE = Rule(
    code="DB013",
    name="foreign-key-type",
    summary="A foreign key has another type than the column it refers to",
    check=check,
    fix="sometimes",
    requirements=("A4",),
    bad={**_PROJECT, "main.py": _MAIN.format(table="typed", kind="String, ")},
    good={**_PROJECT, "main.py": _MAIN.format(table="typed", kind="")},
    expect=Expectation("main.py", 21, exception="DatatypeMismatch", database=True),
)
