"""A route takes a row by its id and does not ask whose it is

## What it finds
A route for signed-in users that loads a row by the id in its path, and uses the user for nothing.

## Why it bites
Ids are counted up, or shared in links. Whoever is signed in changes the number, and reads, changes or deletes what
is another user's: the most common hole of APIs.

## What is flagged
A function of a route with an id in its path and the current user among its parameters, which never mentions that
user in its body, and looks up a row by `session.get(Model, id)` or `Model.id == id`. As a note: the database or a
policy may decide.

## What is not
Functions that use the user in any way, routes for administrators, and rows that belong to nobody.

## Fix safety
Never: which column holds the owner, and whether others may look, is for you to say.

## Reference
https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/
https://cheatsheetseries.owasp.org/cheatsheets/Insecure_Direct_Object_Reference_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Evidence, Severity, Stage
from seatrial.project.syntax.sites import Function
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.observation import Answers, Request
from seatrial.rules.rule import Expectation, Finding, Rule

_USER = re.compile(
    r"(?:current|auth|logged|signed|active)\w*user|get_user|get_current|verify_token|require_user|\buser_id\b", re.I
)
_NAMED = re.compile(r"^_?(?:current_)?(?:user|user_id|account|principal)$|current_user|_user$", re.I)
_ADMIN = re.compile(r"admin|superuser|staff|role|permission", re.I)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each function."""
    loaded = {module.path for module in case.timeline.loaded}
    for file in case.code.holding("Depends", "Annotated"):
        if file.path not in loaded or "_id" not in file.text:
            continue
        for function in file.sites.functions:
            found = _found(file, function)
            if found is not None:
                yield _finding(case, file, function, *found)


def _found(file: CodeFile, function: Function) -> tuple[str, str, ast.AST] | None:
    """The user's parameter, the id's, and where the row is looked up."""
    head = " ".join(ast.unparse(it) for it in (*function.decorator_list, function.args))
    ids = [name for name in re.findall(r"\{(\w+)(?::\w+)?\}", head) if name == "id" or name.endswith("_id")]
    user = _user(function)
    if not ids or not user or _ADMIN.search(head):
        return None
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    if any(isinstance(node, ast.Name) and node.id == user for node in nodes):
        return None
    row = next((node for node in nodes if _looks_up(node, ids[-1])), None)
    return (user, ids[-1], row) if row is not None else None


def _user(function: Function) -> str:
    arguments = [*function.args.args, *function.args.kwonlyargs]
    defaults: list[ast.expr | None] = [None] * (len(function.args.args) - len(function.args.defaults))
    given = [*defaults, *function.args.defaults, *function.args.kw_defaults]
    for argument, default in zip(arguments, given, strict=True):
        said = " ".join(ast.unparse(part) for part in (argument.annotation, default) if part is not None)
        if _NAMED.search(argument.arg) and (_USER.search(said) or "CurrentUser" in said):
            return argument.arg
    return ""


def _looks_up(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        return len(node.args) == 2 and isinstance(node.args[1], ast.Name) and node.args[1].id == name
    if isinstance(node, ast.Compare) and len(node.comparators) == 1 and isinstance(node.ops[0], ast.Eq):
        left, right = node.left, node.comparators[0]
        return (
            isinstance(left, ast.Attribute) and left.attr == "id" and isinstance(right, ast.Name) and right.id == name
        )
    return False


def _finding(case: Case, file: CodeFile, function: Function, user: str, name: str, row: ast.AST) -> Finding:
    place = file.place(row) if isinstance(row, ast.expr) else file.place(function)
    return Finding(
        location=place,
        reach=case.reach_of(file.path, place.line),
        stage=Stage.PRODUCTION,
        severity=Severity.NOTE,
        problem=f"`{function.name}` takes whatever row has this `{name}`, whoever it belongs to.",
        cause=f"`{user}` is asked for, and then used for nothing.",
        no_fix_reason="Which column holds the owner, and who else may look, is for a person to say.",
        evidence=(Evidence("the signed-in user is a parameter", f"{file.path}:{function.lineno}"),),
    )


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\nsqlmodel\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import Depends, FastAPI, Header, HTTPException\n"
        "from sqlmodel import Field, Session, SQLModel, StaticPool, create_engine\n\n"
        'engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)\n'
        "app = FastAPI()\n\n\n"
        "class Task(SQLModel, table=True):\n"
        "    id: int | None = Field(default=None, primary_key=True)\n"
        "    owner: str\n\n\n"
        "def get_current_user(x_user: str = Header()) -> str:\n"
        "    return x_user\n\n\n"
        '@app.post("/tasks")\n'
        "def add_task(user: str = Depends(get_current_user)) -> int | None:\n"
        "    SQLModel.metadata.create_all(engine)\n"
        "    with Session(engine) as session:\n"
        "        task = Task(owner=user)\n"
        "        session.add(task)\n"
        "        session.commit()\n"
        "        return task.id\n\n\n"
        '@app.get("/tasks/{task_id}")\n'
        "def get_task(task_id: int, user: str = Depends(get_current_user)) -> Task:\n"
        "    with Session(engine) as session:\n"
        "        task = session.get(Task, task_id)\n"
        "    if task is None:\n"
        "        raise HTTPException(status_code=404)\n"
        "    return task\n"
    ),
}

RULE = Rule(
    code="SEC021",
    name="foreign-rows",
    summary="A route takes a row by its id and does not ask whose it is",
    check=check,
    fix="never",
    requirements=("D3",),
    bad=_PROJECT,
    good={**_PROJECT, "main.py": _PROJECT["main.py"].replace("task is None:", "task is None or task.owner != user:")},
    expect=Expectation(
        "main.py",
        30,
        stage=Stage.PRODUCTION,
        observation=Answers(
            Request("/tasks/1", headers=(("X-User", "mallory"),)),
            status=200,
            contains="alice",
            before=(Request("/tasks", "POST", headers=(("X-User", "alice"),)),),
        ),
    ),
)
