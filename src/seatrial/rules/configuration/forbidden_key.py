"""The settings class refuses a key of its own dotenv file

## What it finds
A key in the dotenv file that a settings class reads, for which the class has no field.

## Why it bites
`extra="forbid"` is the default of pydantic-settings, and it counts for the file as a whole: a key that another part
of the backend, compose or the front end needs stops the start with "Extra inputs are not permitted". It shows once
the example is copied, so its author, whose own file is older, never sees it.

## What is flagged
Where the settings are made, with every key that is refused.

## What is not
Variables of the process, which are never refused, and classes that ignore or allow other keys.

## Fix safety
Safe: the class ignores what it does not know. What it has fields for is checked as before.

## Reference
https://docs.pydantic.dev/latest/concepts/pydantic_settings/#dotenv-env-support
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Position, Related
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Refusal


def check(case: Case) -> Iterator[Finding]:
    """One finding for each settings class."""
    for group in grouped(case.timeline, Refusal, lambda fault: _owner(fault) if _is_ours(fault) else None):
        yield _finding(case, group)


def _is_ours(fault: Refusal) -> bool:
    return fault.library == "pydantic_settings" and fault.kind == "extra_forbidden"


def _owner(fault: Refusal) -> str:
    return dict(fault.details).get("owner", "")


def _finding(case: Case, group: Group[Refusal]) -> Finding:
    keys = group.fault.subject.split(",")
    listed = ", ".join(f"`{key}`" for key in keys)
    owner = _owner(group.fault)
    fix = _fix(case, owner)
    papers = [item for item in case.papers.documented if item.name.lower() in {key.lower() for key in keys}]
    return Finding(
        location=group.location,
        reach=group.reach,
        certain=group.first.certain,
        problem=f"`{owner}` has no field for {listed} of its dotenv file.",
        cause="It refuses keys that it does not know, which is the default.",
        fix=fix,
        no_fix_reason=None if fix else "The class says what it does with other keys in a way that is not edited.",
        related=(*group.related, *(Related(item.location, f"`{item.name}` is set here") for item in papers)),
    )


def _fix(case: Case, owner: str) -> Fix | None:
    known = next((it for it in case.settings.classes if it.name == owner), None)
    file = case.code.file(known.location.path) if known is not None else None
    node = (
        next((it for it in ast.walk(file.tree) if isinstance(it, ast.ClassDef) and it.name == owner), None)
        if file
        else None
    )
    edit = _edit(file, node) if file is not None and node is not None else None
    return Fix(Applicability.SAFE, "Ignore keys that it does not know.", (edit,)) if edit else None


def _edit(file: CodeFile, node: ast.ClassDef) -> Edit | None:
    for statement in node.body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Config":
            return _forbids(file, statement) or _line(file, statement.body[0], 'extra = "ignore"')
        if isinstance(statement, ast.Assign | ast.AnnAssign) and "model_config" in ast.unparse(statement).split("=")[0]:
            return _configured(file, statement.value)
    return None


def _configured(file: CodeFile, value: ast.expr | None) -> Edit | None:
    if isinstance(value, ast.Call):
        given = next((it for it in value.keywords if it.arg == "extra"), None)
        if given is not None:
            return Edit(file.path, file.start(given.value), file.end(given.value), '"ignore"')
        if value.keywords:
            end = file.end(value.keywords[-1].value)
            return Edit(file.path, end, end, ', extra="ignore"')
    if isinstance(value, ast.Dict) and value.values:
        for key, item in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "extra":
                return Edit(file.path, file.start(item), file.end(item), '"ignore"')
        end = file.end(value.values[-1])
        return Edit(file.path, end, end, ', "extra": "ignore"')
    return None


def _forbids(file: CodeFile, config: ast.ClassDef) -> Edit | None:
    for statement in config.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "extra":
            return Edit(file.path, file.start(statement.value), file.end(statement.value), '"ignore"')
    return None


def _line(file: CodeFile, first: ast.stmt, text: str) -> Edit:
    start = file.start(first)
    return Edit(file.path, Position(start.line, 1), Position(start.line, 1), " " * (start.column - 1) + text + "\n")


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": (
        "from fastapi import FastAPI\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n\n\n"
        "class Settings(BaseSettings):\n"
        '    model_config = SettingsConfigDict(env_file=".env")\n\n'
        "    greeting: str\n\n\n"
        "settings = Settings()\napp = FastAPI(title=settings.greeting)\n"
    ),
    ".env.example": "GREETING=Tasks\nCOMPOSE_PROJECT_NAME=tasks\n",
}

RULE = Rule(
    code="CFG003",
    name="forbidden-key",
    summary="The settings class refuses a key of its own dotenv file",
    check=check,
    fix="sometimes",
    requirements=("A10", "B4"),
    bad=_PROJECT,
    good={**_PROJECT, "main.py": _PROJECT["main.py"].replace('".env")', '".env", extra="ignore")')},
    expect=Expectation("main.py", 11, exception="ValidationError"),
)
