"""Project whose build backend finds nothing to package

## What it finds
A pyproject.toml that makes the backend itself a distribution, whose build backend looks for a package folder by the
project's name and finds none, or (setuptools) finds several and will not choose.

## Why it bites
`uv sync`, `poetry install` and `pip install .` build the project itself after its dependencies, and stop with it:
in a template the folder is called `src` or `app`, the project something else.

## What is flagged
The `[build-system]` of the manifest that is installed, or its project's name where it has none. A file in Poetry's
own format is a warning: Poetry 2 fails, earlier ones let it pass, and platforms leave the project out.

## What is not
Projects that are no package (`tool.uv.package = false`, Poetry's `package-mode = false`), and those that name their
files. Installations that leave the project out (`--no-root`, `--no-install-project`).

## Fix safety
Safe: the folder that the server is started from is named as the package, or the project is declared to be none. The
backend is imported from its own folder in either case.

## Reference
https://hatch.pypa.io/latest/plugins/builder/wheel/#default-file-selection
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Evidence, Fix, Location, Position, Stage
from seatrial.project.manifest.declared import Document
from seatrial.project.manifest.reading import load_toml, read_text
from seatrial.project.manifest.toml import Toml
from seatrial.rules.case import Case
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Reach

_LEFT_OUT = re.compile(r"--no-root|--no-install-project|--no-self|--only-deps|--no-install-workspace")
# Source: setuptools' `discovery.FlatLayoutPackageFinder.DEFAULT_EXCLUDE` and `FlatLayoutModuleFinder`.
_NOT_PACKAGES = frozenset(
    """ci bin debian doc docs documentation manpages news newsfragments changelog test tests unit_test unit_tests
    example examples scripts tools util utils python build benchmark benchmarks exercise exercises htmlcov tasks fabfile
    site_scons """.split()
)
_NOT_MODULES = frozenset(
    """setup conftest test tests example examples build toxfile noxfile pavement dodo tasks fabfile sconstruct
    """.split()
)


def check(case: Case) -> Iterator[Finding]:
    """One finding where the installation would stop with the project itself."""
    for document in case.manifest.installed:
        if not document.path.endswith("pyproject.toml") or not document.installs_project or _is_left_out(case):
            continue
        toml = _toml(case, document)
        told = _told(case, document, toml)
        if told is None:
            continue
        fix = _fix(case, document, toml)
        yield Finding(
            location=_place(document, toml),
            reach=Reach.BOOT,
            stage=Stage.INSTALL,
            certain=_is_certain(document, toml),
            problem=told,
            cause="Installing the backend builds it as a distribution, after its dependencies.",
            fix=fix,
            no_fix_reason=None if fix else "The manifest lies outside the audited folder.",
            evidence=tuple(_evidence(case)),
        )


def _toml(case: Case, document: Document) -> Toml:
    text = read_text(case.tree.root, document.path)
    return Toml(document.path, text.text, load_toml(text)[0])


def _is_left_out(case: Case) -> bool:
    chosen = case.manifest.installation
    return chosen is not None and _LEFT_OUT.search(chosen.reason) is not None


def _is_certain(document: Document, toml: Toml) -> bool:
    """Whether every installer builds it: Poetry's own format is its alone, and releases before 2 let it pass."""
    return document.kind != "poetry" or bool(toml.table("project"))


def _place(document: Document, toml: Toml) -> Location:
    if toml.get("build-system", "build-backend") is not None:
        return toml.place("build-system", "build-backend")
    return document.build.location if document.build is not None else Location(document.path, 1)


def _evidence(case: Case) -> Iterator[Evidence]:
    chosen = case.manifest.installation
    if chosen is not None and chosen.location is not None:
        place = f"{chosen.location.path}:{chosen.location.line}"
        yield Evidence("This is how the image installs; whoever else installs it builds the project", place)


