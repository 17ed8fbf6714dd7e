"""Faults planted by editing the text of a copy of a service: the product itself knows nothing of them."""

from __future__ import annotations

import importlib
import itertools
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

_NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True)
class Plant:
    """One edit: in this file of the service, this text, which stands there once, becomes that one."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, by the edits that plant it, and the probe that has to fail. `frontend` is another than the usual."""

    name: str
    caught_by: str
    plants: tuple[Plant, ...]
    frontend: str = ""


def fault(name: str, caught_by: str, *edits: tuple[str, str, str], frontend: str = "") -> Fault:
    """A fault and the probe that has to catch it."""
    return Fault(name, caught_by, tuple(Plant(*it) for it in edits), frontend)


def copy(source: Path, place: Path, plants: tuple[Plant, ...]) -> Path:
    """A copy of a package with the edits made. Raises LookupError where a text is not found exactly once."""
    made = place / f"{source.name}_{next(_NUMBERS)}"
    shutil.copytree(source, made, ignore=shutil.ignore_patterns("__pycache__"))
    for plant in plants:
        file = made / plant.file
        text = file.read_text("utf-8")
        if text.count(plant.before) != 1:
            raise LookupError(f"{plant.file}: {plant.before!r} is there {text.count(plant.before)} times")
        file.write_text(text.replace(plant.before, plant.after), "utf-8")
    return made


def load(package: Path, module: str) -> ModuleType:
    """A module of a package that lies anywhere; the package's own imports have to be relative."""
    sys.path.insert(0, str(package.parent))
    try:
        importlib.invalidate_caches()
        return importlib.import_module(f"{package.name}.{module}")
    finally:
        sys.path.remove(str(package.parent))
