"""A secret is written to the log

## What it finds
A secret that is printed or logged as it stands.

## Why it bites
Logs go where secrets must not: to the platform's console, a log service, a colleague's terminal, a ticket. There
they are kept for months, and searched by more people than may sign tokens.

## What is flagged
A name such as `SECRET_KEY`, `settings.jwt_secret`, `DATABASE_URL` or `password` among the arguments of `print` or
of a logger, or in an f-string there.

## What is not
Whether a secret is set (`bool(key)`, `key is not None`), its length, and a part of it.

## Fix safety
Safe: the secret's place is taken by `***`.

## Reference
https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html#data-to-exclude
https://cwe.mitre.org/data/definitions/532.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Position, Severity, Stage
from seatrial.project.syntax.sites import last_name
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.observation import Prints
from seatrial.rules.rule import Expectation, Finding, Rule

_NAME = re.compile(
    r"(?:^|_)(?:secret|secret_key|jwt_secret|api_key|apikey|private_key|password|passwd|database_url|db_url|db_password"
    r"|better_auth_secret|access_token|refresh_token|auth_token)$",
    re.I,
)
_LEVELS = ("debug", "info", "warning", "warn", "error", "critical", "exception", "log", "success")
_WORTH = ("print(", "logger", "logging", "log.")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each secret in a call."""
    loaded = {module.path for module in case.timeline.loaded}
    for file in case.code.holding(*_WORTH):
        if _NAME.search(file.text) is None and not re.search(_NAME.pattern.rstrip("$") + r"\b", file.text, re.I):
            continue
        for call in _logging(file):
            for node in _secrets(call):
                yield _finding(case, file, node, file.path in loaded)


def _logging(file: CodeFile) -> Iterator[ast.Call]:
    for node in file.sites.calls.get("print", ()):
        if isinstance(node.func, ast.Name):
            yield node
    for level in _LEVELS:
        for node in file.sites.calls.get(level, ()):
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            if owner is not None and re.search(r"log", ast.unparse(owner), re.I):
                yield node


def _secrets(call: ast.Call) -> Iterator[ast.expr]:
    """The names of secrets that are handed over whole."""
    for argument in call.args:
        parts = [argument]
        if isinstance(argument, ast.JoinedStr):
            parts = [part.value for part in argument.values if isinstance(part, ast.FormattedValue)]
        for part in parts:
            if isinstance(part, ast.Name | ast.Attribute) and _NAME.search(last_name(part)):
                yield part


def _finding(case: Case, file: CodeFile, node: ast.expr, is_loaded: bool) -> Finding:
    name = ast.unparse(node)
    edit = _edit(file, node)
    place = file.place(file.sites.statement_of(node) or node)
    return Finding(
        location=place,
        reach=case.reach_of(file.path, place.line),
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING if is_loaded else Severity.NOTE,
        problem=f"`{name}` is written to the log.",
        cause="It is handed to it whole.",
        fix=Fix(Applicability.SAFE, "Write `***` in its place.", (edit,)) if edit else None,
        no_fix_reason=None if edit else "The text is written in a way that is not edited.",
    )


def _edit(file: CodeFile, node: ast.expr) -> Edit | None:
    text = next((it for it in file.sites.around(node) if isinstance(it, ast.JoinedStr)), None)
    if text is None:
        return Edit(file.path, file.start(node), file.end(node), '"***"')
    # Python before 3.12 does not say where in an f-string a value stands: it is looked for in the line.
    line = file.lines[text.lineno - 1]
    found = list(re.finditer(r"\{" + re.escape(ast.unparse(node)) + r"(?:![rsa])?\}", line))
    if text.lineno != text.end_lineno or len(found) != 1:
        return None
    start, end = found[0].span()
    return Edit(file.path, Position(text.lineno, start + 1), Position(text.lineno, end + 1), "***")


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "# openssl rand -hex 32\nJWT_SECRET=change-me-openssl-rand-hex-32\n",
    "main.py": (
        "import os\n\nfrom fastapi import FastAPI\n\n"
        'JWT_SECRET = os.environ["JWT_SECRET"]\n'
        'print(f"Starting with {JWT_SECRET}")\n'
        "app = FastAPI()\n"
    ),
}
_VALUE = "kept-out-of-the-code-0123456789abcdef"

RULE = Rule(
    code="SEC004",
    name="logged-secret",
    summary="A secret is written to the log",
    check=check,
    fix="sometimes",
    requirements=("B5", "B10"),
    bad=_PROJECT,
    good={**_PROJECT, "main.py": _PROJECT["main.py"].replace("{JWT_SECRET}", "***")},
    environment={"JWT_SECRET": _VALUE},
    expect=Expectation("main.py", 6, stage=Stage.PRODUCTION, observation=Prints(_VALUE)),
)
