"""Optional part of a library that is used and not declared

## What it finds
Uses that need a distribution which no line of the backend imports: `EmailStr` (email-validator), forms, uploads and
`OAuth2PasswordRequestForm` (python-multipart), signed sessions (itsdangerous), and whatever else a library says has
to be installed first.

## Why it bites
The library itself works without it and looks for it only where it is used: while the class or the route is made, so
before the server listens.

## What is flagged
The first use, by distribution; further uses are related places.

## What is not
Distributions that come with something declared (`fastapi[standard]`, `pydantic[email]`), and uses in modules that
the start does not load.

## Fix safety
Safe: one line is added to the manifest that production installs.

## Reference
https://fastapi.tiangolo.com/tutorial/request-forms/
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Fix, Location, Related
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, FunctionNode
from seatrial.rules.declaring import declare
from seatrial.rules.distributions import normalised
from seatrial.rules.installing import need_of
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.statements import dotted
from seatrial.simulation.timeline import MissingModule, Reach

# What the libraries say. Source: pydantic's `networks.py`, FastAPI's `dependencies/utils.py`, Starlette's middleware.
_SAYINGS = (
    (re.compile(r"email-validator is not installed"), "email-validator"),
    (re.compile(r'"?python-multipart"? (?:library )?(?:to|must) be installed'), "python-multipart"),
    (re.compile(r"itsdangerous.{0,20} must be installed"), "itsdangerous"),
    (re.compile(r"jinja2 must be installed"), "Jinja2"),
)
_FORMS = frozenset({"Form", "File", "UploadFile", "OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict"})
_EMAILS = frozenset({"EmailStr", "NameEmail"})
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "options", "head", "trace", "api_route"})


def check(case: Case) -> Iterator[Finding]:
    """One finding for each distribution."""
    found: dict[str, list[tuple[Location, Reach, str]]] = {}
    for requirement, place, reach, said in (*_told(case), *_used(case)):
        if not _is_there(case, requirement):
            found.setdefault(requirement, []).append((place, reach, said))
    for requirement, places in found.items():
        place, reach, said = places[0]
        added = declare(case, requirement)
        others = {(it.path, it.line): Related(it, what) for it, _, what in reversed(places)}
        others.pop((place.path, place.line), None)
        yield Finding(
            needs=(need_of(requirement),),
            location=place,
            reach=reach,
            problem=f"{requirement} is not installed: {said}.",
            cause=f"Nothing imports {requirement} by name, and nothing that is declared leads to it.",
            fix=Fix(Applicability.SAFE, f"Declare {requirement} in {added.path}. {added.then}".strip(), added.edits)
            if added
            else None,
            no_fix_reason=None if added else _no_fix(case),
            related=tuple(sorted(others.values(), key=lambda it: (it.location.path, it.location.line))),
        )


def _is_there(case: Case, requirement: str) -> bool:
    environment = case.environment
    if environment is None or (environment.origin == "none" and not _is_bare(case)):
        return True
    there = {*environment.distributions, *environment.versions, *environment.absent}
    return normalised(requirement) in there


def _is_bare(case: Case) -> bool:
    return not case.manifest.requirements and case.manifest.lock is None


def _no_fix(case: Case) -> str:
    if _is_bare(case):
        return "There is no manifest to declare it in: `no-manifest` writes one that has it."
    return "The manifest is written in a way that no line can be added to exactly."


def _told(case: Case) -> Iterator[tuple[str, Location, Reach, str]]:
    """What the played start heard libraries say."""
    for mishap in case.timeline.mishaps:
        for saying, requirement in _SAYINGS:
            if not isinstance(mishap.fault, MissingModule) and saying.search(mishap.failure.message):
                yield requirement, mishap.location, mishap.reach, "a library asks for it here"


def _used(case: Case) -> Iterator[tuple[str, Location, Reach, str]]:
    """Uses in the modules that the start loads."""
    for module in case.timeline.loaded:
        file = case.code.file(module.path)
        if file is None or not _brings_any(file):
            continue
        for node in ast.walk(file.tree):
            if isinstance(node, ast.ClassDef) and node.bases:
                yield from _emails(file, node)
            elif isinstance(node, FunctionNode) and _is_route(node):
                yield from _forms(file, node)


def _brings_any(file: CodeFile) -> bool:
    """Whether a file imports one of the names, or the library that has it."""
    sources = (binding.source for binding in file.bindings.values() if binding.kind == "import")
    return any(
        source.partition(".")[0] in ("fastapi", "pydantic")
        and (source in ("fastapi", "pydantic") or source.rpartition(".")[2] in _FORMS | _EMAILS)
        for source in sources
    )


def _emails(file: CodeFile, owner: ast.ClassDef) -> Iterator[tuple[str, Location, Reach, str]]:
    for node in owner.body:
        if isinstance(node, ast.AnnAssign) and (name := _named(file, node.annotation, _EMAILS, "pydantic")):
            yield "email-validator", file.place(node), Reach.BOOT, f"`{name}` needs it"


def _forms(file: CodeFile, function: FunctionNode) -> Iterator[tuple[str, Location, Reach, str]]:
    arguments = function.args
    defaults = [*arguments.defaults, *(it for it in arguments.kw_defaults if it is not None)]
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    for part in [*defaults, *(it.annotation for it in every if it.annotation is not None)]:
        if name := _named(file, part, _FORMS, "fastapi"):
            yield "python-multipart", file.place(part), Reach.BOOT, f"`{name}` needs it"


def _is_route(function: FunctionNode) -> bool:
    calls = [it.func for it in function.decorator_list if isinstance(it, ast.Call)]
    return any(isinstance(it, ast.Attribute) and it.attr in _VERBS for it in calls)


def _named(file: CodeFile, node: ast.expr, names: frozenset[str], library: str) -> str | None:
    """Which of a library's names an expression uses."""
    for part in ast.walk(node):
        chain = dotted(part) if isinstance(part, ast.Name | ast.Attribute) else None
        if chain is None:
            continue
        first, _, rest = chain.partition(".")
        binding = file.bindings.get(first)
        source = binding.source if binding is not None and binding.kind == "import" else ""
        name = (rest or source).rpartition(".")[2]
        if name in names and source.partition(".")[0] == library:
            return name
    return None


_PROJECT = {"Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n"}
_MAIN = """\
from fastapi import FastAPI
from pydantic import BaseModel, EmailStr

app = FastAPI()


class Sailor(BaseModel):
    email: EmailStr


@app.post("/sailors")
def sign_on(sailor: Sailor) -> str:
    return sailor.email
"""

RULE = Rule(
    code="DEP010",
    name="undeclared-extra",
    summary="An optional part of a library is used and not declared",
    check=check,
    fix="sometimes",
    requirements=("A3", "B1"),
    bad={**_PROJECT, "requirements.txt": "fastapi\nuvicorn\n", "main.py": _MAIN},
    good={**_PROJECT, "requirements.txt": "fastapi\nemail-validator\nuvicorn\n", "main.py": _MAIN},
    expect=Expectation("main.py", 4, exception="ImportError"),
)
