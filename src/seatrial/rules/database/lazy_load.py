"""Rows that belong to an object are loaded where nobody can wait for them

## What it finds
A collection of an object (`user.tasks`) that is read in an async function, of an object whose query did not load it.

## Why it bites
The collection is loaded when it is first read, by a query of its own. An attribute cannot be awaited, so with an
async session that query fails: `MissingGreenlet: greenlet_spawn has not been called`, and the request with 500.

## What is flagged
The attribute, in the function that loads the object by `session.get` or by `select(Model)`; and the `return` of such
an object by a route whose response model has a field of the collection's name.

## What is not
Collections with `lazy="selectin"` or another that loads with the object, queries with `options(...)`, what
`session.refresh(object, [...])` has loaded, and objects that the function has made itself.

## Fix safety
Safe: the query loads the collection too, by `selectinload`: one query more, when the object is loaded.

## Reference
https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Applicability, Edit, Fix, Related, Stage
from seatrial.project.syntax.sites import last_name
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.edits import imported
from seatrial.rules.models import Model, Relation
from seatrial.rules.resolving import definition_of, meaning_of
from seatrial.rules.rule import Expectation, Finding, Rule

_ASKING = ("execute", "exec", "scalar", "scalars", "get", "get_one")
_MANY = re.compile(r"\b(?:list|set|List|Set|Sequence|Collection|WriteOnlyMapped|DynamicMapped)\b")


@dataclass(frozen=True, slots=True)
class _Loaded:
    """One awaited query: the model of its rows, the call in which it is named, and whether that is `session.get`."""

    model: Model
    call: ast.Call
    by_key: bool


def check(case: Case) -> Iterator[Finding]:
    """One finding for each function and collection."""
    collections = {
        (model.name, relation.name): (model, relation)
        for model in case.code.models
        for relation in model.relations
        if _is_lazy(relation) and _is_many(case, model, relation)
    }
    names = {model.name for model, _ in collections.values()}
    for file in case.code.holding(*sorted(names)) if names else ():
        for function in file.sites.functions:
            if isinstance(function, ast.AsyncFunctionDef) and names & _mentioned(file, function):
                yield from _in_function(case, file, function, collections)


def _mentioned(file: CodeFile, function: ast.AsyncFunctionDef) -> set[str]:
    text = "\n".join(file.lines[function.lineno - 1 : function.end_lineno])
    return set(re.findall(r"\w+", text)) if "await" in text else set()


def _is_lazy(relation: Relation) -> bool:
    return "lazy" not in ast.unparse(relation.node)


def _is_many(case: Case, model: Model, relation: Relation) -> bool:
    """Whether a relationship leads to many rows, as far as the text says."""
    text = ast.unparse(relation.node)
    if isinstance(relation.node, ast.AnnAssign):
        return _MANY.search(ast.unparse(relation.node.annotation)) is not None
    target = next((it for it in case.code.models if relation.target and it.name == relation.target.value), None)
    if target is None or "uselist" in text or "dynamic" in text:
        return False
    foreign = [str(column.foreign.value) for column in model.columns if column.foreign is not None]
    return not any(it.startswith(f"{target.table}.") for it in foreign)


def _in_function(
    case: Case,
    file: CodeFile,
    function: ast.AsyncFunctionDef,
    collections: dict[tuple[str, str], tuple[Model, Relation]],
) -> Iterator[Finding]:
    nodes = [node for node in ast.walk(function) if file.sites.function_of(node) is function]
    loaded = _rows(case, file, nodes)
    seen: set[tuple[str, str]] = set()
    for node in nodes:
        for name, relation, place in _read(case, file, function, node, collections, loaded):
            if (name, relation.name) not in seen and not _is_refreshed(nodes, name):
                seen.add((name, relation.name))
                yield _finding(case, file, loaded[name], relation, place)


def _rows(case: Case, file: CodeFile, nodes: list[ast.AST]) -> dict[str, _Loaded]:
    """The names that hold an object which an awaited query has loaded; those bound twice are not followed."""
    queries = dict(_assignments(nodes))
    found: dict[str, _Loaded] = {}
    for name, value in _assignments(nodes):
        loaded = _loaded(case, file, value, queries)
        if loaded is not None and not _is_result(value):
            found[name] = loaded
    every = [name for name, _ in _assignments(nodes)]
    return {name: loaded for name, loaded in found.items() if every.count(name) == 1}


def _assignments(nodes: list[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _loaded(
    case: Case, file: CodeFile, value: ast.expr, queries: dict[str, ast.expr], depth: int = 0
) -> _Loaded | None:
    """The query behind an expression: `(await s.execute(select(A))).scalar_one()`, `result.first()`."""
    for node in ast.walk(value):
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            return _of_query(case, file, node.value, queries)
    base = value
    while isinstance(base, ast.Call | ast.Attribute):
        base = base.func if isinstance(base, ast.Call) else base.value
    if isinstance(base, ast.Name) and base is not value and base.id in queries and depth < 2:
        return _loaded(case, file, queries[base.id], queries, depth + 1)
    return None


def _of_query(case: Case, file: CodeFile, call: ast.Call, queries: dict[str, ast.expr]) -> _Loaded | None:
    if last_name(call.func) not in _ASKING or not call.args:
        return None
    given = call.args[0]
    if last_name(call.func) in ("get", "get_one"):
        model = _model(case, file, given)
        plain = len(call.args) == 2 and not any(it.arg == "options" for it in call.keywords)
        return _Loaded(model, call, True) if model is not None and plain else None
    given = queries.get(given.id, given) if isinstance(given, ast.Name) else given
    if "options" in ast.unparse(given) or "join" in ast.unparse(given):
        return None
    for node in ast.walk(given):
        if isinstance(node, ast.Call) and last_name(node.func) == "select" and len(node.args) == 1:
            model = _model(case, file, node.args[0])
            return _Loaded(model, node, False) if model is not None else None
    return None


def _model(case: Case, file: CodeFile, node: ast.expr) -> Model | None:
    meaning = meaning_of(case.code, file, node)
    found = definition_of(case.code, meaning) if meaning is not None else None
    return next((it for it in case.code.models if found is not None and it.node is found[1]), None)


def _is_result(value: ast.expr) -> bool:
    """Whether a name holds the result of a query and not an object of it: `result = await session.execute(...)`."""
    asked = value.value if isinstance(value, ast.Await) else None
    return isinstance(asked, ast.Call) and last_name(asked.func) in ("execute", "exec", "scalars")


def _read(
    case: Case,
    file: CodeFile,
    function: ast.AsyncFunctionDef,
    node: ast.AST,
    collections: dict[tuple[str, str], tuple[Model, Relation]],
    loaded: dict[str, _Loaded],
) -> Iterator[tuple[str, Relation, ast.expr]]:
    """What a node reads of an object's collections: by an attribute, or by giving it to the response model."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
        held = loaded.get(node.value.id)
        found = collections.get((held.model.name, node.attr)) if held is not None else None
        if found is not None and held is not None and found[0] is held.model:
            yield node.value.id, found[1], node
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Name):
        held = loaded.get(node.value.id)
        fields = _fields(case, file, function) if held is not None else set()
        for (model, name), (owner, relation) in collections.items():
            if held is not None and model == held.model.name and owner is held.model and name in fields:
                yield node.value.id, relation, node.value


