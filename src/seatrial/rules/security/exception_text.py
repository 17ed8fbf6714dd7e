"""The text of an exception is sent to whoever asked

## What it finds
An `except` or an exception handler of the application, for any exception, that puts its text into the answer.

## Why it bites
The text was written for the log: it names hosts, tables, columns and values, file paths, the statement that failed.
Of 104 public backends 42 send it to outsiders, who learn the schema by making requests fail.

## What is flagged
In `except Exception` (or a bare one, or the error of a database or network library), and in what is registered by
`exception_handler(Exception)`: `str(error)`, `{error}` or the traceback in the `detail` of an `HTTPException`, in the
content of a response, or in a dictionary that is returned. Once for each file.

## What is not
An exception that the code raises for its reader (`except ValueError as error` with a 400), text that goes to the log,
and what is sent only where a setting for development says so.

## Fix safety
Safe where the answer is a 5xx: its detail becomes a plain sentence, and the exception goes to the log with its
traceback. Review where it is another answer, which a client may read.

## Reference
https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html
https://cwe.mitre.org/data/definitions/209.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Applicability, Edit, Fix, Related, Severity, Stage
from seatrial.project.syntax.sites import Function, last_name
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.edits import imported, insert_before, replace
from seatrial.rules.observation import Answers, Request
from seatrial.rules.rule import Expectation, Finding, Rule

_BROAD = frozenset(
    "Exception BaseException SQLAlchemyError DBAPIError OperationalError IntegrityError DatabaseError ProgrammingError"
    " OSError IOError ConnectionError PostgresError RequestException HTTPError ClientError".split()
)
_WORTH = re.compile(r"except\b.*\bas\s+(\w+)\s*:|exception_handler\(")
_SETTING = re.compile(r"debug|devel|\bdev\b|environment|is_prod|production", re.IGNORECASE)
_ANSWERS = frozenset(
    {"HTTPException", "JSONResponse", "PlainTextResponse", "HTMLResponse", "Response", "ORJSONResponse"}
)
_PLAIN = '"Internal server error"'
_LOG = 'logging.getLogger(__name__).exception("The request failed")'


@dataclass(frozen=True, slots=True)
class _Catch:
    """Where any exception is caught: by which name, what is done then, and whether what is returned is the answer."""

    name: str
    body: list[ast.stmt]
    answers: bool


@dataclass(frozen=True, slots=True)
class _Leak:
    """One text of an exception in an answer: the expression, the statement around it, and whether it is a 5xx."""

    value: ast.expr
    statement: ast.stmt
    fails: bool
    catch: _Catch


def check(case: Case) -> Iterator[Finding]:
    """One finding for each file."""
    loaded = {module.path for module in case.timeline.loaded}
    for file in case.code.holding("except ", "exception_handler"):
        if _WORTH.search(file.text) is None:
            continue
        leaks = [leak for catch in _catches(file) for leak in _leaks(file, catch)]
        if leaks:
            yield _finding(case, file, leaks, file.path in loaded)


def _catches(file: CodeFile) -> Iterator[_Catch]:
    for handler in file.sites.handlers:
        if handler.name is None or not _is_broad(handler.type):
            continue
        function = file.sites.function_of(handler)
        if function is not None:
            yield _Catch(handler.name, handler.body, _is_endpoint(function))
    for function in _registered(file):
        if len(function.args.args) == 2:
            yield _Catch(function.args.args[1].arg, function.body, False)


def _registered(file: CodeFile) -> Iterator[Function]:
    """The functions of a file that it registers for any exception."""
    for name in ("exception_handler", "add_exception_handler"):
        for call in file.sites.calls.get(name, ()):
            if not call.args or not (_is_broad(call.args[0]) or ast.unparse(call.args[0]) == "500"):
                continue
            owner = file.sites.parent_of(call)
            given = call.args[1].id if len(call.args) > 1 and isinstance(call.args[1], ast.Name) else ""
            yield from (it for it in file.sites.functions if it is owner or it.name == given)


def _is_broad(caught: ast.expr | None) -> bool:
    types = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return bool({last_name(one) for one in types if one is not None} & _BROAD)


def _leaks(file: CodeFile, catch: _Catch) -> Iterator[_Leak]:
    for statement in catch.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and last_name(node.func) in _ANSWERS and not _for_developers(file, node):
                yield from _in_answer(file, catch, node)
            elif isinstance(node, ast.Return) and isinstance(node.value, ast.Dict) and catch.answers:
                for value in node.value.values:
                    if _tells(value, catch.name):
                        yield _Leak(value, node, False, catch)


def _for_developers(file: CodeFile, node: ast.AST) -> bool:
    """Whether a setting decides over it."""
    tests = (it.test for it in file.sites.around(node) if isinstance(it, ast.If | ast.IfExp))
    return any(_SETTING.search(ast.unparse(test)) for test in tests)


def _in_answer(file: CodeFile, catch: _Catch, call: ast.Call) -> Iterator[_Leak]:
    statement = file.sites.statement_of(call)
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    is_error = last_name(call.func) == "HTTPException"
    body = named.get("detail" if is_error else "content")
    position = 1 if is_error else 0
    if body is None and len(call.args) > position:
        body = call.args[position]
    status = named.get("status_code") or next(iter(call.args[0 if is_error else 1 :]), None)
    fails = status is not None and re.search(r"\b5\d\d\b|_5\d\d_", ast.unparse(status)) is not None
    for part in _parts(body):
        if statement is not None and _tells(part, catch.name):
            yield _Leak(part, statement, fails, catch)


def _parts(body: ast.expr | None) -> Iterator[ast.expr]:
    """The values of a dictionary and of those in it, or what else is sent."""
    if isinstance(body, ast.Dict):
        for value in body.values:
            yield from _parts(value)
    elif body is not None:
        yield body


def _tells(value: ast.expr, name: str | None) -> bool:
    """Whether an expression holds the exception's text, and not an attribute of it that was made for answers."""
    if isinstance(value, ast.Call):
        return last_name(value.func) in ("str", "repr", "format_exc") and (
            not value.args or (isinstance(value.args[0], ast.Name) and value.args[0].id == name)
        )
    if isinstance(value, ast.JoinedStr):
        held = [part.value for part in value.values if isinstance(part, ast.FormattedValue)]
        return any((isinstance(one, ast.Name) and one.id == name) or _tells(one, name) for one in held)
    if isinstance(value, ast.BinOp):
        return _tells(value.left, name) or _tells(value.right, name)
    return False


