"""What one start stands on: the folders, the path, the trees and the packages. Facts only, gathered before the play."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.issue import NotAnalysed
from seatrial.project.modules import Finder
from seatrial.project.syntax.parsing import SyntaxFault
from seatrial.simulation.outside import Outside

Tree = ast.Module | SyntaxFault | NotAnalysed


@dataclass(frozen=True, slots=True)
class Layout:
    """The facts that a play needs.

    `path` is `sys.path` as the server starts with it; `own` are the files that belong to the backend (anything below
    `root` that is in no environment). `preloaded` are the modules that the server has imported before the backend's
    first line runs. `script_directory` is `sys.path[0]` of a script or `-m` start, None under a console script.
    """

    root: Path
    cwd: Path
    path: tuple[str, ...]
    python: tuple[int, int]
    platform: str
    finder: Finder
    standard_finder: Finder
    finder_for: Callable[[Sequence[Path]], Finder]
    tree: Callable[[Path], Tree]
    is_own: Callable[[Path | None], bool]
    outside: Outside
    environment_known: bool
    stdlib_modules: frozenset[str]
    preloaded: frozenset[str] = frozenset()
    script_directory: Path | None = None
    micro: int = 0
    files: Mapping[str, str] = field(default_factory=dict)  # dotenv files that the documented environment puts in place
    withheld: tuple[str, ...] = ()  # files that the start does not find: a developer's own `.env`
    alone: bool = False  # no service answers: no database, no cache
    answering: frozenset[str] = frozenset()  # but for these, by their libraries
