"""The folder that the backend's imports are written for, when it is not the one that the server looks in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from seatrial.rules.case import Case

_FEW = 2  # so few imports in a package are rather mistaken themselves than its place


@dataclass(frozen=True, slots=True)
class Root:
    """A folder (relative to the audited PATH, "." for itself) from which all the backend's own imports resolve."""

    folder: str
    imports: int


def missing_root(case: Case, name: str) -> Root | None:
    """The folder that should be on the path for top-level `name`, if that would mend all the backend's imports.

    None where some of its imports are written for the folder that is on the path: then single imports are wrong.
    """
    if "." in name or case.target is None or case.target.location is None:
        return None
    folders = [folder for folder in _holders(case, name) if _starts_below(case, folder)]
    roots = [root for folder in folders if (root := _judged(case, folder)) is not None]
    return max(roots, key=lambda root: (root.imports, -root.folder.count("/")), default=None)


def _holders(case: Case, name: str) -> list[str]:
    """The folders that hold a module or package of this name and are not on the path."""
    found: set[str] = set()
    for path in case.code.paths:
        parts = PurePosixPath(path).parts
        places = [index for index, part in enumerate(parts) if part in (name, f"{name}.py")]
        found.update("/".join(parts[:index]) or "." for index in places)
    on_path = {str(entry) for entry in case.code.finder.path}
    return sorted(folder for folder in found if str(case.code.root / folder) not in on_path)


def _starts_below(case: Case, folder: str) -> bool:
    """Whether the module that the server is told to start lies in this folder."""
    assert case.target is not None
    path = case.target.origin
    return bool(path) and (folder == "." or path.startswith(folder + "/"))


def _judged(case: Case, folder: str) -> Root | None:
    """The folder, if every absolute import of the backend's own modules below it is written for it."""
    tops = _tops(case, folder)
    count = 0
    for top, relative_at_top in _own_imports(case, folder):
        if relative_at_top or top not in tops:
            return None
        count += 1
    is_package = f"{folder}/__init__.py" in case.tree
    return None if not count or (is_package and count <= _FEW) else Root(folder, count)


def _tops(case: Case, folder: str) -> frozenset[str]:
    start = 0 if folder == "." else len(PurePosixPath(folder).parts)
    below = [PurePosixPath(path).parts for path in case.code.paths if folder == "." or path.startswith(folder + "/")]
    return frozenset(parts[start].removesuffix(".py") for parts in below)


def _own_imports(case: Case, folder: str) -> Iterator[tuple[str, bool]]:
    """The top-level name of each own import below a folder, and whether it is relative and too high from there."""
    for path in case.code.paths:
        if folder != "." and not path.startswith(folder + "/"):
            continue
        depth = len(PurePosixPath(path).parts) - 1 - (0 if folder == "." else len(PurePosixPath(folder).parts))
        file = case.code.file(path) if not _is_test(path) else None
        for site in file.imports if file is not None else ():
            if isinstance(site.node, ast.ImportFrom) and site.node.level:
                if site.node.level > depth:
                    yield "", True
                continue
            names = (
                [site.node.module or ""] if isinstance(site.node, ast.ImportFrom) else [a.name for a in site.node.names]
            )
            for top in (name.partition(".")[0] for name in names):
                if case.code.is_own(top) and (case.code.finder.find(top) is None or top in case.code.tops):
                    yield top, False


def _is_test(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return "tests" in parts or parts[-1].startswith("test_") or parts[-1] == "conftest.py"
