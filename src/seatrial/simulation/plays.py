"""All plays of one start: under every condition, and then what the start does not reach."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from seatrial.project.settings_environment import is_apart
from seatrial.simulation.conditions import play_conditions
from seatrial.simulation.latent import play_rest
from seatrial.simulation.stage import Scene
from seatrial.simulation.start import timeline_of
from seatrial.simulation.timeline import Timeline


def play_with_rest(scene: Scene) -> Timeline:
    """The start under every condition, and after it what the start does not reach."""
    sim, timeline = play_conditions(scene)
    already = len(sim.player.record.mishaps)
    names = [(name, place) for path in scene.trees.sources for name, place in _names(scene, path)]
    play_rest(sim, sorted(names))
    rest = timeline_of(sim)
    return replace(timeline, mishaps=(*timeline.mishaps, *rest.mishaps[already:]))


def _names(scene: Scene, path: str) -> list[tuple[str, Path]]:
    place = scene.tree.root / path
    return [(name, place) for name in scene.finder.names_of(place)[:1] if not is_apart(path)]