def _is_endpoint(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(it, ast.Call) and isinstance(it.func, ast.Attribute) for it in function.decorator_list)


def _finding(case: Case, file: CodeFile, leaks: list[_Leak], is_loaded: bool) -> Finding:
    first, *others = leaks
    place = file.place(first.value)
    return Finding(
        location=place,
        reach=case.reach_of(file.path, place.line),
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING if is_loaded else Severity.NOTE,
        problem="The text of whatever goes wrong is part of the answer."
        + (f" So it is in {len(others)} more places of this file." if others else ""),
        cause="The handler catches what it does not know, and hands its text on.",
        fix=_fix(file, leaks),
        related=tuple(Related(file.place(leak.value), "here too") for leak in others),
    )


def _fix(file: CodeFile, leaks: list[_Leak]) -> Fix:
    edits = [replace(file, leak.value, _PLAIN) for leak in leaks]
    silent = [leak for leak in leaks if not _logs(leak.catch)]
    lines: dict[int, Edit] = {}
    for leak in silent:
        edit = insert_before(file, leak.statement, _LOG)
        if edit is not None:
            lines[edit.start.line] = edit
    needed = imported(file, "import logging") if lines and not _has_logging(file) else None
    safe = Applicability.SAFE if all(leak.fails for leak in leaks) else Applicability.REVIEW
    return Fix(safe, "Answer with a plain sentence, and log the exception.", (*edits, *lines.values(), *_some(needed)))


def _some(edit: Edit | None) -> tuple[Edit, ...]:
    return (edit,) if edit is not None else ()


def _has_logging(file: CodeFile) -> bool:
    return any(
        isinstance(node, ast.Import) and any(alias.name == "logging" and not alias.asname for alias in node.names)
        for node in file.tree.body
    )


def _logs(catch: _Catch) -> bool:
    calls = (node for statement in catch.body for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any(last_name(call.func) in ("exception", "error", "critical", "capture_exception") for call in calls)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "import logging\n\nfrom fastapi import FastAPI, HTTPException, Request\n"
        "from fastapi.responses import JSONResponse\n\n"
        "app = FastAPI()\n\n\n"
        "def load() -> list[str]:\n"
        '    raise ConnectionError("db.internal.example:5432 refused user admin")\n\n\n'
        '@app.get("/tasks")\n'
        "def tasks() -> list[str]:\n"
        "    try:\n"
        "        return load()\n"
        "    except Exception as error:\n"
        '        raise HTTPException(status_code=500, detail=f"Failed: {error}")\n\n\n'
        "@app.exception_handler(Exception)\n"
        "async def failed(request: Request, error: Exception) -> JSONResponse:\n"
        '    return JSONResponse({"detail": str(error)}, status_code=500)\n\n\n'
        '@app.get("/report")\n'
        "def report() -> list[str]:\n"
        "    return load()\n"
    ),
}

RULE = Rule(
    code="SEC019",
    name="exception-text",
    summary="The text of an exception is sent to whoever asked",
    check=check,
    fix="always",
    requirements=("B10",),
    bad=_PROJECT,
    good={
        **_PROJECT,
        "main.py": _PROJECT["main.py"]
        .replace(
            '        raise HTTPException(status_code=500, detail=f"Failed: {error}")',
            f"        {_LOG}\n        raise HTTPException(status_code=500, detail={_PLAIN})",
        )
        .replace("str(error)", _PLAIN),
    },
    expect=Expectation(
        "main.py",
        18,
        stage=Stage.PRODUCTION,
        observation=Answers(Request("/report"), status=500, contains="db.internal.example"),
    ),
)
