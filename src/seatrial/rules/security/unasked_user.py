"""A route takes from its path whose data it touches, and asks nobody who they are

## What it finds
A route with a user's id in its path that reads or changes what is theirs, without anything that would ask who is
calling.

## Why it bites
The id in the path is what the caller wants to be, not who they are. Whoever has another's id, from a link, a list or
by counting, reads, changes and deletes what is theirs, without even signing in.

## What is flagged
A route such as `/{user_id}/tasks`, or one that changes `/users/{user_id}`, for which no security scheme, credential
or dependency that tells of users is found at the endpoint, its dependencies, router or application. As an error where
other routes of the backend do ask; as a warning where none does. Once for each file.

## What is not
Backends with a middleware that tells of tokens or sign-in, dependencies that cannot be followed, and what is read of
`/users/{user_id}` itself, which may be a public profile.

## Fix safety
Never: how a caller proves who they are is for you to say. With a dependency that does, compare its user with the one
of the path.

## Reference
https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/
https://fastapi.tiangolo.com/tutorial/security/get-current-user/
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Location, Related, Severity, Stage
from seatrial.rules.asynchronous import EventLoop
from seatrial.rules.case import Case
from seatrial.rules.code import FunctionNode
from seatrial.rules.endpoints import Endpoint, endpoints
from seatrial.rules.guards import Guards
from seatrial.rules.observation import Answers, Request
from seatrial.rules.played import APPLICATION, Written, written
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_USER = re.compile(r"\{(user_id|userId|owner_id|account_id)(?::\w+)?\}(?P<below>/\w)?")
_CHANGES = frozenset({"PUT", "PATCH", "DELETE"})
_SIGN_IN = re.compile(r"auth|token|jwt|bearer|session|credential|api.?key", re.IGNORECASE)
_ADDING = (
    "starlette.middleware.Middleware",
    *(f"{a}.{n}" for a in APPLICATION for n in ("add_middleware", "middleware")),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each file."""
    every = list(endpoints(case))
    suspects = [it for it in every if _is_personal(it)]
    if not suspects or any(_tells_of_users(case, it) for it in written(case, *_ADDING)):
        return
    guards = Guards(case.code)
    open_ones: dict[str, list[Endpoint]] = {}
    for endpoint in suspects:
        if not guards.of(endpoint.route) and not _asks_itself(endpoint):
            open_ones.setdefault(endpoint.file.path, []).append(endpoint)
    others_ask = bool(open_ones) and any(guards.of(it.route) for it in every)
    for found in open_ones.values():
        yield _finding(found, others_ask)


def _is_personal(endpoint: Endpoint) -> bool:
    """Whether the path names a user and the route something of theirs, or changes them."""
    match = _USER.search(endpoint.route.path)
    if match is None or not _uses(endpoint, match[1]):
        return False
    return match["below"] is not None or bool(_CHANGES & set(endpoint.route.methods))


def _uses(endpoint: Endpoint, name: str) -> bool:
    nodes = (node for statement in endpoint.node.body for node in ast.walk(statement))
    return any(isinstance(node, ast.Name) and node.id == name for node in nodes)


def _asks_itself(endpoint: Endpoint) -> bool:
    """Whether the function has the request, a header or a cookie to look at."""
    arguments = endpoint.node.args
    said = " ".join(ast.unparse(it) for it in (*arguments.args, *arguments.kwonlyargs, *arguments.defaults))
    return re.search(r"\b(?:Request|Header|Cookie|Security)\b|token|current_|auth", said) is not None


def _tells_of_users(case: Case, added: Written) -> bool:
    """Whether a middleware may ask who is calling."""
    given = added.node.args[0] if added.node.args else None
    if given is None or isinstance(given, ast.Constant):
        function = added.file.sites.parent_of(added.node)
        return isinstance(function, FunctionNode) and _SIGN_IN.search(ast.unparse(function)) is not None
    if ast.unparse(given).endswith("CORSMiddleware"):
        return False
    defined = EventLoop(case).defined(added.file, given)
    text = ast.unparse(defined[1]) if defined is not None else ast.unparse(given)
    return _SIGN_IN.search(text) is not None


def _finding(found: list[Endpoint], others_ask: bool) -> Finding:
    first, *others = found
    name = f"{next(iter(first.route.methods), 'GET')} {first.route.path}"
    return Finding(
        location=_head(first),
        reach=Reach.REQUEST,
        stage=Stage.PRODUCTION,
        severity=Severity.ERROR if others_ask else Severity.WARNING,
        problem=f"{name} gives anybody what belongs to the user named in its path.",
        cause="Other routes ask who is calling; nothing does here."
        if others_ask
        else "No route of this backend asks who is calling.",
        no_fix_reason="How a caller proves who they are is for a person to say.",
        related=tuple(Related(_head(it), f"so does {it.route.path}") for it in others),
    )


def _head(endpoint: Endpoint) -> Location:
    """The line of the `def`."""
    start = endpoint.file.position(endpoint.node.lineno, endpoint.node.col_offset)
    return Location(endpoint.file.path, start.line, start.column)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPBasic, HTTPBasicCredentials

USERS = {{"alice": "open sesame"}}
TASKS = {{"alice": ["call the lawyer"]}}
app = FastAPI()


def get_current_user(given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> str:
    if USERS.get(given.username) != given.password:
        raise HTTPException(status_code=401)
    return given.username


@app.get("/me")
def me(user: Annotated[str, Depends(get_current_user)]) -> str:
    return user


@app.get("/{{user_id}}/tasks")
def tasks({}
    return TASKS[user_id]
"""

RULE = Rule(
    code="SEC022",
    name="unasked-user",
    summary="A route takes from its path whose data it touches, and asks nobody who they are",
    check=check,
    fix="never",
    requirements=("D3",),
    bad={**_PROJECT, "main.py": _MAIN.format("user_id: str) -> list[str]:")},
    good={
        **_PROJECT,
        "main.py": _MAIN.format(
            "user_id: str, user: Annotated[str, Depends(get_current_user)]) -> list[str]:\n"
            "    if user != user_id:\n        raise HTTPException(status_code=404)"
        ),
    },
    expect=Expectation(
        "main.py",
        23,
        stage=Stage.PRODUCTION,
        observation=Answers(Request("/alice/tasks"), status=200, contains="call the lawyer"),
    ),
)
