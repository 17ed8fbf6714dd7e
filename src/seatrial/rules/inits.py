"""Folders whose modules are not found, or found elsewhere, because they hold no `__init__.py`."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from seatrial.rules.case import Case
from seatrial.simulation.timeline import Mishap, MissingModule, MissingSymbol, RelativeImport


@dataclass(frozen=True, slots=True)
class MissingInit:
    """A folder that needs an `__init__.py`, the mishap that shows it, and why."""

    folder: str
    mishap: Mishap
    cause: str


def missing_init(case: Case) -> MissingInit | None:
    """The first folder of the backend that needs to be a regular package and is not."""
    for mishap in case.timeline.mishaps:
        fault = mishap.fault
        if isinstance(fault, RelativeImport) and fault.no_parent:
            found = _unrooted(case, mishap)
        elif isinstance(fault, MissingModule) and "." in fault.name and fault.distribution is None:
            found = _outranked(case, mishap, fault.name)
        elif isinstance(fault, MissingSymbol) and not fault.first_party:
            found = _outranked(case, mishap, f"{fault.module}.{fault.symbol}")
        else:
            continue
        if found is not None:
            return found
    return None


def _unrooted(case: Case, mishap: Mishap) -> MissingInit | None:
    """`fastapi run app/main.py` gives a file the package that its folders' `__init__.py` files make."""
    folder = posixpath.dirname(mishap.location.path)
    if case.target is None or case.target.server != "fastapi" or not folder:
        return None
    if f"{folder}/__init__.py" in case.tree or not re.search(r"\S\.py\b", case.target.command):
        return None
    cause = f"`{case.target.command}` takes a file's package from the `__init__.py` files beside and above it."
    return MissingInit(folder, mishap, cause)


def _outranked(case: Case, mishap: Mishap, name: str) -> MissingInit | None:
    """A folder without `__init__.py` loses to a package of its name anywhere on the path, even behind it."""
    top, _, rest = name.partition(".")
    spec = case.code.finder.find(top)
    if spec is None or spec.kind == "namespace" or top in case.code.tops:
        return None
    for entry in case.code.finder.path:
        if not entry.is_relative_to(case.code.root):
            continue
        base = posixpath.join(entry.relative_to(case.code.root).as_posix(), top)
        folder = posixpath.normpath(base)
        path = f"{folder}/{rest.replace('.', '/')}"
        if f"{folder}/__init__.py" not in case.tree and (f"{path}.py" in case.tree or case.tree.below(path)):
            where = spec.origin.parent.name if spec.origin is not None else top
            cause = f"`{top}` is found as the installed package `{where}`: a folder without `__init__.py` comes last."
            return MissingInit(folder, mishap, cause)
    return None
