"""Start that ends in an exception of the backend's own making

## What it finds
An exception that the start raises and that no other rule explains: a `raise`, a failed `assert`, an operation on
values that do not go together, a library that refuses what it is given.

## Why it bites
Nobody catches it, and the server ends with its traceback.

## What is flagged
The line of the backend that raises it, when the start certainly comes there.

## What is not
Exceptions that are caught, and those that only some circumstances raise.

## Fix safety
Safe where a built-in function stands for the type of that name in an annotation (`any | None` for `Any | None`). In
all other cases what the line should do is for a person to say.

## Reference
https://docs.python.org/3/library/exceptions.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.boot import Outcome
from seatrial.issue import Applicability, Edit, Fix, Measure, Verdict
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.edits import imported
from seatrial.rules.missing import Kind, kind_of
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Mishap, MissingModule, RaisedByCode, Reach, Refusal

_TYPES = {"any": "from typing import Any", "callable": "from collections.abc import Callable"}


def check(case: Case) -> Iterator[Finding]:
    """One finding for each place that certainly raises and is not told of by another rule."""
    seen: set[tuple[str, int]] = set()
    for mishap in case.timeline.mishaps:
        places = {(mishap.location.path, mishap.location.line)}
        places.update((frame.path, frame.line) for frame in mishap.failure.frames[-1:])
        if _is_ours(case, mishap) and not places & (case.told | seen):
            seen |= places
            yield _finding(case, mishap)


def _is_ours(case: Case, mishap: Mishap) -> bool:
    if mishap.reach not in (Reach.BOOT, Reach.STARTUP) or not mishap.certain or not mishap.location.path:
        return False
    if mishap.reads:  # it follows from a variable that nobody documents, which is told of where it is first read
        return False
    fault = mishap.fault
    lacks = isinstance(fault, MissingModule) and kind_of(case, fault) is Kind.UNDECLARED
    return lacks or isinstance(fault, RaisedByCode | Refusal)


def _finding(case: Case, mishap: Mishap) -> Finding:
    fix = _fix(case, mishap)
    first = mishap.failure.message.partition("\n")[0]
    name = mishap.failure.exception.rpartition(".")[2]
    return Finding(
        location=mishap.location,
        reach=mishap.reach,
        stage=mishap.failure.stage,
        problem=f"The start ends here with {name}{': ' + first if first else ''}".rstrip(".") + ".",
        cause=_cause(mishap),
        fix=fix,
        no_fix_reason=None if fix else "What this line should do instead is for a person to say.",
    )


def _cause(mishap: Mishap) -> str:
    fault = mishap.fault
    if isinstance(fault, Refusal):
        return f"`{fault.library}` refuses what it is given."
    if isinstance(fault, MissingModule):
        return "Nothing that is installed provides it."
    if isinstance(fault, RaisedByCode) and fault.operation in ("raise", "assert"):
        return "The code itself raises it, under the circumstances of this start."
    return "The values that meet here do not go together."


def _fix(case: Case, mishap: Mishap) -> Fix | None:
    """`any | None` and `callable | None`: the type is meant, and has to be imported."""
    file = case.code.file(mishap.location.path)
    if file is None or "builtin_function_or_method" not in mishap.failure.message:
        return None
    names = [name for name in _builtins_in_unions(file) if name.lineno == mishap.location.line]
    if not names:
        return None
    uses = [Edit(file.path, file.start(name), file.end(name), name.id.capitalize()) for name in names]
    imports = [imported(file, _TYPES[name]) for name in dict.fromkeys(name.id for name in names)]
    return Fix(Applicability.SAFE, "Name the type, not the function.", (*uses, *filter(None, imports)))


def _builtins_in_unions(file: CodeFile) -> Iterator[ast.Name]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            for side in (node.left, node.right):
                if isinstance(side, ast.Name) and side.id in _TYPES:
                    yield side


def measure(case: Case) -> Iterator[Measure]:
    """Whether the played start comes to serve."""
    boot, place = case.timeline.boot, case.target.location if case.target is not None else None
    if boot.outcome is Outcome.SERVES:
        yield Measure("A5", Verdict.HOLDS, "the application is imported and started to the end", place)
    elif boot.outcome is Outcome.UNKNOWN:
        yield Measure("A5", Verdict.CANNOT_TELL, f"the start cannot be followed: {boot.reason}", place)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_REST = """\
from fastapi import FastAPI

app = FastAPI()


def answer(value: {} | None) -> str:
    return str(value)


@app.get("/tasks")
def tasks() -> str:
    return answer(1)
"""

RULE = Rule(
    code="APP006",
    name="fails-at-start",
    summary="The start ends in an exception of the backend's own making",
    check=check,
    measure=measure,
    fix="sometimes",
    requirements=("A5", "A15"),
    bad={**_PROJECT, "main.py": _REST.format("any")},
    good={**_PROJECT, "main.py": "from typing import Any\n\n" + _REST.format("Any")},
    expect=Expectation("main.py", 6, exception="TypeError"),
    last=True,
)
