"""From what the earlier legs found to the one value that rules read."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from seatrial.boot import Boot, Outcome
from seatrial.issue import Fix
from seatrial.project.files import Source, Tree, decode, read_bytes
from seatrial.project.launch import Target
from seatrial.project.manifest import Manifest
from seatrial.project.packages import Packages
from seatrial.project.settings_environment import is_apart
from seatrial.project.syntax import parse
from seatrial.project.syntax_trees import Trees
from seatrial.provision.environment import Environment
from seatrial.rules.case import Case
from seatrial.rules.codebase import Codebase
from seatrial.simulation.stage import Scene, finder_of
from seatrial.simulation.timeline import Timeline

NOT_PLAYED = Timeline(Boot(Outcome.UNKNOWN, None, "nothing says what starts the backend"))


def case_of(
    tree: Tree,
    base: str,
    manifest: Manifest,
    targets: Sequence[Target],
    environment: Environment,
    trees: Trees,
    scene: Scene | None,
    timeline: Timeline | None,
    *,
    documented: Mapping[str, str] | None = None,
    replay: Callable[[Sequence[Fix]], Timeline | None] | None = None,
) -> Case:
    """The case of one backend under the target that was played; `timeline` is None where none could be.

    `replay` plays the start again with fixes applied, and is asked only where a fix has to be proven.
    """
    interpreter = environment.interpreter
    entries: list[Path] = [tree.root / base, *interpreter.stdlib, *environment.site]
    finder = scene.finder if scene is not None else finder_of(entries, environment)
    packages = (
        scene.packages
        if scene is not None
        else Packages(finder, interpreter.opaque, interpreter.version, interpreter.platform)
    )
    reading = _Reading(tree, trees)
    return Case(
        tree=tree,
        base=base,
        timeline=timeline or NOT_PLAYED,
        code=Codebase(tree.root, tree.python, finder, reading.text, reading.tree, is_apart),
        manifest=manifest,
        targets=tuple(targets),
        target=scene.target if scene is not None else None,
        packages=packages,
        environment=environment,
        python=interpreter.minor,
        documented=documented or {},
        replay=replay,
    )


class _Reading:
    """Texts and trees: those of the trees that were read already, and of other files as they are asked for."""

    def __init__(self, tree: Tree, trees: Trees) -> None:
        self._tree = tree
        self._trees = trees
        self._texts: dict[str, str | None] = {}

    def text(self, path: str) -> str | None:
        source = self._trees.sources.get(path)
        if isinstance(source, Source):
            return source.text
        if path not in self._texts:
            raw = read_bytes(self._tree.root, path) if path in self._tree else None
            self._texts[path] = raw.decode("utf-8-sig", "surrogateescape") if isinstance(raw, bytes) else None
        return self._texts[path]

    def tree(self, path: str, text: str) -> ast.Module | None:
        """The tree of a file as it stands, or as it would be with another text."""
        source = self._trees.sources.get(path)
        if isinstance(source, Source) and source.text == text:
            found = self._trees.tree(path)
        else:
            changed = replace(source, text=text) if isinstance(source, Source) else decode(path, text.encode())
            found = parse(changed, self._trees.version)
        return found if isinstance(found, ast.Module) else None
