"""The text of an exception is sent to whoever asked

## What it finds
A handler of any exception that puts the exception's text into its answer.

## Why it bites
The text was written for the log: it names hosts, tables, columns and values, file paths, the statement that failed.
Of 104 public backends 42 send it to outsiders, who learn the schema by making requests fail.

## What is flagged
In `except Exception` (or a bare one, or the error of a database or network library): `str(error)` or `{error}` in
the `detail` of an `HTTPException`, in the content of a response, or in a dictionary that is returned. Once for each
file.

## What is not
An exception that the code raises for its reader (`except ValueError as error` with a 400), and text that goes to
the log.

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
from seatrial.project.syntax_sites import last_name
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.edits import imported, insert_before, replace
from seatrial.rules.observation import Answers, Request
from seatrial.rules.rule import Expectation, Finding, Rule

_BROAD = frozenset(
    "Exception BaseException SQLAlchemyError DBAPIError OperationalError IntegrityError DatabaseError ProgrammingError"
    " OSError IOError ConnectionError PostgresError RequestException HTTPError ClientError".split()
)
_WORTH = re.compile(r"except\b.*\bas\s+(\w+)\s*:")
_ANSWERS = frozenset(
    {"HTTPException", "JSONResponse", "PlainTextResponse", "HTMLResponse", "Response", "ORJSONResponse"}
)
_PLAIN = '"Internal server error"'
_LOG = 'logging.getLogger(__name__).exception("The request failed")'


@dataclass(frozen=True, slots=True)
class _Leak:
    """One text of an exception in an answer: the expression, the statement around it, and whether it is a 5xx."""

    value: ast.expr
    statement: ast.stmt
    fails: bool
    handler: ast.ExceptHandler


def check(case: Case) -> Iterator[Finding]:
    """One finding for each file."""
    loaded = {module.path for module in case.timeline.loaded}
    for file in case.code.holding("except "):
        if _WORTH.search(file.text) is None:
            continue
        leaks = [leak for handler in file.sites.handlers if _is_broad(handler) for leak in _leaks(file, handler)]
        if leaks:
            yield _finding(case, file, leaks, file.path in loaded)


def _is_broad(handler: ast.ExceptHandler) -> bool:
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {last_name(one) for one in types if one is not None}
    return handler.name is not None and bool(names & _BROAD)


def _leaks(file: CodeFile, handler: ast.ExceptHandler) -> Iterator[_Leak]:
    function = file.sites.function_of(handler)
    if function is None:
        return
    for statement in handler.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and last_name(node.func) in _ANSWERS:
                yield from _in_answer(file, handler, node)
            elif isinstance(node, ast.Return) and isinstance(node.value, ast.Dict) and _is_endpoint(function):
                for value in node.value.values:
                    if _tells(value, handler.name):
                        yield _Leak(value, node, False, handler)


def _in_answer(file: CodeFile, handler: ast.ExceptHandler, call: ast.Call) -> Iterator[_Leak]:
    statement = file.sites.statement_of(call)
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    is_error = last_name(call.func) == "HTTPException"
    body = named.get("detail" if is_error else "content")
    position = 1 if is_error else 0
    if body is None and len(call.args) > position:
        body = call.args[position]
    status = named.get("status_code") or next(iter(call.args[0 if is_error else 1 :]), None)
    fails = status is not None and re.search(r"\b5\d\d\b|_5\d\d_", ast.unparse(status)) is not None
    parts = body.values if isinstance(body, ast.Dict) else [body]
    for part in parts:
        if part is not None and statement is not None and _tells(part, handler.name):
            yield _Leak(part, statement, fails, handler)


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
    silent = [leak for leak in leaks if not _logs(leak.handler)]
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


def _logs(handler: ast.ExceptHandler) -> bool:
    calls = (node for statement in handler.body for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any(last_name(call.func) in ("exception", "error", "critical", "capture_exception") for call in calls)


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "import logging\n\nfrom fastapi import FastAPI, HTTPException\n\n"
        "app = FastAPI()\n\n\n"
        "def load() -> list[str]:\n"
        '    raise ConnectionError("db.internal.example:5432 refused user admin")\n\n\n'
        '@app.get("/tasks")\n'
        "def tasks() -> list[str]:\n"
        "    try:\n"
        "        return load()\n"
        "    except Exception as error:\n"
        '        raise HTTPException(status_code=500, detail=f"Failed: {error}")\n'
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
        "main.py": _PROJECT["main.py"].replace(
            '        raise HTTPException(status_code=500, detail=f"Failed: {error}")',
            f"        {_LOG}\n        raise HTTPException(status_code=500, detail={_PLAIN})",
        ),
    },
    expect=Expectation(
        "main.py",
        17,
        stage=Stage.PRODUCTION,
        observation=Answers(Request("/tasks"), status=500, contains="db.internal.example"),
    ),
)
