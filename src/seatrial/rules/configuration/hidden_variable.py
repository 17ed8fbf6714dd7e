"""Validator that hides which variable is missing

## What it finds
A validator of a settings class that reads another field, which is required, as if it were always there:
`info.data.get("password").get_secret_value()`, `values["password"]`.

## Why it bites
Fields that are missing are not in the data that validators get. The AttributeError or KeyError that follows is none
that pydantic collects: it ends the start at once, in a line that works, and the message which names the missing
variables is never shown.

## What is flagged
The first such expression of a class; those of its other validators are related.

## What is not
Fields with a default, and validators that ask first whether the field is there, or catch the exception.

## Fix safety
Safe: where the other field is missing, the validator gives back what it got. What it gives then is not used, since the
settings are refused for the missing field.

## Reference
https://docs.pydantic.dev/latest/concepts/validators/#validation-info
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Applicability, Edit, Fix, Position, Related, Severity, Stage
from seatrial.project.settings_environment import is_apart
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, FunctionNode
from seatrial.rules.observation import Starts
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_DECORATORS = frozenset({"pydantic.field_validator", "pydantic.validator"})
_ARGUMENTS = 3  # cls, the value, and what is known of the other fields


@dataclass(frozen=True, slots=True)
class _Use:
    """One unguarded use of a required field in a validator; `data` is the expression of what it looks into."""

    validator: FunctionNode
    node: ast.expr
    field: str
    data: str


def check(case: Case) -> Iterator[Finding]:
    """One finding for each settings class."""
    for known in case.settings.classes:
        file = case.code.file(known.location.path)
        reads = [read for read in case.settings.reads if read.owner == known.name and read.required]
        if file is None or is_apart(file.path):
            continue
        uses = [use for node in _validators(file, known.name) for use in _uses(node, {read.field for read in reads})]
        if uses:
            names = {read.field: read.name for read in reads}
            yield _finding(file, uses, names[uses[0].field])


def _finding(file: CodeFile, uses: list[_Use], variable: str) -> Finding:
    first = uses[0]
    fix = _fix(file, uses)
    return Finding(
        location=file.place(first.node),
        reach=Reach.BOOT,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem=f"Where `{variable}` is not set, this line fails, and nothing says that it is missing.",
        cause=f"`{first.data}` lacks `{first.field}` then, and pydantic does not collect what is raised here.",
        fix=fix,
        no_fix_reason=None if fix else "The validator is written in a way that no line can be added to exactly.",
        related=tuple(Related(file.place(it.node), f"`{it.field}` is taken to be there") for it in uses[1:]),
    )


def _validators(file: CodeFile, name: str) -> Iterator[FunctionNode]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ClassDef) and node.name == name:
            yield from (it for it in node.body if isinstance(it, FunctionNode) and _is_validator(file, it))


def _is_validator(file: CodeFile, node: FunctionNode) -> bool:
    calls = [it for it in node.decorator_list if isinstance(it, ast.Call) and file.full_name(it.func) in _DECORATORS]
    wraps = any(key.arg == "mode" and ast.unparse(key.value) == "'wrap'" for call in calls for key in call.keywords)
    return bool(calls) and not wraps and len(node.args.args) == _ARGUMENTS


def _uses(node: FunctionNode, required: set[str]) -> Iterator[_Use]:
    """The first use of each field that nothing in the validator asks for beforehand."""
    given = node.args.args[2].arg
    data = {given, f"{given}.data"}
    seen = _asked(node)
    for part in _steps(node):
        found = _field_of(part, data)
        if found is not None and found[0] in required and found[0] not in seen:
            seen.add(found[0])
            yield _Use(node, part, *found)


def _steps(node: FunctionNode) -> Iterator[ast.expr]:
    """Attributes and items in the order of the text, but for those whose failure is caught."""
    caught = {id(it) for block in ast.walk(node) if isinstance(block, ast.Try) for it in ast.walk(block)}
    found = (it for it in ast.walk(node) if isinstance(it, ast.Attribute | ast.Subscript) and id(it) not in caught)
    yield from sorted(found, key=lambda it: (it.lineno, it.col_offset))


def _field_of(node: ast.expr, data: set[str]) -> tuple[str, str] | None:
    """`values["x"]`, or an attribute of `values.get("x")`: the field, and what is looked into."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        holder, key = node.value, node.slice
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call) and len(node.value.args) == 1:
        called = node.value.func
        if not isinstance(called, ast.Attribute) or called.attr != "get":
            return None
        holder, key = called.value, node.value.args[0]
    else:
        return None
    text = ast.unparse(holder)
    named = isinstance(key, ast.Constant) and isinstance(key.value, str) and text in data
    return (key.value, text) if named and isinstance(key, ast.Constant) and isinstance(key.value, str) else None


def _asked(node: FunctionNode) -> set[str]:
    """The texts that some condition of the validator speaks of."""
    conditions = [it.test for it in ast.walk(node) if isinstance(it, ast.If | ast.IfExp | ast.Assert)]
    conditions += [it for it in ast.walk(node) if isinstance(it, ast.Compare)]
    conditions += [value for it in ast.walk(node) if isinstance(it, ast.BoolOp) for value in it.values[:-1]]
    constants = (it for condition in conditions for it in ast.walk(condition) if isinstance(it, ast.Constant))
    return {it.value for it in constants if isinstance(it.value, str)}


def _fix(file: CodeFile, uses: list[_Use]) -> Fix | None:
    edits: list[Edit] = []
    for validator in dict.fromkeys(use.validator for use in uses):
        inside = [use for use in uses if use.validator is validator]
        first = validator.body[1] if ast.get_docstring(validator) and len(validator.body) > 1 else validator.body[0]
        start = file.start(first)
        indent = file.lines[start.line - 1][: start.column - 1]
        if indent.strip():
            return None
        test = " or ".join(f'"{use.field}" not in {use.data}' for use in inside)
        text = f"{indent}if {test}:\n{indent}    return {validator.args.args[1].arg}\n"
        edits.append(Edit(file.path, Position(start.line, 1), Position(start.line, 1), text))
    return Fix(Applicability.SAFE, "Give back the value where the other field is missing.", tuple(edits))


_MAIN = """\
from fastapi import FastAPI
from pydantic import SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(validate_default=True)

    password: SecretStr
    url: str = ""

    @field_validator("url")
    @classmethod
    def assembled(cls, value: str, info: ValidationInfo) -> str:
{}        return value or f"amqp://tasks:{{info.data['password'].get_secret_value()}}@localhost/"


settings = Settings()
app = FastAPI()
"""
_GUARD = '        if "password" not in info.data:\n            return value\n'
_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "PASSWORD=change-me\n",
    "nothing.env": "",
}

RULE = Rule(
    code="CFG008",
    name="hidden-variable",
    summary="A validator hides which variable is missing",
    check=check,
    fix="sometimes",
    requirements=("A10",),
    bad={**_PROJECT, "main.py": _MAIN.format("")},
    good={**_PROJECT, "main.py": _MAIN.format(_GUARD)},
    expect=Expectation(
        "main.py",
        15,
        stage=Stage.PRODUCTION,
        observation=Starts(copied=("nothing.env", ".env"), exception="KeyError"),
    ),
)
