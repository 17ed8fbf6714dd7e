"""A secret has a fallback

## What it finds
A variable that tokens or sessions are signed with, whose default is a text in the code.

## Why it bites
Nothing fails where the variable is forgotten or misspelt: production signs tokens with a key that is public. One in
three public FastAPI backends runs so.

## What is flagged
`os.getenv("JWT_SECRET", "dev-secret")` and its kin, and a field of a settings class with such a default. An error
for what signs tokens and sessions.

## What is not
An empty default, one that is made at random, one that the code refuses outside development, and passwords of a
database on the developer's own machine.

## Fix safety
Review: the default goes, and the example gets a line. Without the variable the start then fails, and says its name:
set it before you deploy.

## Reference
https://12factor.net/config
https://cwe.mitre.org/data/definitions/1188.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Measure, Severity, Stage, Verdict
from seatrial.project.settings_environment import is_apart
from seatrial.project.settings_facts import EnvRead
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.observation import Answers, Request
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.secrets import from_environment, is_signing, masked
from seatrial.rules.templates import added, line_for

_LITERAL = re.compile(r"(?:Secret(?:Str|Bytes)\()?(?P<text>[rbuf]?(?P<quote>[\"'])(?P<value>.*)(?P=quote))\)?")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each read."""
    loaded = {module.path for module in case.timeline.loaded}
    for read in case.settings.reads:
        value = _literal(read)
        if value is None or not is_signing(read.name) or is_apart(read.location.path) or _is_for_tests(read):
            continue
        file = case.code.file(read.location.path)
        if file is None or _is_refused(file, value):
            continue
        fix = _fix(case, file, read)
        yield Finding(
            location=read.location,
            reach=case.reach_of(file.path, read.location.line),
            stage=Stage.PRODUCTION,
            severity=Severity.ERROR if file.path in loaded else Severity.NOTE,
            problem=f"`{read.name}` falls back to a text in the code: {masked(value)}.",
            cause="Where the variable is not set, tokens are signed with what everybody can read.",
            fix=fix,
            no_fix_reason=None if fix else "The default is written in a way that is not edited.",
        )


def _is_for_tests(read: EnvRead) -> bool:
    return re.search(r"(?:^|[/_])tests?(?:ing)?(?:[/_.]|$)|(?:^|/)conftest", read.location.path) is not None or (
        read.owner.startswith("Test") or read.owner.endswith(("Test", "Testing", "TestSettings", "TestConfig"))
    )


def _literal(read: EnvRead) -> str | None:
    match = _LITERAL.fullmatch(read.default or "")
    return match["value"] if match and match["value"].strip() else None


def _is_refused(file: CodeFile, value: str) -> bool:
    """Whether the code compares with the default elsewhere, which it does to refuse it."""
    return file.text.count(value) > 1 and ("raise" in file.text or "warn" in file.text)


def _fix(case: Case, file: CodeFile, read: EnvRead) -> Fix | None:
    edits = _field(case, file, read) if read.owner else _call(case, file, read)
    if edits is None:
        return None
    return Fix(Applicability.REVIEW, f"Require {read.name}, and set it where the backend runs.", edits)


def _call(case: Case, file: CodeFile, read: EnvRead) -> tuple[Edit, ...] | None:
    for node in (*file.sites.calls.get("getenv", ()), *file.sites.calls.get("get", ())):
        here = node.lineno == read.location.line and len(node.args) == 2
        by_name = here and isinstance(node.args[0], ast.Constant) and node.args[0].value == read.name
        if by_name and file.full_name(node.func) in ("os.getenv", "os.environ.get"):
            return from_environment(case, file, node, read.name)
    return None


def _field(case: Case, file: CodeFile, read: EnvRead) -> tuple[Edit, ...] | None:
    classes = (node for node in file.tree.body if isinstance(node, ast.ClassDef) and node.name == read.owner)
    for statement in (statement for owner in classes for statement in owner.body):
        if isinstance(statement, ast.AnnAssign) and statement.lineno == read.location.line:
            if not isinstance(statement.value, ast.Constant):
                return None
            cut = Edit(file.path, file.end(statement.annotation), file.end(statement.value), "")
            documented = any(item.name == read.name and item.value for item in case.papers.documented)
            line = (
                () if documented else added(case, [line_for(case, read.name)], "Required: nobody else may know these.")
            )
            return (cut, *line)
    return None


_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.PMAN-hkFUeP0c_Bgr84IZxZzXIzIWq5nX6m_NrCUyWo"


def measure(case: Case) -> Iterator[Measure]:
    """The signing secrets without which there is no start."""
    reads = [it for it in case.settings.reads if is_signing(it.name) and not is_apart(it.location.path)]
    for read in reads:
        if read.required:
            yield Measure("C7", Verdict.HOLDS, f"{read.name} has to be set: it has no fallback", read.location)
    if not any(read.required for read in reads):
        yield Measure("C7", Verdict.CANNOT_TELL, "no signing secret is read from the environment as a required one")


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npydantic-settings\npyjwt\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "import jwt\nfrom fastapi import FastAPI, Header, HTTPException\n"
        "from pydantic_settings import BaseSettings\n\n\n"
        "class Settings(BaseSettings):\n"
        '    jwt_secret: str = "a-secret-that-everybody-can-read-here"\n\n\n'
        "settings = Settings()\n"
        "app = FastAPI()\n\n\n"
        '@app.get("/me")\n'
        "def me(authorization: str = Header()) -> dict[str, str]:\n"
        "    try:\n"
        '        return jwt.decode(authorization.removeprefix("Bearer "), settings.jwt_secret, algorithms=["HS256"])\n'
        "    except jwt.PyJWTError:\n"
        '        raise HTTPException(status_code=401, detail="Not signed in") from None\n'
    ),
}

RULE = Rule(
    code="SEC002",
    name="fallback-secret",
    summary="A secret has a fallback",
    check=check,
    measure=measure,
    fix="sometimes",
    requirements=("B4", "B5", "C7"),
    bad=_PROJECT,
    good={
        **_PROJECT,
        ".env.example": "# openssl rand -hex 32\nJWT_SECRET=change-me-openssl-rand-hex-32\n",
        "main.py": _PROJECT["main.py"].replace(' = "a-secret-that-everybody-can-read-here"', ""),
    },
    expect=Expectation(
        "main.py",
        7,
        stage=Stage.PRODUCTION,
        observation=Answers(Request("/me", headers=(("Authorization", f"Bearer {_TOKEN}"),)), status=200),
    ),
)
