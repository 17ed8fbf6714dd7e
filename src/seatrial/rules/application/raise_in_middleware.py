"""A middleware raises HTTPException, which nobody turns into an answer

## What it finds
`raise HTTPException(...)` in the `dispatch` of a middleware, or in a function that `@app.middleware("http")` makes one.

## Why it bites
FastAPI turns an `HTTPException` into an answer further in, round the routes. A middleware stands outside of that:
what it raises goes past, and the client gets `500 Internal Server Error` in the place of the 401 or 429 that was
meant, with a traceback in the log for each.

## What is flagged
The `raise`, in a middleware that the start adds.

## What is not
A `raise` inside a `try` that handles it or within another middleware that does, and dependencies and routes, where it
is the right way.

## Fix safety
Safe: the same status, detail and headers are returned as a `JSONResponse`, as FastAPI itself would have made it.

## Reference
https://fastapi.tiangolo.com/tutorial/middleware/
https://starlette.dev/exceptions/#errors-and-handled-exceptions
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Related, Severity, Stage
from seatrial.project.syntax.sites import last_name
from seatrial.rules.asynchronous import EventLoop
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, FunctionNode
from seatrial.rules.edits import imported
from seatrial.rules.observation import Answers, Request
from seatrial.rules.played import APPLICATION, Written, written
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_ADDING = (
    "starlette.middleware.Middleware",
    *(f"{a}.{n}" for a in APPLICATION for n in ("add_middleware", "middleware")),
)
_CAUGHT = frozenset({"HTTPException", "StarletteHTTPException", "Exception", "BaseException"})


def check(case: Case) -> Iterator[Finding]:
    """One finding for each middleware."""
    loop = EventLoop(case)
    seen: set[ast.AST] = set()
    every = [(added, *found) for added in written(case, *_ADDING) for found in _functions(loop, added)]
    for index, (added, file, function) in enumerate(every):
        raised = list(_raised(file, function)) if function not in seen else []
        seen.add(function)
        if raised and not any(_handles_all(outer) for _, _, outer in every[index + 1 :]):
            yield _finding(added, file, raised)


def _functions(loop: EventLoop, added: Written) -> Iterator[tuple[CodeFile, FunctionNode]]:
    """The function that a middleware runs for each request."""
    given = added.node.args[0] if added.node.args else None
    if given is None or isinstance(given, ast.Constant):  # a decorator: the function below it
        function = added.file.sites.parent_of(added.node)
        if isinstance(function, FunctionNode):
            yield added.file, function
        return
    defined = loop.defined(added.file, given)
    body = defined[1].body if defined is not None and isinstance(defined[1], ast.ClassDef) else []
    for method in body:
        if isinstance(method, FunctionNode) and method.name == "dispatch" and defined is not None:
            yield defined[0], method


def _raised(file: CodeFile, function: FunctionNode) -> Iterator[ast.Raise]:
    for node in ast.walk(function):
        if not isinstance(node, ast.Raise) or file.sites.function_of(node) is not function:
            continue
        name = last_name(node.exc.func) if isinstance(node.exc, ast.Call) else ""
        if name in ("HTTPException", "StarletteHTTPException") and not _is_caught(file, node, function):
            yield node


def _handles_all(function: FunctionNode) -> bool:
    """Whether a middleware further out may make answers of what is raised within."""
    return any(isinstance(it, ast.ExceptHandler) and _handles(it) for it in ast.walk(function))


def _is_caught(file: CodeFile, node: ast.AST, function: FunctionNode) -> bool:
    """Whether a `try` of the function handles what is raised there."""
    inner = node
    for outer in file.sites.around(node):
        if outer is function:
            return False
        if isinstance(outer, ast.Try) and inner in outer.body and any(map(_handles, outer.handlers)):
            return True
        inner = outer
    return False


def _handles(handler: ast.ExceptHandler) -> bool:
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(one is None or last_name(one) in _CAUGHT for one in types)


def _finding(added: Written, file: CodeFile, raised: list[ast.Raise]) -> Finding:
    first, *others = raised
    every = [_edits(file, it) for it in raised]
    whole = [edit for edits in every for edit in edits]
    response = imported(file, "from fastapi.responses import JSONResponse") if not _has_response(file) else None
    whole += [response] if response is not None else []
    fix = Fix(Applicability.SAFE, "Return the answer.", tuple(whole)) if all(every) else None
    return Finding(
        location=file.place(first),
        reach=Reach.REQUEST,
        stage=Stage.REQUEST,
        severity=Severity.ERROR,
        problem="What this middleware raises is answered with 500.",
        cause="HTTPException is turned into an answer within the middleware, round the routes; here it goes past.",
        fix=fix,
        no_fix_reason=None if fix else "Return a JSONResponse with this status and detail.",
        related=(Related(added.place, "added here"), *(Related(file.place(it), "here too") for it in others)),
    )


def _has_response(file: CodeFile) -> bool:
    return any(alias.name == "JSONResponse" for site in file.imports if site.at_top for alias in site.node.names)


def _edits(file: CodeFile, node: ast.Raise) -> tuple[Edit, ...]:
    """`return JSONResponse(status_code=..., content={"detail": ...})`, laid out as before, if that can be."""
    call = node.exc
    assert isinstance(call, ast.Call)
    given = dict(zip(("status_code", "detail", "headers"), call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    starred = any(isinstance(it, ast.Starred) for it in call.args) or any(it.arg is None for it in call.keywords)
    if starred or "status_code" not in given or "detail" not in given:
        return ()
    start, end = file.start(node), file.end(given["detail"])
    edits = [Edit(file.path, start, file.end(call.func), "return JSONResponse")]
    for name, value in given.items():
        text = 'content={"detail": ' if name == "detail" else f"{name}="
        keyword = next((it for it in call.keywords if it.arg == name), None)
        first = file.start(value) if keyword is None else file.position(keyword.lineno, keyword.col_offset)
        edits.append(Edit(file.path, first, file.start(value), text))
    edits += [Edit(file.path, end, end, "}")]
    edits += [Edit(file.path, file.end(call), file.end(node), "")] if node.cause is not None else []
    return tuple(edits)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

app = FastAPI()


@app.middleware("http")
async def limit(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    if request.headers.get("user-agent") == "":
        {}
    return await call_next(request)
"""

RULE = Rule(
    code="APP016",
    name="raise-in-middleware",
    summary="A middleware raises HTTPException, which nobody turns into an answer",
    check=check,
    fix="sometimes",
    requirements=("A5", "B10"),
    bad={**_PROJECT, "main.py": _MAIN.format('raise HTTPException(status_code=429, detail="Who are you?")')},
    good={
        **_PROJECT,
        "main.py": _MAIN.replace("HTTPException, ", "").format(
            'return JSONResponse(status_code=429, content={"detail": "Who are you?"})'
        ),
    },
    expect=Expectation(
        "main.py",
        12,
        stage=Stage.REQUEST,
        observation=Answers(Request("/", headers=(("User-Agent", ""),)), status=500),
    ),
)
