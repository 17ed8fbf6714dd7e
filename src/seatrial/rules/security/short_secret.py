"""A short secret is accepted

## What it finds
A setting that tokens are signed with, which takes a text of any length.

## Why it bites
Whoever has one token can try keys against it on their own machine, thousands of millions a second: a word, a date
or twelve letters are found within the day. Nothing tells, and the key then signs tokens for every user.

## What is flagged
A required field of a settings class with the name of a signing secret, without a least length and without a
validator.

## What is not
A field with `min_length` or a validator, and secrets that others issue.

## Fix safety
Review: the field asks for 32 characters. A shorter secret that is in use stops the next start, with the field's
name in the message: make a new one first (`openssl rand -hex 32`).

## Reference
https://datatracker.ietf.org/doc/html/rfc7518#section-3.2
https://docs.pydantic.dev/latest/concepts/fields/#string-constraints
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Severity, Stage
from seatrial.project.settings_environment import is_apart
from seatrial.project.settings_facts import EnvRead
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.edits import imported
from seatrial.rules.observation import Starts
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.secrets import is_signing


def check(case: Case) -> Iterator[Finding]:
    """One finding for each field."""
    loaded = {module.path for module in case.timeline.loaded}
    for read in case.settings.reads:
        file = case.code.file(read.location.path) if _is_open(read) else None
        if file is None or file.path not in loaded or re.search(r"validator|len\(", file.text):
            continue
        fix = _fix(file, read)
        yield Finding(
            location=read.location,
            reach=case.reach_of(file.path, read.location.line),
            stage=Stage.PRODUCTION,
            severity=Severity.NOTE,
            problem=f"`{read.name}` may be as short as one likes.",
            cause="The field asks for a text, and for nothing of it.",
            fix=fix,
            no_fix_reason=None if fix else "The field is written in a way that is not edited.",
        )


def _is_open(read: EnvRead) -> bool:
    field = read.how == "pydantic-settings" and read.required and not read.minimum_length
    return field and is_signing(read.name) and not is_apart(read.location.path)


def _fix(file: CodeFile, read: EnvRead) -> Fix | None:
    for owner in (node for node in file.tree.body if isinstance(node, ast.ClassDef) and node.name == read.owner):
        for statement in owner.body:
            plain = isinstance(statement, ast.AnnAssign) and statement.lineno == read.location.line
            if plain and isinstance(statement, ast.AnnAssign) and statement.value is None:
                end = file.end(statement.annotation)
                needed = imported(file, "from pydantic import Field")
                edits = (Edit(file.path, end, end, " = Field(min_length=32)"), *((needed,) if needed else ()))
                return Fix(Applicability.REVIEW, "Ask for 32 characters.", edits)
    return None


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "# openssl rand -hex 32\nJWT_SECRET=change-me-openssl-rand-hex-32---\n",
    "main.py": (
        "from fastapi import FastAPI\nfrom pydantic import Field\nfrom pydantic_settings import BaseSettings\n\n\n"
        "class Settings(BaseSettings):\n"
        "    jwt_secret: str\n"
        "    page_size: int = Field(default=20, gt=0)\n\n\n"
        "settings = Settings()\napp = FastAPI()\n"
    ),
}

RULE = Rule(
    code="SEC003",
    name="short-secret",
    summary="A short secret is accepted",
    check=check,
    fix="sometimes",
    requirements=("B5", "C7"),
    bad=_PROJECT,
    good={
        **_PROJECT,
        "main.py": _PROJECT["main.py"].replace("jwt_secret: str", "jwt_secret: str = Field(min_length=32)"),
    },
    expect=Expectation(
        "main.py", 7, stage=Stage.PRODUCTION, observation=Starts(variables=(("JWT_SECRET", "password"),))
    ),
)
