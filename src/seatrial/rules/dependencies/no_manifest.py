"""Backend that declares nothing to install

## What it finds
Code that imports distributions, in a folder where no manifest names any: there is none, or the one that a platform
reads is empty while the real one lies further down.

## Why it bites
A platform installs what the manifest in its root says. It says nothing, so not even the framework is there, and the
start ends at the first import.

## What is flagged
The empty manifest, or the first import of a distribution. All further imports are related places: one missing file,
one issue.

## What is not
Manifests that cannot be read (see `unreadable-manifest`), and those whose requirements are computed.

## Fix safety
Safe where it is known which distribution provides each import: the file is written with all of them, with what is
needed and imported by nobody (the server, email-validator, python-multipart, the database's driver). An empty
manifest above a full one includes it. For review where a distribution is only guessed from a module's name.

## Reference
https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import ast
import posixpath
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Applicability, Edit, Fix, Location, Position, Related, Stage
from seatrial.project.manifest.declared import read_manifest
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, ImportSite
from seatrial.rules.distributions import is_well_known, normalised, requirement_for
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

# What is needed by a use, and imported by no line of the backend. Source: the documentation of FastAPI and Starlette.
_NEEDED = (
    (re.compile(r"\bEmailStr\b|\bNameEmail\b"), "email-validator"),
    (
        re.compile(r"\bUploadFile\b|\bOAuth2PasswordRequestForm\b|=\s*(?:Form|File)\(|,\s*(?:Form|File)\("),
        "python-multipart",
    ),
    (re.compile(r"\bSessionMiddleware\b"), "itsdangerous"),
    (re.compile(r"\bJinja2Templates\b"), "Jinja2"),
    (re.compile(r"\bsqlalchemy\.ext\.asyncio\b|\bAsyncSession\b"), "greenlet"),
    (re.compile(r"postgres(?:ql)?\+asyncpg:"), "asyncpg"),
    (re.compile(r"postgresql\+psycopg2:"), "psycopg2-binary"),
    (re.compile(r"postgresql(?:\+psycopg)?://"), "psycopg[binary]"),
    (re.compile(r"sqlite\+aiosqlite:"), "aiosqlite"),
    (re.compile(r"mysql\+pymysql:"), "PyMySQL"),
    (re.compile(r"mysql\+aiomysql:"), "aiomysql"),
    (re.compile(r"CryptContext\([^)]*bcrypt"), "bcrypt<5"),
)


@dataclass(frozen=True, slots=True)
class _Import:
    """Where a distribution is first imported, and by which top-level name."""

    place: Location
    top: str


def check(case: Case) -> Iterator[Finding]:
    """One finding for the whole backend."""
    manifest = case.manifest
    if manifest.requirements or manifest.lock is not None or case.target is None or _is_unclear(case):
        return
    imports = _imports(case)
    if not imports:
        return
    first = next(iter(imports.values())).place
    document = manifest.installed[0].path if manifest.installed else ""
    fix = _included(case, document) or _written(case, imports)
    yield Finding(
        location=Location(document, 1) if document else first,
        reach=Reach.BOOT,
        stage=Stage.INSTALL,
        problem=f"{document} declares nothing to install." if document else "Nothing declares the dependencies.",
        cause=f"{len(imports)} distributions are imported: {', '.join(map(_bare, imports))}.",
        fix=fix,
        no_fix_reason=None if fix else "The manifest is written in a way that nothing can be added to exactly.",
        related=tuple(
            Related(found.place, f"Imports {_bare(name)}")
            for name, found in imports.items()
            if document or found.place != first
        ),
    )


def _bare(requirement: str) -> str:
    return re.split(r"[\[<]", requirement)[0]


def _is_unclear(case: Case) -> bool:
    return any(it.problems or it.dynamic for it in case.manifest.documents) or bool(case.manifest.options)


def reached(case: Case) -> Iterator[CodeFile]:
    """The files that the target's module leads to by imports, wherever these stand."""
    waiting = [case.target.origin] if case.target is not None and case.target.origin else []
    waiting += [module.path for module in case.timeline.loaded]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        file = case.code.file(path) if path not in seen else None
        seen.add(path)
        if file is None:
            continue
        yield file
        for site in file.imports:
            for name in _names(case, file, site):
                waiting += [found for part in _prefixes(name) if (found := case.code.modules.get(part))]