class _Folder:
    """What lies in the project's folder."""

    def __init__(self, case: Case, document: Document) -> None:
        self.folder = posixpath.dirname(document.path) or "."
        self._root = case.tree.root / self.folder
        prefix = "" if self.folder == "." else self.folder + "/"
        inner = [path[len(prefix) :] for path in case.tree.files if path.startswith(prefix)]
        self.folders = {path.partition("/")[0] for path in inner if "/" in path}
        self.modules = {path.removesuffix(".py") for path in inner if "/" not in path and path.endswith(".py")}

    def has(self, path: str) -> bool:
        return (self._root / path).exists()

    def is_folder(self, path: str) -> bool:
        return (self._root / path).is_dir()

    def below(self, name: str) -> list[str]:
        return [folder for folder in sorted(self.folders) if self.has(f"{folder}/{name}/__init__.py")]


def _told(case: Case, document: Document, toml: Toml) -> str | None:
    """What the build backend would say; None where it builds, or that cannot be told."""
    backend = document.build.backend if document.build is not None else ""
    folder = _Folder(case, document)
    if folder.folder.startswith(".."):
        return None
    name = document.name
    if backend.startswith("hatchling"):
        return _of_hatch(toml, folder, name)
    if backend.startswith(("poetry.core", "poetry.masonry")):
        return _of_poetry(toml, folder, name)
    if backend.startswith("uv_build"):
        return _of_uv(toml, folder, name)
    if backend.startswith("setuptools"):
        return _of_setuptools(toml, folder)
    return None


def _of_hatch(toml: Toml, folder: _Folder, name: str) -> str | None:
    chosen = ("packages", "include", "only-include", "force-include", "sources", "bypass-selection")
    for table in (("tool", "hatch", "build", "targets", "wheel"), ("tool", "hatch", "build")):
        if any(key in toml.table(*table) for key in chosen):
            return None
    if folder.has("hatch.toml") or folder.has("hatch_build.py"):
        return None
    for spelt in dict.fromkeys((re.sub(r"[^\w.]+", "_", name), re.sub(r"[-_.]+", "_", name).lower())):
        found = any(folder.has(path) for path in (f"{spelt}/__init__.py", f"src/{spelt}/__init__.py", f"{spelt}.py"))
        if found or len(folder.below(spelt)) == 1:
            return None
    wanted = re.sub(r"[-_.]+", "_", name).lower()
    return f"Hatchling finds no package for `{name}`: there is neither a folder `{wanted}` nor a `src/{wanted}`."


def _of_poetry(toml: Toml, folder: _Folder, name: str) -> str | None:
    for item in toml.items("tool", "poetry", "packages"):
        include = item.get("include") if isinstance(item, dict) else None
        where = item.get("from", ".") if isinstance(item, dict) else "."
        if isinstance(include, str) and "*" not in include and not folder.has(f"{where}/{include}"):
            return f"Poetry finds no `{include}` to package."
    if toml.get("tool", "poetry", "packages") is not None or not name:
        return None
    wanted = re.sub(r"[-_.]+", "_", name).lower()
    found = any(folder.is_folder(path) or folder.has(f"{path}.py") for path in (wanted, f"src/{wanted}"))
    if found:
        return None
    return f"Poetry finds no package for `{name}`: there is neither a folder `{wanted}` nor a `{wanted}.py`."


def _of_uv(toml: Toml, folder: _Folder, name: str) -> str | None:
    settings = toml.table("tool", "uv", "build-backend")
    if settings.get("namespace") or isinstance(settings.get("module-name"), list):
        return None
    root, module = settings.get("module-root", "src"), settings.get("module-name")
    wanted = str(module or re.sub(r"[-_.]+", "_", name).lower()).replace(".", "/")
    path = posixpath.normpath(posixpath.join(str(root), wanted))
    return None if folder.has(f"{path}/__init__.py") else f"uv's build backend finds no `{path}/__init__.py`."


def _of_setuptools(toml: Toml, folder: _Folder) -> str | None:
    table = toml.table("tool", "setuptools")
    if any(key in table for key in ("packages", "py-modules", "package-dir", "ext-modules")):
        return None
    if folder.has("setup.py") or folder.has("setup.cfg") or folder.is_folder("src"):
        return None
    packages = sorted(name for name in folder.folders if name.isidentifier() and _is_package(name))
    if len(packages) > 1:
        listed = ", ".join(f"`{name}`" for name in packages)
        return f"setuptools finds several top-level packages and will not choose: {listed}."
    modules = sorted(name for name in folder.modules if name.isidentifier() and name not in _NOT_MODULES)
    if not packages and len(modules) > 1:
        listed = ", ".join(f"`{name}`" for name in modules)
        return f"setuptools finds several top-level modules and will not choose: {listed}."
    return None


