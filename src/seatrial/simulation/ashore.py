"""The Python that the backend gets where its image is not built: a newcomer's, or that of a platform."""

from __future__ import annotations

from dataclasses import replace

from seatrial.errors import UsageError
from seatrial.project.files import Source, Undecodable
from seatrial.project.manifest.declared import DeclaredPython, Manifest
from seatrial.project.syntax.trees import Trees
from seatrial.provision.cache import cache_directory
from seatrial.provision.environment import Environment
from seatrial.provision.equip import Order, equip
from seatrial.provision.interpreter import find_interpreter
from seatrial.provision.reader import reader
from seatrial.provision.versions import satisfies
from seatrial.simulation.plays import play_with_rest
from seatrial.simulation.stage import Scene, set_scene
from seatrial.simulation.timeline import Timeline


def ashore(order: Order, environment: Environment, manifest: Manifest) -> Environment | None:
    """What the backend would be installed into by the Python that is taken where no image names one.

    None where it is judged for that Python already, where its files keep that Python out, or where a person said for
    which one it is to be judged. The image of a Dockerfile holds for that image alone, the `[requires]` of a Pipfile
    for pipenv; pip reads neither.
    """
    if order.python is not None or environment.origin == "own" or not manifest.python:
        return None
    if manifest.python[0].kind != "Dockerfile":
        return None
    binding = tuple(it for it in manifest.python if _binds(it, manifest))
    try:
        found = find_interpreter(None, tuple(it.wish for it in binding))
    except UsageError:
        return None
    kept_out = any(satisfies(found.version, it.specifier) is False for it in binding)
    if kept_out or found.minor <= environment.interpreter.minor:
        return None
    return equip(replace(order, wishes=tuple(it.wish for it in binding), ignore_own=True, first=True))


def _binds(declared: DeclaredPython, manifest: Manifest) -> bool:
    """Whether whoever installs without the image is told of it by what he installs with."""
    if declared.kind == "pipfile":
        return manifest.installation is not None and manifest.installation.tool == "pipenv"
    return declared.kind != "Dockerfile"


def play_ashore(scene: Scene, environment: Environment) -> Timeline:
    """The same start in that environment."""
    interpreter = environment.interpreter
    sources: dict[str, Source | Undecodable] = dict(scene.trees.sources)
    trees = Trees(sources, interpreter.minor, reader(interpreter.executable))
    other = set_scene(
        scene.tree,
        scene.target,
        environment,
        trees,
        scene.variables,
        scene.files,
        scene.withheld,
        scene.settings,
        cache_directory(),
        scene.bare,
    )
    timeline = play_with_rest(replace(other, unread=scene.unread))
    other.packages.save()
    return timeline
