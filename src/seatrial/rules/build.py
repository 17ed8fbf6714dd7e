"""From facts and a played start to the case that rules read."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from seatrial.fixes import FixConflict, apply, touched
from seatrial.issue import Fix, NotAnalysed
from seatrial.project.files import Source, read, read_bytes
from seatrial.rules.case import Case
from seatrial.rules.codebase import Codebase
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
        python=facts.environment.interpreter.minor,
        documented=dict(facts.documented.process),
        replay=replay_of(scene),
    )


def codebase_of(facts: Facts, scene: Scene) -> Codebase:
    """The backend's own files, by the trees that were read already."""

    def text(path: str) -> str | None:
        source = facts.trees.sources.get(path) or read(facts.tree.root, path)
        return source.text if isinstance(source, Source) else None

    def parse(path: str, _: str) -> ast.Module | None:
        tree = facts.trees.tree(path) if path in facts.trees.sources else None
        return tree if isinstance(tree, ast.Module) else None

    return Codebase(facts.tree.root, facts.tree.files, scene.finder, text, parse)


def replay_of(scene: Scene) -> Callable[[Sequence[Fix]], Timeline | None]:
    """Play the start again with fixes applied; None where they cannot be, or where they move files."""

    def replay(fixes: Sequence[Fix]) -> Timeline | None:
        if any(fix.moves for fix in fixes):
            return None
        try:
            changed = apply(contents_of(scene, fixes), fixes)
        except FixConflict:
            return None
        return scene.play(changed)[1]

    return replay


def contents_of(scene: Scene, fixes: Sequence[Fix]) -> dict[str, bytes]:
    """The present contents of every file that the fixes touch."""
    found: dict[str, bytes] = {}
    for path in touched(fixes):
        raw = scene.trees.raw(path) if path in scene.trees.sources else read_bytes(scene.tree.root, path)
        if not isinstance(raw, NotAnalysed):
            found[path] = raw
    return found
