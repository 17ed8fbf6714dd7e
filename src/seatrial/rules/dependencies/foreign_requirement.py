"""Requirement that exists on its author's machine only

## What it finds
Lines that `pip freeze` wrote on somebody's Windows machine, conda installation or checkout: distributions for Windows
alone, paths of that machine (`file:///C:/…`, `@ file:///croot/…`), folders that the repository does not hold, and the
project itself as an editable link to its own repository.

## Why it bites
The installer on Linux finds no wheel, no file, or no repository that it may read, and installs nothing.

## What is flagged
Each such line of the manifest that is installed; where that is empty, of those further down.

## What is not
A Windows-only distribution behind a marker such as `; sys_platform == "win32"`; links to other people's repositories;
folders that are there.

## Fix safety
Safe: a Windows-only distribution gets the marker, a path of the author's machine becomes the distribution's name
alone, and the link to itself is taken out.

## Reference
https://pip.pypa.io/en/stable/reference/requirement-specifiers/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Stage
from seatrial.project.manifest.declared import Manifest, Requirement, normalise, read_manifest
from seatrial.provision.problems import InstallProblem
from seatrial.rules.case import Case
from seatrial.rules.installing import problems, removed, requirement_of, rewritten
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

# Source: the files of their releases on PyPI, which are for Windows alone.
_WINDOWS = frozenset(
    """pywin32 pypiwin32 pywin32-ctypes pywinpty win32-setctime comtypes pywin wmi win-inet-pton winshell
    windows-curses pyreadline pyreadline3 pythonnet win10toast pycaw""".split()
)
_ONLY_WINDOWS = _WINDOWS - {"pywin32-ctypes", "win32-setctime", "comtypes", "pyreadline3", "wmi", "win10toast"}
_MACHINE = re.compile(r"file:/|[A-Za-z]:[\\/]|/(?!/)|~/")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each such line."""
    foreign = {id(requirement): requirement for requirement in _frozen(case)}
    for problem in problems(case, "build-needed", "no-wheel"):
        found = requirement_of(case, problem.lines[0]) if problem.lines and is_foreign(case, problem) else None
        if found is not None:
            foreign[id(found)] = found
    for requirement in foreign.values():
        problem_, cause, made, how = _judged(case, requirement)
        outside = requirement.location.path.startswith("..")
        yield Finding(
            location=requirement.location,
            reach=Reach.BOOT,
            stage=Stage.INSTALL,
            problem=problem_,
            cause=cause,
            fix=Fix(Applicability.SAFE, how, (made,)) if made else None,
            no_fix_reason=None if made else _no_fix(outside=outside),
        )


def _no_fix(*, outside: bool) -> str:
    if outside:
        return "The manifest lies outside the audited folder."
    return "What is meant cannot be told from the line."


def is_foreign(case: Case, problem: InstallProblem) -> bool:
    """Whether a release is not to be had here because it is for Windows."""
    line = problem.lines[0] if problem.lines else None
    return line is not None and normalise(line.name) in _ONLY_WINDOWS


def _manifests(case: Case) -> Iterator[Manifest]:
    """The backend's manifest; where that declares nothing, those of the folders below."""
    yield case.manifest
    if case.manifest.requirements:
        return
    for folder in sorted({posixpath.dirname(path) for path in case.tree.files if path.endswith("requirements.txt")}):
        if folder and _holds_code(case, folder):
            yield read_manifest(case.tree, folder)


def _holds_code(case: Case, folder: str) -> bool:
    return any(module.path.startswith(folder + "/") for module in case.timeline.loaded)


def _frozen(case: Case) -> Iterator[Requirement]:
    """Links and paths that mean nothing elsewhere."""
    for manifest in _manifests(case):
        for requirement in manifest.requirements:
            if requirement.marker or requirement.url is None:
                continue
            if (requirement.source == "vcs" and requirement.editable and _is_itself(case, manifest, requirement)) or (
                requirement.source == "path" and _is_missing(case, manifest, requirement)
            ):
                yield requirement


def _is_itself(case: Case, manifest: Manifest, requirement: Requirement) -> bool:
    """Whether a link leads to the repository that it is written in."""
    url = requirement.url or ""
    repository = re.sub(r"(\.git)?(@[^@/]*)?(#.*)?$", "", url).rstrip("/").rpartition("/")[2]
    below = re.search(r"[#&]subdirectory=([^&]+)", url)
    own = {normalise(document.name) for document in manifest.documents if document.name}
    names = {normalise(repository), requirement.key}
    if own & names or normalise(case.tree.root.resolve().name) in names:
        return True
    # `pip freeze` writes the folder that the project lies in below its repository.
    folder = below[1].strip("/") if below else ""
    if not folder:
        return False
    held = any(path.startswith(f"{folder}/") for path in case.tree.files)
    return held or case.tree.root.resolve().as_posix().endswith(f"/{folder}")


def _is_missing(case: Case, manifest: Manifest, requirement: Requirement) -> bool:
    url = (requirement.url or "").partition("#")[0]
    if _MACHINE.match(url):
        return True
    folder = posixpath.normpath(posixpath.join(posixpath.dirname(requirement.location.path), url))
    return not (case.tree.root / folder).exists()


def _judged(case: Case, requirement: Requirement) -> tuple[str, str, Edit | None, str]:
    """Problem, cause, the edit that mends it, and what that does."""
    name = requirement.name
    if requirement.url is None:
        marked = f'{requirement.written or name + requirement.specifier} ; sys_platform == "win32"'
        return (
            f"`{name}` is for Windows only.",
            "The manifest was frozen on Windows, and nothing says that this line is for Windows alone.",
            rewritten(case, requirement, marked) if not requirement.marker else None,
            f"Install {name} on Windows only.",
        )
    if requirement.source == "vcs":
        return (
            f"`{name or requirement.url}` is the project itself, by a link to its own repository.",
            "`pip freeze` writes an editable installation like this; production would fetch a past commit of itself.",
            removed(case, requirement),
            "Take the line out: the project's code is there already.",
        )
    plain = f"{name}{_version(requirement)}" if name else ""
    return (
        f"`{name or requirement.url}` is asked for by a path that is not in the repository.",
        f"`{requirement.url}` exists on the machine on which the manifest was written.",
        rewritten(case, requirement, plain) if plain and not requirement.editable else None,
        f"Ask for {plain} from the package index.",
    )


def _version(requirement: Requirement) -> str:
    """The version that the name of a wheel or source archive says."""
    match = re.search(r"/[\w.]+-(\d[\w.]*?)(?:-[\w.]+-[\w.]+-[\w.]+\.whl|\.tar\.gz|\.zip)", requirement.url or "")
    return f"=={match[1]}" if match else ""


_PROJECT = {
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}

RULE = Rule(
    code="DEP005",
    name="foreign-requirement",
    summary="A requirement exists on its author's machine only",
    check=check,
    fix="sometimes",
    requirements=("A3", "B1"),
    bad={**_PROJECT, "requirements.txt": "fastapi\npywin32==306\nuvicorn\n"},
    good={**_PROJECT, "requirements.txt": 'fastapi\npywin32==306 ; sys_platform == "win32"\nuvicorn\n'},
    expect=Expectation("requirements.txt", 2, stage=Stage.INSTALL),
)