def _fields(case: Case, file: CodeFile, function: ast.AsyncFunctionDef) -> set[str]:
    """The fields of the response model of a route."""
    for decorator in function.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "response_model":
                return set(_named(case, file, keyword.value, 0))
    routes = any(isinstance(it, ast.Call) and isinstance(it.func, ast.Attribute) for it in function.decorator_list)
    return set(_named(case, file, function.returns, 0)) if routes and function.returns is not None else set()


def _named(case: Case, file: CodeFile, node: ast.expr, depth: int) -> Iterator[str]:
    """The annotated names of a class and of those that it derives from; `list[Model]` is looked into."""
    if isinstance(node, ast.Subscript) and last_name(node.value) in ("list", "List", "Sequence", "Optional"):
        node = node.slice
    meaning = meaning_of(case.code, file, node)
    found = definition_of(case.code, meaning) if meaning is not None else None
    if found is None or not isinstance(found[1], ast.ClassDef) or depth > 5:
        return
    if any(keyword.arg == "table" for keyword in found[1].keywords):
        return  # a table's own relationships are no fields
    for statement in found[1].body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id
    for base in found[1].bases:
        yield from _named(case, found[0], base, depth + 1)


def _is_refreshed(nodes: list[ast.AST], name: str) -> bool:
    """Whether the function has an object's collections loaded by `refresh`."""
    calls = (node for node in nodes if isinstance(node, ast.Call) and last_name(node.func) == "refresh")
    return any(len(it.args) + len(it.keywords) > 1 and ast.unparse(it.args[0]) == name for it in calls if it.args)


def _finding(case: Case, file: CodeFile, loaded: _Loaded, relation: Relation, place: ast.expr) -> Finding:
    fix = _fix(file, loaded, relation)
    where = file.place(place)
    return Finding(
        location=where,
        reach=case.reach_of(file.path, where.line),
        problem=f"`{relation.name}` of `{loaded.model.name}` is loaded here, where nobody can wait for it.",
        cause="The query did not load it, and an async session cannot do so unasked.",
        fix=fix,
        related=(Related(file.place(loaded.call), "loaded without it"),),
    )


def _fix(file: CodeFile, loaded: _Loaded, relation: Relation) -> Fix:
    named = file.source(loaded.call.args[0])
    option = f"selectinload({named}.{relation.name})"
    if loaded.by_key:
        end = file.end(loaded.call.args[-1])
        edit = Edit(file.path, end, end, f", options=[{option}]")
    else:
        end = file.end(loaded.call)
        edit = Edit(file.path, end, end, f".options({option})")
    needed = imported(file, "from sqlalchemy.orm import selectinload")
    return Fix(Applicability.SAFE, "Load it with the object.", (edit, *((needed,) if needed is not None else ())))


_PROJECT = {
    "requirements.txt": "aiosqlite\nfastapi\nsqlalchemy[asyncio]\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import ForeignKey, StaticPool, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship{}

engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    tasks: Mapped[list["Task"]] = relationship()


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with sessions() as session:
        session.add(User(id=1, tasks=[Task(id=1)]))
        await session.commit()
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/count")
async def count() -> int:
    async with sessions() as session:
        user = (await session.scalars(select(User){})).one()
        return len(user.tasks)
"""

RULE = Rule(
    code="DB020",
    name="lazy-load",
    summary="Rows that belong to an object are loaded where nobody can wait for them",
    check=check,
    fix="always",
    requirements=("A4",),
    bad={**_PROJECT, "main.py": _MAIN.format("", "")},
    good={**_PROJECT, "main.py": _MAIN.format(", selectinload", ".options(selectinload(User.tasks))")},
    expect=Expectation("main.py", 46, stage=Stage.REQUEST, request="/count"),
)
