"""A secret is written into the code

## What it finds
A text in the code by which tokens or sessions are signed, or which is given the name of a secret and looks like
one.

## Why it bites
Everybody who can read the repository, its forks, an image or a backup can sign a token as any user. A secret in the
code is the same in development and production, and cannot be changed without a deployment.

## What is flagged
A literal key of `jwt.encode`, `jwt.decode` or `SessionMiddleware`, written there or bound to a name or a class
without base in the backend's own code (an error); and a name such as `API_KEY` or `DB_PASSWORD` that is bound to a
text which a machine made (a warning). Likewise the address of a database elsewhere with its password. The report
shows two characters of a secret.

## What is not
Values from the environment, defaults of settings (SEC002), texts that stand for a secret, tests.

## Fix safety
Review: the value comes from the environment, with a line in the example. Set the variable before you deploy, to a
new value: the old one stays in the history of the repository.

## Reference
https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
https://cwe.mitre.org/data/definitions/798.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Location, Related, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.observation import Answers, Request
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.secrets import (
    credentials_in,
    from_environment,
    is_secret,
    looks_random,
    masked,
    stands_for_one,
    variable_for,
)
from seatrial.rules.tokens import keys, literal_of

_WORDS = ("KEY", "SECRET", "PASSWORD", "PASSWD", "TOKEN", "_key", "secret", "password")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each text."""
    loaded = {module.path for module in case.timeline.loaded}
    told: dict[Location, list[Location]] = {}
    texts: dict[Location, tuple[CodeFile, ast.Constant]] = {}
    for file, call, key in keys(case):
        found = literal_of(case, file, key)
        if found is not None and len(str(found[1].value)) > 3:
            place = found[0].place(found[1])
            texts[place] = found
            told.setdefault(place, []).append(file.place(call))
    for place, uses in told.items():
        severity = Severity.ERROR if place.path in loaded else Severity.NOTE
        yield _finding(case, *texts[place], severity, uses)
    for file in case.code.holding(*_WORDS):
        for node in _named(file):
            if file.place(node) not in told:
                yield _finding(case, file, node, Severity.WARNING if file.path in loaded else Severity.NOTE, [])

    for file in case.code.holding("://"):
        for place, host in _addresses(file):
            yield _address(case, file, place, host, Severity.ERROR if file.path in loaded else Severity.NOTE)


def _addresses(file: CodeFile) -> Iterator[tuple[Location, str]]:
    """The URLs with a password for a server elsewhere that a text of the code holds, each line once."""
    for match in credentials_in(file.text):
        line = file.text.count("\n", 0, match.start()) + 1
        if "#" not in file.lines[line - 1].partition(match[0])[0]:
            column = match.start() - (file.text.rfind("\n", 0, match.start()) + 1) + 1
            yield Location(file.path, line, column, line, column + len(match[0])), match["host"]


def _address(case: Case, file: CodeFile, place: Location, host: str, severity: Severity) -> Finding:
    return Finding(
        location=place,
        reach=case.reach_of(file.path, place.line),
        stage=Stage.PRODUCTION,
        severity=severity,
        problem=f"The password for {host} is written into the code.",
        cause="Whoever reads the code can connect to that server.",
        no_fix_reason="Change the password first, as it stays in the history; then read the address from a variable.",
    )


def _named(file: CodeFile) -> Iterator[ast.Constant]:
    bodies = [file.tree.body, *(node.body for node in file.tree.body if isinstance(node, ast.ClassDef))]
    for statement in (statement for body in bodies for statement in body):
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            text = statement.value.value
            named = any(isinstance(it, ast.Name) and is_secret(it.id) for it in statement.targets)
            if named and isinstance(text, str) and looks_random(text) and not stands_for_one(text):
                yield statement.value


def _finding(case: Case, file: CodeFile, node: ast.Constant, severity: Severity, uses: list[Location]) -> Finding:
    place, text = file.place(node), str(node.value)
    name = variable_for(_name_of(file, node))
    what = "What tokens are signed with" if uses else "A secret"
    return Finding(
        location=place,
        reach=case.reach_of(place.path, place.line),
        stage=Stage.PRODUCTION,
        severity=severity,
        problem=f"{what} is written into the code: {masked(text)}.",
        cause="Whoever reads the code can sign tokens as any user." if uses else "Whoever reads the code has it.",
        fix=Fix(
            Applicability.REVIEW,
            f"Read it from {name}, and set that to a new value where the backend runs.",
            from_environment(case, file, node, name),
        ),
        related=tuple(Related(use, "used here") for use in dict.fromkeys(uses) if use.line != place.line),
    )


def _name_of(file: CodeFile, node: ast.Constant) -> str:
    statement = file.sites.statement_of(node)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
    return target.id if isinstance(target, ast.Name) else "JWT_SECRET"


_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.PMAN-hkFUeP0c_Bgr84IZxZzXIzIWq5nX6m_NrCUyWo"
_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npyjwt\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "import os\n\nimport jwt\nfrom fastapi import FastAPI, Header, HTTPException\n\n"
        'JWT_SECRET = "a-secret-that-everybody-can-read-here"\n\n'
        'app = FastAPI(title=os.environ.get("TITLE", "Tasks"))\n\n\n'
        '@app.get("/me")\n'
        "def me(authorization: str = Header()) -> dict[str, str]:\n"
        "    try:\n"
        '        return jwt.decode(authorization.removeprefix("Bearer "), JWT_SECRET, algorithms=["HS256"])\n'
        "    except jwt.PyJWTError:\n"
        '        raise HTTPException(status_code=401, detail="Not signed in") from None\n'
    ),
}

RULE = Rule(
    code="SEC001",
    name="hardcoded-secret",
    summary="A secret is written into the code",
    check=check,
    fix="sometimes",
    requirements=("B5", "C7"),
    bad=_PROJECT,
    good={
        **_PROJECT,
        ".env.example": "# openssl rand -hex 32\nJWT_SECRET=change-me-openssl-rand-hex-32\n",
        "main.py": _PROJECT["main.py"].replace('"a-secret-that-everybody-can-read-here"', 'os.environ["JWT_SECRET"]'),
    },
    expect=Expectation(
        "main.py",
        6,
        stage=Stage.PRODUCTION,
        observation=Answers(Request("/me", headers=(("Authorization", f"Bearer {_TOKEN}"),)), status=200),
    ),
)
