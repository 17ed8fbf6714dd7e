"""The dotenv file is looked for where the server is started

## What it finds
A settings class with a relative `env_file`, in a backend whose example lies in another folder than the one in which
the server is started.

## Why it bites
A relative path means the working directory, not the file that it is written in. Who copies the example beside
itself, as everybody does, starts a server that does not see it: required settings are missing, and the others keep
their defaults without a word.

## What is flagged
The class, where the command runs in one folder and the nearest example lies in another.

## What is not
Paths that are made from `__file__`, backends that are started where their example lies, and those with a compose file
beside it, which reads it itself.

## Fix safety
Safe: the path is made from the place of the file that holds the class, so that it is the same from everywhere.

## Reference
https://docs.pydantic.dev/latest/concepts/pydantic_settings/#dotenv-env-support
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Related, Severity, Stage
from seatrial.project.compose import find_compose
from seatrial.project.settings_facts import SettingsClass
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.edits import imported
from seatrial.rules.observation import Starts
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for each class."""
    template, target = case.papers.template, case.target
    folder = posixpath.dirname(template) or "."
    if not template or target is None or folder == target.cwd or template.startswith(".."):
        return
    if any(find_compose(case.code.documents, folder)):
        return  # compose reads the file that lies beside it, and hands it on
    for use in case.settings.dotenv:
        known = next((it for it in case.settings.classes if it.name == use.owner), None)
        if (
            use.reader == "pydantic-settings"
            and use.from_cwd
            and known is not None
            and _is_beside(use.location.path, folder)
        ):
            yield _finding(case, known, use.from_cwd[0], folder, target.cwd)


def _is_beside(path: str, folder: str) -> bool:
    """Whether the class belongs to the example: it lies in the same folder or below it."""
    return folder == "." or path.startswith(folder + "/")


def _finding(case: Case, known: SettingsClass, name: str, folder: str, cwd: str) -> Finding:
    place = known.location
    file = case.code.file(place.path)
    edits = _edits(file, known, folder) if file is not None else ()
    reach = case.reach_of(place.path, place.line)
    return Finding(
        location=place,
        reach=reach,
        stage=Stage.PRODUCTION,
        severity=Severity.NOTE if reach is Reach.UNREACHED else Severity.WARNING,
        problem=f"`{name}` is looked for in {_shown(cwd)}, and its example lies in {_shown(folder)}.",
        cause="A relative `env_file` means the folder in which the server is started.",
        fix=Fix(Applicability.SAFE, f"Look for it in {_shown(folder)}, from wherever it is started.", edits)
        if edits
        else None,
        no_fix_reason=None if edits else "The path is put together in a way that is not edited.",
        related=(Related(case.target.location, "started from here"),) if case.target is not None else (),
    )


def _shown(folder: str) -> str:
    return "the top folder" if folder == "." else f"{folder}/"


def _edits(file: CodeFile, known: SettingsClass, folder: str) -> tuple[Edit, ...]:
    node = next((it for it in file.tree.body if isinstance(it, ast.ClassDef) and it.name == known.name), None)
    values = [
        keyword.value
        for keyword in (ast.walk(node) if node is not None else ())
        if isinstance(keyword, ast.keyword) and keyword.arg == "env_file"
    ]
    value = values[0] if len(values) == 1 else None
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str) or posixpath.isabs(value.value):
        return ()
    inside = posixpath.relpath(posixpath.dirname(file.path) or ".", folder)
    depth = 0 if inside == "." else inside.count("/") + 1
    where = "Path(__file__).resolve().parent" if depth == 0 else f"Path(__file__).resolve().parents[{depth}]"
    needed = imported(file, "from pathlib import Path")
    edit = Edit(file.path, file.start(value), file.end(value), f"{where} / {file.source(value)}")
    return (edit, *((needed,) if needed else ()))


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
    "Procfile": "web: cd backend && exec uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "backend/main.py": (
        "from pathlib import Path\n\n"
        "from fastapi import FastAPI\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n\n\n"
        "class Settings(BaseSettings):\n"
        '    model_config = SettingsConfigDict(env_file=".env")\n\n'
        "    greeting: str\n\n\n"
        "settings = Settings()\n"
        'app = FastAPI(title=settings.greeting, version=Path(__file__).with_name("VERSION").read_text())\n'
    ),
    "backend/VERSION": "1.0\n",
    ".env.example": "GREETING=Tasks\n",
}

RULE = Rule(
    code="CFG006",
    name="env-file-elsewhere",
    summary="The dotenv file is looked for where the server is started",
    check=check,
    fix="sometimes",
    requirements=("A10",),
    bad=_PROJECT,
    good={
        **_PROJECT,
        "backend/main.py": _PROJECT["backend/main.py"].replace(
            'env_file=".env"', 'env_file=Path(__file__).resolve().parents[1] / ".env"'
        ),
    },
    expect=Expectation(
        "backend/main.py",
        7,
        stage=Stage.PRODUCTION,
        observation=Starts(copied=(".env.example", ".env"), exception="ValidationError"),
    ),
)
