"""From facts and a played start to the case that rules read."""

from __future__ import annotations

import codecs
import dataclasses
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from seatrial.fixes import FixConflict, apply, touched
from seatrial.issue import Fix, NotAnalysed
from seatrial.project.files import Source, Tree, decode, read_bytes
from seatrial.project.settings_environment import is_apart
from seatrial.project.syntax.parsing import Parsed, parse
from seatrial.project.syntax.trees import Trees
from seatrial.rules.case import Ashore, Case, Replay
from seatrial.rules.codebase import Codebase
from seatrial.simulation.ashore import play_ashore
from seatrial.simulation.gather import Facts
from seatrial.simulation.stage import Scene
from seatrial.simulation.timeline import Timeline


def case_of(facts: Facts, timeline: Timeline) -> Case | None:
    """The case of one backend; None where it has no target to be judged by."""
    scene = facts.scene
    if scene is None:
        return None
    return Case(
        tree=facts.tree,
        base=facts.base,
        timeline=timeline,
        code=codebase_of(facts, scene),
        manifest=facts.manifest,
        targets=facts.targets,
        target=facts.target,
        packages=scene.packages,
        environment=facts.environment,
        python=facts.python,
        settings=facts.settings,
        papers=facts.documented,
        replay=replay_of(scene),
        ashore=Ashore(facts.ashore, partial(play_ashore, scene, facts.ashore)) if facts.ashore is not None else None,
    )


def codebase_of(facts: Facts, scene: Scene) -> Codebase:
    """The backend's own files, by the trees that were read already."""
    reading = _Reading(facts.tree, facts.trees)
    return Codebase(facts.tree.root, facts.tree.files, scene.finder, reading.text, reading.tree, is_apart)


class _Reading:
    """Texts and trees: those read already, and those of other files and changed texts as they are asked for."""

    def __init__(self, tree: Tree, trees: Trees) -> None:
        self._tree = tree
        self._trees = trees
        self._texts: dict[str, str | None] = {}

    def text(self, path: str) -> str | None:
        source = self._trees.sources.get(path)
        if isinstance(source, Source):
            return source.text
        if path not in self._texts:
            raw = read_bytes(self._tree.root, path)
            self._texts[path] = None if isinstance(raw, NotAnalysed) else _decoded(raw)
        return self._texts[path]

    def tree(self, path: str, text: str) -> Parsed:
        """What becomes of a file as it stands, or as it would be with another text."""
        source = self._trees.sources.get(path)
        if isinstance(source, Source) and source.text == text:
            return self._trees.tree(path)
        if isinstance(source, Source):
            return parse(replace(source, text=text), self._trees.version)
        return parse(decode(path, text.encode("utf-8", "surrogateescape")), self._trees.version)


def _decoded(raw: bytes) -> str | None:
    """Any text, as `seatrial.fixes` counts its characters."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError:
            return None
    return raw.decode("utf-8-sig", "surrogateescape")


def replay_of(scene: Scene) -> Replay:
    """Play the start again with fixes applied; None where they cannot be, or where they move files."""

    def replay(fixes: Sequence[Fix], variables: Sequence[tuple[str, str]] = ()) -> Timeline | None:
        if any(fix.moves for fix in fixes):
            return None
        try:
            changed = apply(contents_of(scene, fixes), fixes)
        except FixConflict:
            return None
        return dataclasses.replace(scene, variables={**scene.variables, **dict(variables)}).play(changed)[1]

    return replay


def contents_of(scene: Scene, fixes: Sequence[Fix]) -> dict[str, bytes]:
    """The present contents of every file that the fixes touch."""
    found: dict[str, bytes] = {}
    for path in touched(fixes):
        raw = scene.trees.raw(path) if path in scene.trees.sources else read_bytes(scene.tree.root, path)
        if not isinstance(raw, NotAnalysed):
            found[path] = raw
    return found
