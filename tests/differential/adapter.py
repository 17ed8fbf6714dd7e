"""The single place where the simulation is asked.

The stage is set as the pipeline sets it, but for two things that make a hundred thousand starts affordable: what is
known of the standard library is kept from start to start, and the backend's own Python is asked about a file's syntax
only where ours refuses it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from seatrial.boot import Boot
from seatrial.issue import NotAnalysed
from seatrial.project.files import read
from seatrial.project.modules import Finder
from seatrial.project.packages.installed import Packages
from seatrial.project.syntax.parsing import Parsed, parse
from seatrial.provision.environment import Environment
from seatrial.provision.interpreter import Interpreter, find_interpreter
from seatrial.provision.reader import reader
from seatrial.simulation.layout import Layout
from seatrial.simulation.outside import PackagesOutside
from seatrial.simulation.start import Server, play_start

from .oracle import Oracle


@cache
def _interpreter(python: str) -> Interpreter:
    return find_interpreter(python)


@cache
def _loaded(python: str) -> frozenset[str]:
    """The modules that the oracle's server has imported before the backend."""
    with Oracle(python) as oracle:
        return oracle.loaded


@cache
def _outside(python: str) -> PackagesOutside:
    interpreter = _interpreter(python)
    finder = _finder(interpreter, interpreter.stdlib)
    foreign = reader(interpreter.executable)
    packages = Packages(finder, interpreter.opaque, interpreter.version, interpreter.platform, None, foreign)
    return PackagesOutside(packages, Environment(interpreter, origin="resolved"))


def _finder(interpreter: Interpreter, entries: Sequence[Path]) -> Finder:
    return Finder(entries, interpreter.builtin_modules, version=interpreter.version, stdlib=interpreter.stdlib)


class _Trees:
    """The trees of one package's files."""

    def __init__(self, root: Path, interpreter: Interpreter) -> None:
        self._root = root
        self._interpreter = interpreter
        self._kept: dict[Path, Parsed] = {}

    def __call__(self, place: Path) -> Parsed:
        if place not in self._kept:
            self._kept[place] = self._parse(place)
        return self._kept[place]

    def _parse(self, place: Path) -> Parsed:
        source = read(self._root, place.relative_to(self._root).as_posix())
        if isinstance(source, NotAnalysed):
            return source
        ours = parse(source, sys.version_info[:2])
        if self._interpreter.minor == sys.version_info[:2]:
            return ours
        if isinstance(ours, ast.Module) and not _may_be_too_new(ours):
            return ours
        return parse(source, self._interpreter.minor, reader(self._interpreter.executable))


def _may_be_too_new(tree: ast.Module) -> bool:
    """Whether a file has something of 3.12 or 3.13: type parameters and aliases, or formatted texts within texts."""
    return any(
        type(node).__name__ == "TypeAlias" or bool(getattr(node, "type_params", None)) or _is_nested_text(node)
        for node in ast.walk(tree)
    )


def _is_nested_text(node: ast.AST) -> bool:
    """Whether a formatted text holds another text, of which only 3.12 allows the same quotes."""
    inner = [part for part in ast.walk(node) if part is not node] if isinstance(node, ast.FormattedValue) else []
    return any(
        isinstance(part, ast.JoinedStr) or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in inner
    )


def predict(root: Path, target: str, python: str) -> Boot:
    """What the simulation says of starting `target` in `root` under a bare CPython ("3.12"), environment empty."""
    interpreter = _interpreter(python)
    layout = Layout(
        root=root,
        cwd=root,
        path=("", *map(str, interpreter.stdlib)),
        python=interpreter.minor,
        platform=interpreter.platform,
        finder=_finder(interpreter, [root, *interpreter.stdlib]),
        standard_finder=_finder(interpreter, interpreter.stdlib),
        finder_for=lambda entries: _finder(interpreter, entries),
        tree=_Trees(root, interpreter),
        is_own=lambda path: path is not None and path.is_relative_to(root),
        outside=_outside(python),
        environment_known=True,
        stdlib_modules=interpreter.stdlib_modules,
        preloaded=_loaded(python),
        micro=interpreter.version[2],
    )
    return play_start(layout, Server(target), {})[1].boot