def _is_package(name: str) -> bool:
    return name not in _NOT_PACKAGES and not name.startswith(("_", "."))


def _fix(case: Case, document: Document, toml: Toml) -> Fix | None:
    if document.path.startswith("..") or not toml.text:
        return None
    backend = document.build.backend if document.build is not None else ""
    if backend.startswith("poetry"):
        edits = _unpackaged(toml)
        return Fix(Applicability.SAFE, "Declare the project to be no package (`package-mode = false`).", edits)
    package = _package(case, document)
    if backend.startswith("setuptools"):
        entry = f"[tool.setuptools]\npackages = [{_quoted(package)}]\n"
        return _added(toml, entry, "tool.setuptools") if package else None
    if backend.startswith("hatchling"):
        header = "tool.hatch.build.targets.wheel"
        entry = f"packages = [{_quoted(package)}]" if package else "bypass-selection = true"
        return _added(toml, f"[{header}]\n{entry}\n", header)
    return None


def _quoted(name: str | None) -> str:
    return f'"{name}"' if name else ""


def _package(case: Case, document: Document) -> str | None:
    """The folder beside the manifest that the server is started from, or that holds what is."""
    folder = posixpath.dirname(document.path)
    origin = case.target.origin if case.target is not None else ""
    inner = origin[len(folder) + 1 :] if folder and origin.startswith(folder + "/") else origin
    return inner.partition("/")[0] if "/" in inner and not inner.startswith("..") else None


def _added(toml: Toml, entry: str, header: str) -> Fix | None:
    """A table at the end of the file; None where the file has it already."""
    if re.search(rf"^\[{re.escape(header)}\]", toml.text, re.MULTILINE):
        return None
    return Fix(Applicability.SAFE, f"Say what to package: {entry.splitlines()[1]}.", (_at_end(toml, entry),))


def _at_end(toml: Toml, entry: str) -> Edit:
    lines = toml.text.split("\n")
    end = Position(len(lines), len(lines[-1]) + 1)
    return Edit(toml.path, end, end, f"\n{entry}" if not lines[-1] else f"\n\n{entry}")


def _unpackaged(toml: Toml) -> tuple[Edit, ...]:
    """`package-mode = false` in Poetry's own table, and out of any other."""
    lines = toml.text.split("\n")
    edits = []
    if toml.get("project", "package-mode") is not None:
        line = toml.place("project", "package-mode").line
        if re.match(r"\s*package-mode\s*=", lines[line - 1]):
            edits.append(Edit(toml.path, Position(line, 1), Position(line + 1, 1), ""))
    header = next((number for number, text in enumerate(lines, 1) if text.strip() == "[tool.poetry]"), None)
    if header is None:
        edits.append(_at_end(toml, "[tool.poetry]\npackage-mode = false\n"))
    else:
        place = Position(header, len(lines[header - 1]) + 1)
        edits.append(Edit(toml.path, place, place, "\npackage-mode = false"))
    return tuple(edits)


_PROJECT = {
    "Procfile": "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT\n",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
}
_PYPROJECT = """\
[project]
name = "task-service"
version = "1.0"
dependencies = ["fastapi", "uvicorn"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""

RULE = Rule(
    code="DEP007",
    name="unbuildable-project",
    summary="The build backend finds no package in the project",
    check=check,
    fix="sometimes",
    requirements=("A3", "B1"),
    bad={**_PROJECT, "pyproject.toml": _PYPROJECT},
    good={
        **_PROJECT,
        "pyproject.toml": _PYPROJECT + '\n[tool.hatch.build.targets.wheel]\npackages = ["app"]\n',
    },
    expect=Expectation("pyproject.toml", 8, stage=Stage.INSTALL),
)
