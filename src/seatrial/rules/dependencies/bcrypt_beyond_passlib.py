"""passlib with a bcrypt that it does not know

## What it finds
A `CryptContext` that hashes with bcrypt, where what is declared leads to passlib and to bcrypt 5 or later.

## Why it bites
passlib was last released in 2020. To find out which bcrypt it has before it, it hashes a password of more than 72
bytes, which bcrypt 5 refuses: `ValueError: password cannot be longer than 72 bytes` at the first hash of any
password. The server starts; nobody can register or log in.

## What is flagged
The `CryptContext`; where it lies in a module that the start does not load, it is a note.

## What is not
Contexts of other schemes (argon2, pbkdf2), and bcrypt used without passlib.

## Fix safety
Safe: bcrypt is kept below 5 in the manifest. Existing hashes stay valid. The lasting way out is to use bcrypt itself,
or pwdlib, which is a change of the code.

## Reference
https://github.com/pyca/bcrypt/blob/main/README.rst
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Evidence, Fix, Location, Related, Stage
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.declaring import declare
from seatrial.rules.installing import respecified
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.statements import dotted
from seatrial.simulation.timeline import Reach


def check(case: Case) -> Iterator[Finding]:
    """One finding for the backend, at its first context."""
    versions = case.environment.versions if case.environment is not None else {}
    release = versions.get("bcrypt", "")
    if "passlib" not in versions or not release.partition(".")[0].isdigit() or int(release.partition(".")[0]) < 5:
        return
    places = sorted(_contexts(case), key=lambda it: it[1] is Reach.UNREACHED)
    if not places:
        return
    place, reach = places[0]
    fix = _fix(case)
    yield Finding(
        location=place,
        reach=reach,
        stage=Stage.REQUEST,
        problem=f"Every bcrypt hash fails: passlib {versions['passlib']} does not work with bcrypt {release}.",
        cause="passlib tries a password of more than 72 bytes when it first hashes, and bcrypt 5 refuses it.",
        needs=(("bcrypt", "<5"),),
        fix=fix,
        no_fix_reason=None if fix else "The manifest is written in a way that bcrypt<5 cannot be declared exactly.",
        related=tuple(Related(other, "Hashes with bcrypt, too") for other, _ in places[1:]),
        evidence=(Evidence("What is declared leads to these", f"passlib {versions['passlib']}, bcrypt {release}"),),
    )


def _contexts(case: Case) -> Iterator[tuple[Location, Reach]]:
    loaded = {module.path for module in case.timeline.loaded}
    for path in case.code.names:
        if "CryptContext" not in (case.code.text(path) or ""):
            continue
        file = case.code.file(path)
        for node in ast.walk(file.tree) if file is not None else ():
            if file is not None and isinstance(node, ast.Call) and _is_of_bcrypt(file, node):
                yield file.place(node), Reach.REQUEST if path in loaded else Reach.UNREACHED


def _is_of_bcrypt(file: CodeFile, call: ast.Call) -> bool:
    name = dotted(call.func) or ""
    binding = file.bindings.get(name.partition(".")[0])
    if name.rpartition(".")[2] != "CryptContext" or binding is None or not binding.source.startswith("passlib"):
        return False
    given = [word.value for word in call.keywords if word.arg == "schemes"] or call.args[:1]
    first = next((it for value in given for it in ast.walk(value) if isinstance(it, ast.Constant)), None)
    return first is not None and first.value in ("bcrypt", "bcrypt_sha256")


def _fix(case: Case) -> Fix | None:
    declared = case.manifest.declares("bcrypt")
    if declared:
        edit = respecified(case, declared[0], "<5")
        edits: tuple[Edit, ...] = (edit,) if edit else ()
        path, then = declared[0].location.path, ""
    else:
        added = declare(case, "bcrypt<5")
        edits, path, then = (added.edits, added.path, added.then) if added else ((), "", "")
    if not edits:
        return None
    return Fix(Applicability.SAFE, f"Declare bcrypt<5 in {path}. {then}".strip(), edits)


_PROJECT = {"Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n"}
_MAIN = """\
from fastapi import FastAPI
from passlib.context import CryptContext

passwords = CryptContext(schemes=["bcrypt"])
app = FastAPI()


@app.get("/hash")
def hashed() -> str:
    return passwords.hash("ahoy")
"""

RULE = Rule(
    code="DEP011",
    name="bcrypt-beyond-passlib",
    summary="passlib meets a bcrypt that it does not work with",
    check=check,
    fix="sometimes",
    requirements=("A3", "A15"),
    bad={**_PROJECT, "requirements.txt": "bcrypt\nfastapi\npasslib\nuvicorn\n", "main.py": _MAIN},
    good={**_PROJECT, "requirements.txt": "bcrypt<5\nfastapi\npasslib\nuvicorn\n", "main.py": _MAIN},
    expect=Expectation("main.py", 4, stage=Stage.REQUEST, request="/hash"),
)
