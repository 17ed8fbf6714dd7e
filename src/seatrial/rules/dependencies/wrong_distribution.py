"""Distribution of that name, and not the one that is meant

## What it finds
A declared distribution that is called as the import is, where the code needs another one: `jwt` for PyJWT, `jose`
for python-jose, `multipart` for python-multipart. Those are known by name; any other (`tortoise` for tortoise-orm) by
its module, which breaks down on something that the distribution never asked for.

## Why it bites
The name on the package index belongs to somebody else. What is installed has a module of that name, and not what
the code asks it for: it was written for Python 2, or has other functions. The start ends there, or the first
request does.

## What is flagged
The line of the manifest.

## What is not
Manifests that declare the right one as well, and lines that no import of the backend has to do with.

## Fix safety
Safe: the line names the right distribution; its version goes, as it was the other's.

## Reference
https://packaging.python.org/en/latest/discussions/distribution-package-vs-import-package/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Applicability, Evidence, Fix, Location, Related, Stage
from seatrial.project.manifest.declared import Requirement
from seatrial.rules.case import Case
from seatrial.rules.distributions import normalised, requirement_for
from seatrial.rules.installing import rewritten
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import MissingModule, Reach


@dataclass(frozen=True, slots=True)
class _Mistaken:
    """A distribution that is taken for another: the import name, what is meant, and when it shows."""

    module: str
    meant: str
    reach: Reach
    why: str


# Source: the releases of these distributions on PyPI.
_MISTAKEN = {
    "jose": _Mistaken("jose", "python-jose[cryptography]", Reach.BOOT, "it is written for Python 2"),
    "jwt": _Mistaken("jwt", "PyJWT", Reach.REQUEST, "its module has neither `encode` nor `decode`"),
    "multipart": _Mistaken("multipart", "python-multipart", Reach.BOOT, "FastAPI's forms need the other one"),
    "docx": _Mistaken("docx", "python-docx", Reach.BOOT, "it is written for Python 2"),
    "slugify": _Mistaken("slugify", "python-slugify", Reach.REQUEST, "its function takes other arguments"),
    "magic": _Mistaken("magic", "python-magic", Reach.BOOT, "it is something else"),
    "decouple": _Mistaken("decouple", "python-decouple", Reach.BOOT, "it has no `config`"),
    "telegram": _Mistaken("telegram", "python-telegram-bot", Reach.BOOT, "it is something else"),
    "crypto": _Mistaken("Crypto", "pycryptodome", Reach.BOOT, "it has no such module"),
    "pycrypto": _Mistaken("Crypto", "pycryptodome", Reach.BOOT, "it does not build on any Python of today"),
    "fitz": _Mistaken("fitz", "PyMuPDF", Reach.BOOT, "it is something else"),
    "serial": _Mistaken("serial", "pyserial", Reach.BOOT, "it is something else"),
}


def check(case: Case) -> Iterator[Finding]:
    """One finding for each such line."""
    for requirement in case.manifest.requirements:
        mistaken = _mistaken(case, requirement)
        if mistaken is None or _declares(case, mistaken):
            continue
        places = list(_uses(case, mistaken))
        if not places:
            continue
        edit = rewritten(case, requirement, _text(requirement, mistaken))
        reach = mistaken.reach if any(loaded for _, loaded in places) else Reach.UNREACHED
        yield Finding(
            location=requirement.location,
            reach=reach,
            stage=Stage.IMPORT if reach is Reach.BOOT else Stage.REQUEST,
            problem=f"`{requirement.name}` is not the distribution that `import {mistaken.module}` means.",
            cause=f"{_bare(mistaken.meant)} is meant; of `{requirement.name}`, {mistaken.why}.",
            fix=Fix(Applicability.SAFE, f"Declare {mistaken.meant} instead.", (edit,)) if edit else None,
            no_fix_reason=None if edit else "The line is written in a way that cannot be edited exactly.",
            related=tuple(Related(place, f"Imports {mistaken.module}") for place, _ in places[:20]),
            evidence=tuple(_evidence(case, requirement)),
        )


def _mistaken(case: Case, requirement: Requirement) -> _Mistaken | None:
    """What is meant by one that is known, or whose module breaks down on what it never asked for."""
    known = _MISTAKEN.get(requirement.key)
    if known is not None:
        return known
    for mishap in case.timeline.mishaps:
        fault = mishap.fault
        if isinstance(fault, MissingModule) and fault.chain and normalised(fault.distribution or "") == requirement.key:
            module = fault.chain[0].partition(".")[0]
            meant = requirement_for(module)
            if normalised(module) == requirement.key != normalised(meant):
                return _Mistaken(module, meant, mishap.reach, f"the module asks for `{fault.name}`, which it lacks")
    return None


def is_mistaken(case: Case, module: str) -> bool:
    """Whether what stands behind a module is another distribution than its import means, which is an issue already."""
    found = (_mistaken(case, requirement) for requirement in case.manifest.requirements)
    return any(it is not None and it.module == module and not _declares(case, it) for it in found)


def _declares(case: Case, mistaken: _Mistaken) -> bool:
    return bool(case.manifest.declares(normalised(mistaken.meant)))


def _bare(requirement: str) -> str:
    return requirement.partition("[")[0]


def _text(requirement: Requirement, mistaken: _Mistaken) -> str:
    return f"{mistaken.meant} ; {requirement.marker}" if requirement.marker else mistaken.meant


def _uses(case: Case, mistaken: _Mistaken) -> Iterator[tuple[Location, bool]]:
    """Where the module is imported, and whether the start comes there."""
    loaded = {module.path for module in case.timeline.loaded}
    said = re.compile(rf"^\s*(?:import|from)\s+{mistaken.module}\b", re.MULTILINE)
    for path in case.code.names:
        text = case.code.text(path) or ""
        match = said.search(text)
        if match is not None:
            yield Location(path, text.count("\n", 0, match.end()) + 1), path in loaded


def _evidence(case: Case, requirement: Requirement) -> Iterator[Evidence]:
    found = case.environment.distribution(requirement.name) if case.environment is not None else None
    if found is not None:
        yield Evidence("This is what the line leads to", f"{found.name} {found.version}")


_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "JWT_SECRET=\n",
}
_MAIN = """\
import os
from time import time

import jwt
from fastapi import FastAPI

app = FastAPI()


@app.get("/token")
def token() -> str:
    return jwt.encode({"sub": "sailor", "exp": time() + 900}, os.environ["JWT_SECRET"], algorithm="HS256")
"""

RULE = Rule(
    code="DEP015",
    name="wrong-distribution",
    summary="The distribution that is declared is not the one that the import means",
    check=check,
    fix="sometimes",
    requirements=("A3", "A15"),
    bad={**_PROJECT, "requirements.txt": "fastapi\njwt\nuvicorn\n", "main.py": _MAIN},
    good={**_PROJECT, "requirements.txt": "fastapi\nPyJWT\nuvicorn\n", "main.py": _MAIN},
    expect=Expectation("requirements.txt", 2, stage=Stage.REQUEST, request="/token"),
)
