"""Relationship or foreign key that leads nowhere

## What it finds
`relationship("Name")` of a class that no model is called, `back_populates` of an attribute that the other class does
not have, and `ForeignKey("table.column")` of a table or column that no model declares.

## Why it bites
SQLAlchemy looks such names up when the first query is made, not when the class is: the start succeeds and the first
request that needs any table answers 500 (`InvalidRequestError: … failed to locate a name`).

## What is flagged
The name, where every model can be read. A table that no model declares may still be there, made by something else: it
is a warning, as reading works and only making tables and writing rows does not.

## What is not
Tables that code declares in other ways (`Table(...)`, reflection), relationships without a name in text.

## Fix safety
For review: the one name that is nearest in spelling takes its place. None where no name is near.

## Reference
https://docs.sqlalchemy.org/en/20/orm/basic_relationships.html#late-evaluation-of-relationship-arguments
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from seatrial.issue import Applicability, Fix, Stage
from seatrial.rules.case import Case
from seatrial.rules.edits import replace as put
from seatrial.rules.models import Model, Relation
from seatrial.rules.resolving import meaning_of
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each name."""
    loaded = {module.path for module in case.timeline.loaded}
    models = [model for model in case.code.models if model.file.path in loaded]
    if not models or any(_is_elsewhere(case, path) for path in loaded):
        return
    classes = {node.name for path in loaded for node in _classes(case, path)}
    inherited = any(_inherits_a_table(case, path, models) for path in loaded)
    for model in models:
        yield from _relations(model, models, classes)
        if not inherited:
            yield from _keys(model, models)


def _classes(case: Case, path: str) -> list[ast.ClassDef]:
    file = case.code.file(path)
    return [node for node in file.tree.body if isinstance(node, ast.ClassDef)] if file is not None else []


def _inherits_a_table(case: Case, path: str, models: list[Model]) -> bool:
    """Whether some class has no table of its own, but may have one that a library's class gives it."""
    file = case.code.file(path)
    own = {(it.file.path, it.node.name) for it in models}
    mixed = [it for it in _classes(case, path) if len(it.bases) > 1 and (path, it.name) not in own]
    return file is not None and any(meaning_of(case.code, file, base) is None for it in mixed for base in it.bases)


def _is_elsewhere(case: Case, path: str) -> bool:
    """Whether a file makes tables or classes in ways that the text does not show."""
    text = case.code.text(path) or ""
    return any(word in text for word in ("Table(", "automap_base", "registry(", "create_model("))


def _relations(model: Model, models: list[Model], classes: set[str]) -> Iterator[Finding]:
    by_name = {it.name: it for it in models}
    for relation in model.relations:
        target = relation.target
        if target is None or relation.node not in model.node.body:
            continue
        name = str(target.value).rpartition(".")[2]
        if not name.isidentifier():
            continue
        other = by_name.get(name)
        if other is None and name not in classes:
            yield _finding(model, target, f"No model is called `{name}`.", name, by_name)
        elif (
            relation.back is not None
            and other is not None
            and other.whole
            and not _has(other, str(relation.back.value))
        ):
            back = str(relation.back.value)
            names = [it.name for it in other.relations]
            yield _finding(model, relation.back, f"`{name}` has no attribute `{back}`.", back, names)


def _unanswered(relation: Relation, other: Model | None) -> str | None:
    """The attribute that a relationship counts on and the other class does not have."""
    if relation.back is None or other is None or not other.whole or _has(other, str(relation.back.value)):
        return None
    return str(relation.back.value)


def _has(model: Model, name: str) -> bool:
    """Whether a class binds a name in any way."""
    return (
        any(it.name == name for it in model.relations)
        or any(it.name == name for it in model.columns)
        or f"{name}:" in ast.unparse(model.node)
    )


def _keys(model: Model, models: list[Model]) -> Iterator[Finding]:
    tables = {it.table: it for it in models}
    for column in model.columns:
        if column.foreign is None or column.node not in model.node.body:
            continue
        table, _, name = str(column.foreign.value).rpartition(".")
        other = tables.get(table)
        if not table or "." in table:
            continue
        if other is None:
            wanted = [f"{it}.{name}" for it in tables]
            said = f"No model declares the table `{table}`."
            yield replace(_finding(model, column.foreign, said, str(column.foreign.value), wanted), certain=False)
        elif other.whole and not any(it.name == name for it in other.columns) and f'"{name}"' not in other.file.text:
            wanted = [f"{table}.{it.name}" for it in other.columns]
            said = f"`{other.name}` has no column `{name}`."
            yield _finding(model, column.foreign, said, str(column.foreign.value), wanted)


def _finding(model: Model, node: ast.Constant, said: str, name: str, names: Iterable[str]) -> Finding:
    near = difflib.get_close_matches(name, list(names), 1, 0.7)
    written = model.file.source(node)
    text = f"{written[:1]}{near[0]}{written[-1:]}" if near and written[1:-1] == name else None
    explanation = f"Name `{near[0]}`." if near else ""
    fix = Fix(Applicability.REVIEW, explanation, (put(model.file, node, text),)) if text is not None else None
    return Finding(
        location=model.file.place(node),
        reach=Reach.REQUEST,
        problem=said,
        cause="SQLAlchemy looks the name up with the first query, and every request that needs a table fails.",
        fix=fix,
        no_fix_reason=None if fix else "No name of the models is near to it.",
    )


_PROJECT = {
    "requirements.txt": "fastapi\nsqlalchemy\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from fastapi import FastAPI
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Owner(Base):
    __tablename__ = "owners"
    id: Mapped[int] = mapped_column(primary_key=True)


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owners.id"))
    owner = relationship("{}")


engine = create_engine("sqlite:///tasks.db")
Base.metadata.create_all(engine)
app = FastAPI()


@app.get("/health")
def tasks() -> list[int]:
    with Session(engine) as session:
        return list(session.scalars(select(Task.id)))
"""

RULE = Rule(
    code="DB014",
    name="unresolved-reference",
    summary="A relationship or foreign key leads nowhere",
    check=check,
    fix="sometimes",
    requirements=("A4", "A6", "A8"),
    bad={**_PROJECT, "main.py": _MAIN.format("Ownr")},
    good={**_PROJECT, "main.py": _MAIN.format("Owner")},
    expect=Expectation("main.py", 19, stage=Stage.REQUEST, request="/health"),
)
