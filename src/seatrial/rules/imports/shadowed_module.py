"""File of the backend that hides a module of the standard library or of a distribution

## What it finds
A file or folder at the top of Python's path whose name belongs to the standard library or to an installed
distribution: `redis.py`, `email.py`, `fastapi.py`, `types.py`.

## Why it bites
Python looks in the folder the server starts in first. `import redis` then loads the backend's own `redis.py`, also
when a distribution asks for it. What follows reads like nonsense: `cannot import name 'Redis' from 'redis'`, `'email'
is not a package`, or a circular import of a file with itself.

## What is flagged
The import that fails because of it.

## What is not
Names that are shadowed and of which nothing is missed, and files of such names inside a package.

## Fix safety
Safe where every import of the name can be told to mean the file or the hidden module, by what it asks for: the file
is renamed, and the imports that mean it follow. Else for review.

## Reference
https://docs.python.org/3/library/sys_path_init.html
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Move, Position
from seatrial.rules.case import Case
from seatrial.rules.grouping import grouped
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.shadows import Shadow, shadow_behind
from seatrial.rules.statements import Use, is_within, renamed, use_at


def check(case: Case) -> Iterator[Finding]:
    """One finding for each file that hides something which is then missed."""
    for group in grouped(case.timeline, object, lambda fault: shadow_behind(case, fault)):
        shadow = shadow_behind(case, group.fault)
        assert shadow is not None  # the key says so
        fix = _fix(case, shadow)
        yield Finding(
            location=group.location,
            reach=group.reach,
            certain=group.first.certain,
            problem=f"`{shadow.name}` is the backend's own {shadow.path} here, not {shadow.whose}.",
            cause=f"{shadow.path} comes first on Python's path and hides {shadow.whose}.",
            fix=fix,
            no_fix_reason=None if fix else f"{shadow.path} is a package: rename the folder and what imports it.",
            related=group.related,
        )


def _fix(case: Case, shadow: Shadow) -> Fix | None:
    if shadow.path.endswith("/__init__.py"):
        return None
    name = _new_name(case, shadow.name)
    path = posixpath.join(posixpath.dirname(shadow.path), f"{name}.py")
    edits: list[Edit] = list(_in_commands(case, shadow.name, name))
    sure = True
    for use in _uses(case, shadow.name):
        meant = _means_own(case, use, shadow)
        sure = sure and meant is not None
        if meant:
            made = renamed(case.code, use, name)
            sure = sure and made is not None
            edits += made or ()
    applicability = Applicability.SAFE if sure else Applicability.REVIEW
    return Fix(
        applicability, f"Rename {shadow.path} to {path}.", tuple(dict.fromkeys(edits)), (Move(shadow.path, path),)
    )


def _new_name(case: Case, name: str) -> str:
    choices = (f"{name}_{tail}" for tail in ("utils", "module", "own"))
    return next((choice for choice in choices if case.code.finder.find(choice) is None), f"own_{name}")


def _uses(case: Case, name: str) -> Iterator[Use]:
    for path in case.code.paths:
        if name not in (case.code.text(path) or ""):
            continue
        file = case.code.file(path)
        for site in file.imports if file is not None else ():
            for alias in site.node.names if isinstance(site.node, ast.Import) else [None]:
                if alias is not None and not is_within(alias.name, name):
                    continue
                use = use_at(case.code, Location(path, site.node.lineno), name)
                if use is not None:
                    yield use


def _means_own(case: Case, use: Use, shadow: Shadow) -> bool | None:
    """Whether an import means the backend's file; None where that cannot be told."""
    node = use.site.node
    if isinstance(node, ast.ImportFrom) and node.level:
        return True
    if use.module != shadow.name or use.file.path == shadow.path:
        return False
    file = case.code.file(shadow.path)
    if file is None or not use.symbols:
        return None
    own = [symbol in file.bindings for symbol in use.symbols]
    imported = [file.bindings[symbol].kind == "import" for symbol in use.symbols if symbol in file.bindings]
    if all(own) and not all(imported):
        return True
    return None if any(own) else False


def _in_commands(case: Case, old: str, new: str) -> Iterator[Edit]:
    """The launch commands that start the file itself."""
    for target in case.targets:
        for place in (target.location, *target.also):
            if target.module != old:
                continue
            lines = (case.code.text(place.path) or "").splitlines()
            line = lines[place.line - 1] if place.line <= len(lines) else ""
            column = line.find(f"{old}:") + 1
            if column:
                yield Edit(place.path, Position(place.line, column), Position(place.line, column + len(old)), new)


_PROJECT = {
    "requirements.txt": "fastapi\nredis\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_CLIENT = 'from redis import Redis\n\nclient = Redis(host="localhost")\n'
_MAIN = """\
from fastapi import FastAPI

from {} import client

app = FastAPI()


@app.get("/cache")
def cache() -> str:
    return type(client).__name__
"""

RULE = Rule(
    code="IMP006",
    name="shadowed-module",
    summary="A file of the backend hides a module of the standard library or of a distribution",
    check=check,
    fix="sometimes",
    requirements=("A1", "A2"),
    bad={**_PROJECT, "redis.py": _CLIENT, "main.py": _MAIN.format("redis")},
    good={**_PROJECT, "redis_client.py": _CLIENT, "main.py": _MAIN.format("redis_client")},
    expect=Expectation("redis.py", 1, exception="ImportError"),
)