def _names(case: Case, file: CodeFile, site: ImportSite) -> Iterator[str]:
    """The absolute dotted names that an import statement may load."""
    node = site.node
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    module = case.code.absolute(file.path, "." * node.level + (node.module or ""))
    if module:
        yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _imports(case: Case) -> dict[str, _Import]:
    """What has to be declared for the imports, with the first place of each, in the order of the start."""
    found: dict[str, _Import] = {}
    keys: set[str] = set()
    for file in reached(case):
        for site in file.imports:
            if site.for_types_only or _is_guarded(site):
                continue
            for name in _asked(site):
                top = name.partition(".")[0]
                if top in sys.stdlib_module_names or top in case.code.tops or case.code.is_own(top):
                    continue
                requirement = requirement_for(name)
                if normalised(requirement) not in keys:
                    keys.add(normalised(requirement))
                    found[requirement] = _Import(file.place(site.node), top)
    return found


def _asked(site: ImportSite) -> Iterator[str]:
    """The modules of distributions that a statement names; a shared namespace by its parts."""
    if isinstance(site.node, ast.Import):
        yield from (alias.name for alias in site.node.names)
    elif not site.node.level and site.node.module:
        module = site.node.module
        yield from ([f"{module}.{alias.name}" for alias in site.node.names] if module == "google.cloud" else [module])


def _is_guarded(site: ImportSite) -> bool:
    """Whether `except ImportError` is prepared for it."""
    for parent in site.parents:
        for handler in parent.handlers if isinstance(parent, ast.Try) else ():
            if handler.type is None or "Error" in ast.unparse(handler.type) or "Exception" in ast.unparse(handler.type):
                return True
    return False


def _included(case: Case, document: str) -> Fix | None:
    """Let an empty requirements file include the one below it that belongs to what is started."""
    if not document.endswith(".txt") or document.startswith(".."):
        return None
    here = posixpath.dirname(document)
    folders = {posixpath.dirname(file.path) for file in reached(case)}
    for folder in sorted(folders, key=len):
        manifest = read_manifest(case.tree, folder or ".")
        for found in manifest.installed:
            if found.kind == "requirements" and found.path != document and found.requirements:
                inner = posixpath.relpath(found.path, here or ".")
                text = case.code.text(document) or ""
                lines = text.split("\n")
                end = Position(len(lines), len(lines[-1]) + 1)
                line = f"-r {inner}\n" if not lines[-1] else f"\n-r {inner}\n"
                return Fix(Applicability.SAFE, f"Include {found.path}.", (Edit(document, end, end, line),))
    return None


def _written(case: Case, imports: dict[str, _Import]) -> Fix | None:
    """A requirements file with everything."""
    path = "requirements.txt" if case.base == "." else f"{case.base}/requirements.txt"
    if path in case.tree and (case.code.text(path) or "").strip():
        return None
    needed = dict.fromkeys([*imports, *_unnamed(case), "uvicorn[standard]"])
    lines: dict[str, str] = {}
    for requirement in needed:
        lines.setdefault(normalised(requirement), requirement)
    text = "".join(f"{line}\n" for _, line in sorted(lines.items()))
    sure = all(is_well_known(found.top) for found in imports.values())
    start = Position(1, 1)
    return Fix(
        Applicability.SAFE if sure else Applicability.REVIEW,
        f"Write {path} with everything that the start needs.",
        (Edit(path, start, start, text),),
    )


def _unnamed(case: Case) -> Iterator[str]:
    """What is needed and imported by no line."""
    texts = [file.text for file in reached(case)]
    texts += [*case.papers.process.values(), *(text for _, text in case.papers.dotenv)]
    for pattern, requirement in _NEEDED:
        if any(pattern.search(text) for text in texts):
            yield requirement


_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DEP008",
    name="no-manifest",
    summary="Nothing declares what has to be installed",
    check=check,
    fix="sometimes",
    requirements=("A3", "B1"),
    bad=_PROJECT,
    good={**_PROJECT, "requirements.txt": "fastapi\nuvicorn[standard]\n"},
    expect=Expectation("main.py", 1, stage=Stage.INSTALL, also=("DEP001",)),
)
