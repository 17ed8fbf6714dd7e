"""What a rule reads: the facts of the backend and the simulated start, in one frozen value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from seatrial.issue import Fix
from seatrial.project.settings_facts import DocumentedEnvironment, Settings
from seatrial.rules.distributions import normalised, requirement_for
from seatrial.simulation.timeline import Mishap, Reach, Timeline

if TYPE_CHECKING:
    from seatrial.project.files import Tree
    from seatrial.project.launch.targets import Target
    from seatrial.project.manifest.declared import Manifest
    from seatrial.project.packages.installed import Packages
    from seatrial.provision.environment import Environment
    from seatrial.rules.codebase import Codebase


class Replay(Protocol):
    """Plays the start again with fixes applied, and with some variables more."""

    def __call__(self, fixes: Sequence[Fix], variables: Sequence[tuple[str, str]] = ...) -> Timeline | None:
        """What the play shows; None where it cannot be played."""


@dataclass(frozen=True, slots=True)
class Ashore:
    """The environment that the backend gets where its image is not built, and the start in it, played when asked."""

    environment: Environment
    play: Callable[[], Timeline]


@dataclass(frozen=True, slots=True)
class Case:
    """One backend as it is started by one target.

    `base` is the backend's folder relative to the audited PATH (`.` when they are the same). `targets` are all that
    its files name, best first; `target` the one that was played. `replay` plays the start again with some files
    changed and is how a rule proves a fix; None where the play is not to be had. `told` are the places (path, line) of
    the issues found so far, for rules that are asked last. `ashore` is None where the image brings no other Python
    than there would be without it.
    """

    tree: Tree
    base: str
    timeline: Timeline
    code: Codebase
    manifest: Manifest
    targets: tuple[Target, ...]
    target: Target | None
    packages: Packages
    environment: Environment | None
    python: tuple[int, int]
    settings: Settings = field(default_factory=Settings)
    papers: DocumentedEnvironment = field(default_factory=DocumentedEnvironment)
    replay: Replay | None = None
    told: frozenset[tuple[str, int]] = frozenset()
    ashore: Ashore | None = None

    def is_declared(self, module: str) -> bool:
        """Whether a distribution that provides this import name is declared, installed or not."""
        wanted = normalised(requirement_for(module))
        return any(normalised(requirement.name) == wanted for requirement in self.manifest.requirements)

    def mends(self, fix: Fix, mishap: Mishap) -> bool | None:
        """Whether the start, played again with the fix, passes the place of this mishap without breaking sooner.

        None where the start cannot be played again, or cannot be followed that far.
        """
        played = self.replay([fix]) if self.replay is not None else None
        if played is None:
            return None
        known = [(it.failure.exception, it.failure.message) for it in self.timeline.mishaps if it is not mishap]
        left = [(it.failure.exception, it.failure.message) for it in played.mishaps]
        return all(it in known for it in left) and len(left) <= len(known)

    def reach_of(self, path: str, line: int) -> Reach:
        """From where a statement is reached, for rules that read the text: what a mishap there, or its module, says."""
        for mishap in self.timeline.mishaps:
            if mishap.location.path == path and mishap.location.line == line:
                return mishap.reach
        file = self.code.file(path)
        if not any(module.path == path for module in self.timeline.loaded):
            return Reach.UNREACHED
        inner = file is not None and any(_is_inside(node, line) for node in ast.walk(file.tree))
        return Reach.REQUEST if inner else Reach.BOOT


def _is_inside(node: ast.AST, line: int) -> bool:
    """Whether a line lies in the body of this function."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return node.body[0].lineno <= line <= (node.end_lineno or node.lineno)
