"""What is declared: every manifest and lock file of one backend, and which of them is installed."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial.project.backends import is_manifest
from seatrial.project.files import Tree
from seatrial.project.manifest.install import Papers, installation
from seatrial.project.manifest.locks import is_lock, read_lock
from seatrial.project.manifest.pipfile import read_conda, read_pipfile
from seatrial.project.manifest.pyproject import read_pyproject
from seatrial.project.manifest.python import declared_python
from seatrial.project.manifest.reading import folders_outside
from seatrial.project.manifest.requirements import read_requirements
from seatrial.project.manifest.setup import read_setup_cfg, read_setup_py
from seatrial.project.manifest.values import (
    Build,
    DeclaredPython,
    Disagreement,
    Document,
    Installation,
    Lock,
    Locked,
    Problem,
    Requirement,
    normalise,
)

__all__ = [
    "Build",
    "DeclaredPython",
    "Disagreement",
    "Document",
    "Installation",
    "Lock",
    "Locked",
    "Manifest",
    "Problem",
    "Requirement",
    "normalise",
    "read_manifest",
]

_READERS: dict[str, Callable[[Path, str], Document]] = {
    "pyproject.toml": read_pyproject,
    "Pipfile": read_pipfile,
    "setup.cfg": read_setup_cfg,
    "setup.py": read_setup_py,
    "environment.yml": read_conda,
    "environment.yaml": read_conda,
}
_FRAMEWORKS = frozenset({"fastapi", "starlette", "fastapi-slim"})
_DEPTH = 2  # how far below a backend's folder its manifest is looked for, where it holds none itself


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that is declared for the backend in `base`.

    `documents` are its manifests and `locks` its lock files, also those that nothing installs. `installation` says
    which are installed, None where nothing is declared. `requirements` are what a production install of those takes.
    `python` are the Pythons asked for: version files first, then runtime.txt and Dockerfile, then the manifests.
    `folder` is where the manifests lie, which may be above the audited folder (`..`).
    """

    base: str
    folder: str
    documents: tuple[Document, ...] = ()
    locks: tuple[Lock, ...] = ()
    installation: Installation | None = None
    requirements: tuple[Requirement, ...] = ()
    python: tuple[DeclaredPython, ...] = ()

    @property
    def installed(self) -> tuple[Document, ...]:
        """The manifests that are installed."""
        files = self.installation.files if self.installation else ()
        return tuple(document for document in self.documents if document.path in files)

    @property
    def alternatives(self) -> tuple[Document, ...]:
        """The manifests that declare dependencies and are not installed."""
        return tuple(found for found in self.documents if found not in self.installed and found.requirements)

    @property
    def lock(self) -> Lock | None:
        """The lock file that is installed from."""
        files = self.installation.files if self.installation else ()
        return next((lock for lock in self.locks if lock.path in files), None)

    @property
    def constraints(self) -> tuple[Requirement, ...]:
        """The bounds that hold for whatever is installed."""
        return tuple(bound for document in self.installed for bound in document.constraints)

    @property
    def options(self) -> tuple[str, ...]:
        """Index and installer options of the installed manifests, as written."""
        return tuple(option for document in self.installed for option in document.options)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in any of the files, those that are installed first."""
        ordered = sorted(self.documents, key=lambda document: document not in self.installed)
        found = [problem for document in ordered for problem in document.problems]
        return tuple(dict.fromkeys([*found, *(problem for lock in self.locks for problem in lock.problems)]))

    def declares(self, name: str) -> tuple[Requirement, ...]:
        """The installed requirements on a distribution."""
        return tuple(found for found in self.requirements if found.key == normalise(name))

    def locked(self, name: str) -> tuple[str, ...]:
        """The versions that a production install is held to: of the lock file, else pinned in the manifest."""
        lock = self.lock
        if lock is not None:
            return lock.versions(name)
        return tuple(dict.fromkeys(pin for found in self.declares(name) if (pin := found.pinned)))


def read_manifest(tree: Tree, base: str) -> Manifest:
    """Read what is declared for the backend in `base`, a folder of the tree ("." is its root).

    Looks in `base`; where that holds no manifest, a little below it, then in the folders above, up to the end of the
    checkout, for one that declares the framework. Never fails: what cannot be read is a problem of its document.
    """
    folder, papers = _papers(tree, base)
    chosen = installation(tree, papers)
    manifest = Manifest(base, folder, papers.documents, papers.locks, chosen)
    beside = [found for place in dict.fromkeys((base, folder)) for found in declared_python(tree, place)]
    python = [*beside, *_python_of([*manifest.installed, *manifest.documents])]
    requirements = tuple(_production(manifest.installed, chosen)) if chosen else ()
    return replace(manifest, requirements=requirements, python=tuple(dict.fromkeys(python)))


def _python_of(documents: Iterable[Document]) -> Iterator[DeclaredPython]:
    for document in documents:
        yield from document.python


def _production(installed: Iterable[Document], chosen: Installation) -> Iterator[Requirement]:
    """What the installation takes of its documents: the groups that it names, and of a requirements file everything."""
    for document in installed:
        for requirement in document.requirements:
            wanted_group = requirement.group is None or bool({requirement.group, "*"} & set(chosen.groups))
            wanted_extra = requirement.extra is None or bool({requirement.extra, "*"} & set(chosen.extras))
            if document.kind == "requirements" or (wanted_group and wanted_extra):
                yield requirement


def _papers(tree: Tree, base: str) -> tuple[str, Papers]:
    paths = _manifests_in(tree, base) or _manifests_below(tree, base)
    if paths:
        papers = _read(tree, base, paths)
        return _folder_of(paths), replace(papers, locks=(*papers.locks, *_workspace_lock(tree, base, papers)))
    for folder in _folders_above(tree, base):
        papers = _read(tree, folder, _manifests_in(tree, folder))
        if any(found.key in _FRAMEWORKS for document in papers.documents for found in document.requirements):
            return folder, papers
    return base, Papers(base, (), ())


def _folder_of(paths: Iterable[str]) -> str:
    return min((posixpath.dirname(path) or "." for path in paths), key=len)


def _read(tree: Tree, base: str, paths: Iterable[str]) -> Papers:
    locks = tuple(read_lock(tree.root, path) for path in paths if is_lock(path))
    documents = tuple(_document(tree.root, path) for path in paths if not is_lock(path))
    return Papers(base, documents, locks)


def _document(root: Path, path: str) -> Document:
    return _READERS.get(posixpath.basename(path), read_requirements)(root, path)


def _manifests_in(tree: Tree, folder: str) -> list[str]:
    """The manifests of one folder, with those of its `requirements/`; the folder may lie above the root."""
    if folder.startswith(".."):
        try:
            names = sorted(entry.name for entry in (tree.root / folder).iterdir() if entry.is_file())
        except OSError:
            return []
        return [path for name in names if is_manifest(tree, path := f"{folder}/{name}")]
    within = [*tree.within(folder)]
    for name in ("requirements", "reqs"):
        within += tree.within(name if folder == "." else f"{folder}/{name}")
    return [path for path in within if is_manifest(tree, path) or _is_listed_requirements(folder, path)]


def _is_listed_requirements(folder: str, path: str) -> bool:
    parent = posixpath.dirname(path)
    return (
        parent != folder and posixpath.basename(parent) in ("requirements", "reqs") and path.endswith((".txt", ".in"))
    )


def _manifests_below(tree: Tree, base: str) -> list[str]:
    """The manifests nearest below a folder that holds none."""
    start = 0 if base == "." else base.count("/") + 1
    folders = {posixpath.dirname(path) for path in tree.below(base) if start < path.count("/") <= start + _DEPTH}
    for folder in sorted(folders, key=lambda folder: (folder.count("/"), folder)):
        hidden = any(part.startswith(".") or part in ("tests", "docs", "examples") for part in folder.split("/"))
        found = [] if hidden else _manifests_in(tree, folder)
        if found:
            return found
    return []


def _folders_above(tree: Tree, base: str) -> Iterator[str]:
    while base != ".":
        base = posixpath.dirname(base) or "."
        yield base
    yield from folders_outside(tree.root)


def _workspace_lock(tree: Tree, base: str, papers: Papers) -> Iterator[Lock]:
    """The uv.lock of the workspace that this project is a member of."""
    names = {normalise(document.name) for document in papers.documents if document.name}
    if not names or papers.named("uv.lock", "requirements.txt"):
        return
    for folder in _folders_above(tree, base):
        path = posixpath.normpath(f"{folder}/uv.lock")
        if (tree.root / path).is_file():
            lock = read_lock(tree.root, path)
            if names & set(lock.packages):
                yield lock
            return
