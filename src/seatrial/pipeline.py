"""The whole story: one short function per command."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from seatrial.errors import UsageError
from seatrial.options import AuditOptions, BootOptions
from seatrial.progress import SILENT, Progress
from seatrial.project.backends import choose, find_backends
from seatrial.project.configuration import Configuration, read_configuration
from seatrial.project.files import Tree, scan
from seatrial.proof.mending import Watcher, hold_trial
from seatrial.report.assemble import assemble, assemble_trial, codes_judged
from seatrial.report.results import Audit, Trial
from seatrial.simulation.gather import gather
from seatrial.simulation.stage import play_with_rest


def audit(path: Path, options: AuditOptions, progress: Progress = SILENT) -> Audit:
    """Read one backend, play its start, judge it. Executes and changes nothing of it.

    Raises UsageError where `path` holds no backend, or several.
    """
    tree = _scan(path, progress)
    return _audit_backend(tree, choose(find_backends(tree)).base, options, progress)


def audit_all(path: Path, options: AuditOptions, progress: Progress = SILENT) -> tuple[Audit, ...]:
    """As `audit`, for each backend of a folder."""
    tree = _scan(path, progress)
    return tuple(_audit_backend(tree, found.base, options, progress) for found in find_backends(tree))


def _scan(path: Path, progress: Progress) -> Tree:
    progress.step("listing files")
    return scan(path)


def _audit_backend(tree: Tree, base: str, options: AuditOptions, progress: Progress) -> Audit:
    began = time.monotonic()
    options = _configured(options, read_configuration(tree, base))
    facts = gather(tree, base, options, progress)
    timeline = None
    if facts.scene is not None:
        progress.step(f"playing the start of {facts.scene.target.value}")
        timeline = play_with_rest(facts.scene)
    progress.step("judging")
    result = assemble(facts, timeline, options)
    if facts.scene is not None:
        facts.scene.packages.save()
    return replace(result, duration_s=round(time.monotonic() - began, 3))


def _configured(options: AuditOptions, configuration: Configuration) -> AuditOptions:
    """What a person asks for, and where they ask for nothing what the project's configuration says.

    Raises UsageError for the code of a rule that does not exist.
    """
    wished = replace(
        options,
        select=options.select or configuration.select,
        ignore=options.ignore or configuration.ignore,
        fail_level=options.fail_level or configuration.fail_level,
        severities=options.severities or configuration.severities,
    )
    codes_judged(wished)
    return wished


def boot(path: Path, options: BootOptions, progress: Progress = SILENT, watch: Watcher = lambda *_: None) -> Trial:
    """Start one backend for real, in a scratch copy, before and after each of the audit's fixes, until it serves.

    `watch` hears of each start as it ends. Raises UsageError where `path` holds no backend, or several.
    """
    began = time.monotonic()
    tree = _scan(path, progress)
    held = hold_trial(tree, choose(find_backends(tree)).base, options, progress, watch)
    return replace(assemble_trial(held), duration_s=round(time.monotonic() - began, 3))


def demo_backend() -> Path:
    """The bundled backend that does not start: in the installed package, else beside the source.

    Raises UsageError where neither is there.
    """
    package = Path(__file__).resolve().parent
    for place in (package / "examples" / "leaky", package.parents[1] / "examples" / "leaky"):
        if place.is_dir():
            return place
    raise UsageError(
        "the demo backend is not part of this installation: install seatrial from its wheel or its repository"
    )
