"""A middleware cannot be made

## What it finds
`add_middleware` with arguments that the middleware's class does not take, without one that it needs, or with an
instance where the class is meant.

## Why it bites
The middleware is made when the application is first called, long after the line that adds it. uvicorn takes the
exception for "no lifespan" and reports that it has started; from then on every request is answered with 500
(`TypeError: CORSMiddleware.__init__() got an unexpected keyword argument 'allow_orgins'`). The lifespan is never
entered.

## What is flagged
The call, by the signature of the installed class or of your own.

## What is not
Classes whose arguments cannot be told (`*args, **kwargs`).

## Fix safety
Safe where one argument's name is misspelt, or the instance is written in the call: its class and arguments are handed
over instead. Otherwise what the argument should be is for a person to say.

## Reference
https://fastapi.tiangolo.com/advanced/middleware/
https://starlette.dev/middleware/
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.libraries.values import External, ExternalInstance
from seatrial.project.syntax.sites import last_name
from seatrial.rules.asynchronous import EventLoop
from seatrial.rules.case import Case
from seatrial.rules.code import FunctionNode
from seatrial.rules.played import APPLICATION, Written, written
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_ADDING = tuple(f"{app}.add_middleware" for app in APPLICATION)
_UNEXPECTED = re.compile(r"unexpected keyword argument '(\w+)'")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each call."""
    met = {
        (it.location.path, it.location.line): it.failure.message
        for it in case.timeline.mishaps
        if it.reach is Reach.REQUEST and it.failure.exception == "TypeError"
    }
    for added in written(case, *_ADDING):
        message = met.get((added.call.location.path, added.call.location.line), "")
        if message:
            yield _finding(added, message, _respelt(case, added, message))
        elif _is_instance(added):
            name = last_name(_class_call(added).func)
            message = f"{name}.__call__() missing 2 required positional arguments: 'receive' and 'send'"
            yield _finding(added, message, _handed_over(added))


def _class_call(added: Written) -> ast.Call:
    given = added.node.args[0]
    assert isinstance(given, ast.Call)
    return given


def _is_instance(added: Written) -> bool:
    """Whether an object is added that is made in the call, of a library's middleware class."""
    given = added.node.args[0] if added.node.args else None
    played = [it for it in added.call.args if isinstance(it, ExternalInstance) and it.type.name.endswith("Middleware")]
    return isinstance(given, ast.Call) and last_name(given.func).endswith("Middleware") and bool(played)


def _finding(added: Written, message: str, fix: Fix | None) -> Finding:
    return Finding(
        location=added.place,
        reach=Reach.REQUEST,
        stage=Stage.REQUEST,
        severity=Severity.ERROR,
        problem="This middleware cannot be made, so every request is answered with 500.",
        cause=f"TypeError: {message}.",
        fix=fix,
        no_fix_reason=None if fix else "What the argument should be is for a person to say.",
    )


def _respelt(case: Case, added: Written, message: str) -> Fix | None:
    match = _UNEXPECTED.search(message)
    keyword = added.keyword(match[1]) if match is not None else None
    known = _parameters(case, added) - {it.arg for it in added.node.keywords}
    near = difflib.get_close_matches(keyword.arg or "", sorted(known), n=2, cutoff=0.8) if keyword is not None else []
    if keyword is None or len(near) != 1:
        return None
    start = added.file.position(keyword.lineno, keyword.col_offset)
    value = added.file.start(keyword.value)
    return Fix(Applicability.SAFE, f"Spell it `{near[0]}`.", (Edit(added.file.path, start, value, f"{near[0]}="),))


def _parameters(case: Case, added: Written) -> set[str]:
    """The names of what the class takes."""
    defined = EventLoop(case).defined(added.file, added.node.args[0]) if added.node.args else None
    if defined is not None and isinstance(defined[1], ast.ClassDef):
        made = (it for it in defined[1].body if isinstance(it, FunctionNode) and it.name == "__init__")
        return {argument.arg for it in made for argument in (*it.args.args, *it.args.kwonlyargs)}
    played = next((it for it in added.call.args if isinstance(it, External)), None)
    module, _, name = played.name.rpartition(".") if played is not None else ("", "", "")
    signature = case.packages.signature(module, name) if name else None
    return {it.name for it in signature.parameters} if signature is not None else set()


def _handed_over(added: Written) -> Fix | None:
    """`add_middleware(Class, a=b)` for `add_middleware(Class(app, a=b))`."""
    given, file = _class_call(added), added.file
    if len(added.node.args) != 1 or added.node.keywords or len(given.args) != 1:
        return None
    if any(it.arg is None for it in given.keywords):
        return None
    parts = [file.source(given.func), *(f"{it.arg}={file.source(it.value)}" for it in given.keywords)]
    edit = Edit(file.path, file.start(given), file.end(given), ", ".join(parts))
    return Fix(Applicability.SAFE, "Hand over the class and its arguments.", (edit,))


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware

app = FastAPI()
app.add_middleware(GZipMiddleware, {}=500)


@app.get("/")
def read() -> str:
    return "well"
"""

RULE = Rule(
    code="APP017",
    name="unmade-middleware",
    summary="A middleware cannot be made",
    check=check,
    fix="sometimes",
    requirements=("A5",),
    bad={**_PROJECT, "main.py": _MAIN.format("minimal_size")},
    good={**_PROJECT, "main.py": _MAIN.format("minimum_size")},
    expect=Expectation("main.py", 5, stage=Stage.REQUEST, request="/"),
)
