"""Table that is declared twice

## What it finds
Two classes of the same base with one table name; one module with tables that is imported under two names.

## Why it bites
SQLAlchemy refuses the second: `InvalidRequestError: Table 'tasks' is already defined for this MetaData instance`, while
its module is imported. The server does not start.

## What is flagged
The class that comes second, where the start loads both; where one file is loaded as `models` and as `app.models`, its
first table.

## What is not
Classes that say `extend_existing`, and those of different bases.

## Fix safety
No exact fix: which of two classes is the table, or under which name the module is to be imported, is for a person to
say.

## Reference
https://docs.sqlalchemy.org/en/20/core/metadata.html#sqlalchemy.schema.Table.params.extend_existing
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from seatrial.issue import Related
from seatrial.rules.case import Case
from seatrial.rules.models import Model
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each table, one for each file that is loaded twice."""
    order = {module.path: module.order for module in case.timeline.loaded}
    known: dict[tuple[object, str], Model] = {}
    for model in sorted(case.code.models, key=lambda it: (order.get(it.file.path, 0), it.node.lineno)):
        if model.file.path not in order or model.extends() or not model.base:
            continue
        first = known.setdefault((model.base, model.table), model)
        if first is not model:
            yield _finding(model, first)
    yield from _loaded_twice(case)


def _finding(model: Model, first: Model) -> Finding:
    place = first.file.place(first.node)
    return Finding(
        location=model.file.place(model.node),
        reach=Reach.BOOT,
        problem=f"The table `{model.table}` is declared twice.",
        cause=f"`{first.name}` ({place.path}:{place.line}) declares it already, for the same metadata.",
        no_fix_reason="Which of the two classes the table is for a person to say.",
        related=(Related(place, "the first declaration"),),
    )


def _loaded_twice(case: Case) -> Iterator[Finding]:
    times = Counter(module.path for module in case.timeline.loaded)
    for model in case.code.models:
        if times[model.file.path] > 1:
            names = [module.name for module in case.timeline.loaded if module.path == model.file.path]
            times[model.file.path] = 0
            yield Finding(
                location=model.file.place(model.node),
                reach=Reach.BOOT,
                problem=f"The table `{model.table}` is declared twice, by one file.",
                cause=f"The file is imported as {' and as '.join(f'`{name}`' for name in names)}: two modules.",
                no_fix_reason="By which of its names it is to be imported is for a person to say.",
            )


_PROJECT = {
    "requirements.txt": "fastapi\nsqlalchemy\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from fastapi import FastAPI
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)


class Archived(Base):
    __tablename__ = "{}"
    id: Mapped[int] = mapped_column(primary_key=True)


app = FastAPI()
"""

RULE = Rule(
    code="DB012",
    name="duplicate-table",
    summary="A table is declared twice",
    check=check,
    fix="never",
    requirements=("A4", "A8"),
    bad={**_PROJECT, "main.py": _MAIN.format("tasks")},
    good={**_PROJECT, "main.py": _MAIN.format("archived_tasks")},
    expect=Expectation("main.py", 14, exception="InvalidRequestError"),
)
