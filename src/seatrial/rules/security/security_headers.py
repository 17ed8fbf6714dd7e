"""No security headers are set

## What it finds
A backend whose answers carry none of the headers that browsers are told to be careful by.

## Why it bites
Without `X-Content-Type-Options: nosniff` a browser may run what a user uploaded; without
`Strict-Transport-Security` the first request of a day may go over plain HTTP; without `X-Frame-Options` a page can
be put under another.

## What is flagged
The application, where no file of the backend, and no configuration of a proxy beside it, names one of these
headers.

## What is not
Headers that are set anywhere in the code, by a library for them (`secure`), or by a proxy's file in the repository.

## Fix safety
Review: a middleware of six lines sets three headers. Strict-Transport-Security is a promise for a year: make it
when all of the domain is served by HTTPS.

## Reference
https://owasp.org/www-project-secure-headers/
https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Measure, Severity, Stage, Verdict
from seatrial.rules.case import Case
from seatrial.rules.edits import imported, insert_after
from seatrial.rules.observation import Answers, Request
from seatrial.rules.played import Written, applications
from seatrial.rules.rule import Expectation, Finding, Rule

_HEADERS = re.compile(
    r"x-content-type-options|x-frame-options|strict-transport-security|SecurityHeaders|SecureHeaders|secure_headers"
    r"|security_headers|(?:from|import) secure\b|HSTS",
    re.I,
)
_PROXY = re.compile(r"nginx.*\.conf|.*\.nginx|Caddyfile.*|traefik.*\.(?:ya?ml|toml)|.*\.conf")
_CODE = """

@app.middleware("http")
async def security_headers(request, call_next):
    response = await call_next(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response"""


def check(case: Case) -> Iterator[Finding]:
    """One finding, at the application that is made last, which is the one that is served."""
    found = applications(case)
    if not found or _is_named(case):
        return
    fix = _fix(found[-1])
    yield Finding(
        location=found[-1].place,
        reach=found[-1].call.reach,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem="No answer carries security headers.",
        cause="Neither the code nor a proxy's file sets one.",
        fix=fix,
        no_fix_reason=None if fix else "The application is made in a function: its middleware belongs there.",
    )


def _is_named(case: Case) -> bool:
    proxies = (path for path in case.tree.files if _PROXY.fullmatch(posixpath.basename(path)))
    return any(_HEADERS.search(case.code.text(path) or "") for path in (*case.code.names, *proxies))


def _fix(found: Written) -> Fix | None:
    file = found.file
    statement = file.sites.statement_of(found.node)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
    if statement not in file.tree.body or not isinstance(target, ast.Name) or not isinstance(statement, ast.stmt):
        return None
    code = _CODE.replace("@app.", f"@{target.id}.")
    code = code.replace("(request, call_next)", "(request: Request, call_next) -> Response")
    last = (statement.end_lineno or 0) == len([line for line in file.lines if line]) or not _followed(
        file.lines, statement
    )
    edit = insert_after(file, statement, code + ("" if last else "\n"))
    names: list[Edit | None] = [imported(file, f"from fastapi import {name}") for name in ("Request", "Response")]
    return None if edit is None else Fix(Applicability.REVIEW, "Set them.", (edit, *_merged(names)))


def _followed(lines: tuple[str, ...], statement: ast.stmt) -> bool:
    """Whether something else than a function, which has its own empty lines before it, comes next."""
    behind = lines[statement.end_lineno or 0 :]
    return bool(behind) and bool(behind[0].strip() or (len(behind) > 1 and behind[1].strip()))


def _merged(edits: list[Edit | None]) -> tuple[Edit, ...]:
    """Two names behind the same import are one edit."""
    kept = [edit for edit in edits if edit is not None]
    if len(kept) == 2 and kept[0].start == kept[1].start:
        joined = kept[0].text + kept[1].text
        if joined.count("from fastapi import") == 2:
            joined = kept[0].text.replace("import Request", "import Request, Response")
        return (Edit(kept[0].path, kept[0].start, kept[0].end, joined),)
    return tuple(kept)


def measure(case: Case) -> Iterator[Measure]:
    """Where a header is set."""
    proxies = (path for path in case.tree.files if _PROXY.fullmatch(posixpath.basename(path)))
    for path in (*case.code.names, *proxies):
        text = case.code.text(path) or ""
        match = _HEADERS.search(text)
        if match is not None:
            place = Location(path, text.count("\n", 0, match.start()) + 1)
            yield Measure("B7", Verdict.HOLDS, "security headers are set", place)
            return
    yield Measure("B7", Verdict.CANNOT_TELL, "no application is seen to be made")


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": "from fastapi import FastAPI, Request, Response\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="SEC014",
    name="security-headers",
    summary="No security headers are set",
    check=check,
    measure=measure,
    fix="sometimes",
    requirements=("B7",),
    bad=_PROJECT,
    good={
        **_PROJECT,
        "main.py": _PROJECT["main.py"]
        + _CODE.replace("(request, call_next)", "(request: Request, call_next) -> Response")
        + "\n",
    },
    expect=Expectation(
        "main.py",
        3,
        stage=Stage.PRODUCTION,
        observation=Answers(Request("/openapi.json"), 200, lacks=("X-Content-Type-Options",)),
    ),
)
