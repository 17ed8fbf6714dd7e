"""The whole story: one short function per command.

What makes an audit is loaded where one is made: an audit that is remembered needs little of it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import UsageError
from seatrial.progress import SILENT, Progress
from seatrial.project.files import Tree, scan
from seatrial.report.earlier import WITNESS, Question, looked_at, recall, remember

if TYPE_CHECKING:
    from seatrial.options import AuditOptions, BootOptions, BuildOptions, PrepareOptions, VerifyOptions
    from seatrial.project.configuration import Configuration
    from seatrial.project.decisions import Decisions
    from seatrial.proof.berth import Berth
    from seatrial.proof.mending import Watcher
    from seatrial.provision.environment import Environment
    from seatrial.report.dossier import Dossier
    from seatrial.report.preparation import Preparation
    from seatrial.report.results import Audit, Build, Trial
    from seatrial.rules.recorded import Complaint
    from seatrial.verification.plan import Plan
    from seatrial.verification.recovery import Recovery
    from seatrial.verification.results import Verification
    from seatrial.verification.run import Ears


def audit(path: Path, options: AuditOptions, progress: Progress = SILENT) -> Audit:
    """Read one backend, play its start, judge it. Executes and changes nothing of it.

    Raises UsageError where `path` holds no backend, or several.
    """
    return _audited(path, options, progress, several=False)[0]


def audit_all(path: Path, options: AuditOptions, progress: Progress = SILENT) -> tuple[Audit, ...]:
    """As `audit`, for each backend of a folder."""
    return _audited(path, options, progress, several=True)


def _audited(path: Path, options: AuditOptions, progress: Progress, *, several: bool) -> tuple[Audit, ...]:
    """The audits of an earlier run where nothing has changed since, else new ones."""
    began = time.monotonic()
    progress.step("listing files")
    tree = scan(path)
    question = Question.of(tree, options, several=several)
    known = recall(question)
    if known is not None:
        took = round(time.monotonic() - began, 3)
        return tuple(replace(audit, duration_s=took) for audit in known)
    with WITNESS.at_work() as seen, _no_collection():
        made = [_audit_backend(tree, base, options, progress) for base in _bases(tree, several=several)]
    audits = tuple(audit for audit, _ in made)
    environments = [environment for _, used in made for environment in used]
    if all(environment.lasting for environment in environments):
        awaited = [str(place) for environment in environments for place in environment.awaits]
        remember(question, audits, [*looked_at(seen, question, tree.root), *awaited])
    return audits


def _bases(tree: Tree, *, several: bool) -> list[str]:
    from seatrial.project.backends import choose, find_backends

    found = find_backends(tree)
    return [it.base for it in (found if several else (choose(found),))]


def _audit_backend(
    tree: Tree, base: str, options: AuditOptions, progress: Progress
) -> tuple[Audit, tuple[Environment, ...]]:
    from seatrial.project.configuration import read_configuration
    from seatrial.report.assemble import assemble
    from seatrial.simulation.gather import gather
    from seatrial.simulation.plays import play_with_rest

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
    used = tuple(it for it in (facts.environment, facts.ashore) if it is not None)
    return replace(result, duration_s=round(time.monotonic() - began, 3)), used


@contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection: trees stay to the end, and to look through them for cycles again and again takes longer
    than everything else together.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _configured(options: AuditOptions, configuration: Configuration) -> AuditOptions:
    """What a person asks for, and where they ask for nothing what the project's configuration says.

    Raises UsageError for the code of a rule that does not exist.
    """
    from seatrial.report.assemble import codes_judged

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
    from seatrial.project.backends import choose, find_backends
    from seatrial.proof.mending import hold_trial
    from seatrial.report.assemble_trial import assemble_trial

    began = time.monotonic()
    progress.step("listing files")
    tree = scan(path)
    held = hold_trial(tree, choose(find_backends(tree)).base, options, progress, watch)
    return replace(assemble_trial(held), duration_s=round(time.monotonic() - began, 3))


def verify(url: str, options: VerifyOptions, ears: Ears | None = None) -> Verification:
    """Try a live URL with two users; what the run makes there, it removes again.

    Raises UsageError where nothing answers at `url`, or what was given cannot be used.
    """
    from seatrial.options import AuditOptions
    from seatrial.verification import run
    from seatrial.verification.api import Operation

    operations: list[Operation] = []
    if options.project and not options.app:
        routes = [it.route for it in audit(options.project, AuditOptions(python=options.python)).routes]
        operations = [Operation(how, it.path, described=False) for it in routes if it.included for how in it.methods]
    return run.verify(url, options, operations, ears or run.Ears())


def plan(url: str, options: VerifyOptions) -> Plan:
    """What `verify` would do, without sending anything. Raises UsageError."""
    from seatrial.verification.credentials import given_by
    from seatrial.verification.plan import plan
    from seatrial.verification.run import origin_at

    return plan(url, origin_at(url), options, given_by(options, "plan"))


def clean_up(journal: Path, options: VerifyOptions, url: str = "") -> Recovery:
    """Remove what an earlier `verify` left behind; `url` is the service, if a person names it.

    Raises UsageError for a file that is no journal, or one that credentials are not sent by.
    """
    from seatrial.verification.client import Client
    from seatrial.verification.credentials import given_by
    from seatrial.verification.recovery import check_trust, origin_in, recover
    from seatrial.verification.run import listening, origin_at

    client, given = Client(origin_in(journal)), given_by(options, "clean-up")
    check_trust(journal, given, origin_at(url) if url else "")
    with listening(client):
        try:
            return recover(journal, given, client, options.db_up or "")
        finally:
            client.close()


def report(path: Path, options: AuditOptions, folder: Path, progress: Progress = SILENT) -> Dossier:
    """Everything there is to tell of one backend: an audit made now, what the other commands left, its decisions.

    `folder` is where the report will lie. Raises UsageError where `path` holds no backend, or a file of `.seatrial`
    is no document of its command.
    """
    from seatrial.report.gathering import gather, states

    before = states(scan(path))
    made = audit(path, options, progress)
    progress.step("gathering the evidence")
    recorded, complaints = check_decisions(path)
    return replace(gather(made, scan(path), recorded, folder, before), complaints=complaints)


def build(path: Path, options: BuildOptions, progress: Progress = SILENT) -> Build:
    """Build one backend from what it declares alone, start and stop it as a platform would, and say what failed.

    Raises UsageError where `path` holds no backend, or several, or nothing says what starts the server.
    """
    from seatrial.project.backends import choose, find_backends
    from seatrial.proof.building.commission import commission
    from seatrial.report.assemble_build import assemble_build

    began = time.monotonic()
    progress.step("listing files")
    tree = scan(path)
    held = commission(tree, choose(find_backends(tree)).base, options, progress)
    return assemble_build(held, options, round(time.monotonic() - began, 3))


def decisions(path: Path) -> Decisions:
    """The decision records of a project and who speaks of them. Raises UsageError where there is no such folder."""
    from seatrial.project.decisions import read_decisions
    from seatrial.project.files import files_of

    return read_decisions(path, files_of(path))


def record(path: Path, title: str, status: str, concerns: tuple[str, ...]) -> Path:
    """Make the next decision record. Raises UsageError for a title or a file that cannot be."""
    from datetime import datetime

    from seatrial.artifacts import decision
    from seatrial.report.saving import folder_at, write

    known = decisions(path)
    if not title.strip() or not title.isprintable():
        raise UsageError("the decision needs a title: one short sentence")
    missing = [it for it in concerns if not any((place / it).exists() for place in (path, known.root))]
    if missing:
        raise UsageError(f"{missing[0]} is not there: --concerns names a file of the project")
    number = max((it.number for it in known.records), default=0) + 1
    target = folder_at(known.root / known.folder) / decision.file_name(number, title)
    write(target, decision.text(number, title.strip(), datetime.now().astimezone().date(), status, concerns))
    return target


def check_decisions(path: Path) -> tuple[Decisions, tuple[Complaint, ...]]:
    """The decision records of a project, and what is not in order; what was decided is told of a backend only."""
    from seatrial.project.backends import choose, find_backends
    from seatrial.project.configuration import read_configuration
    from seatrial.project.manifest.declared import read_manifest
    from seatrial.rules.recorded import broken, undecided

    known = decisions(path)
    found = broken(known, path)
    try:
        tree = scan(path)
        base = choose(find_backends(tree)).base
    except UsageError:
        return known, found
    manifest, configuration = read_manifest(tree, base), read_configuration(tree, base)
    return known, (*found, *undecided(known, tree, manifest, configuration))


def prepare(path: Path, options: PrepareOptions, progress: Progress = SILENT) -> Preparation:
    """What has to be written for a deployment of one backend. Executes and changes nothing.

    Raises UsageError where `path` holds no backend, or several, or one of which too little is known.
    """
    from seatrial.project.backends import choose, find_backends
    from seatrial.proof.refit import refitted
    from seatrial.report.assemble_prepare import assemble_prepare, written_anyway

    began = time.monotonic()
    progress.step("listing files")
    tree = scan(path)
    spared = (lambda facts, timeline: written_anyway(facts, timeline, options)) if options.with_fixes else None
    with refitted(tree, choose(find_backends(tree)).base, options, spared, progress) as refit:
        progress.step("writing")
        result = assemble_prepare(tree, refit, options)
        if refit.facts.scene is not None:
            refit.facts.scene.packages.save()
    return replace(result, duration_s=round(time.monotonic() - began, 3))


def write_papers(path: Path, result: Preparation) -> None:
    """Change the files as the diff of `prepare` says. Raises UsageError where one cannot be written."""
    from seatrial.report.saving import put

    for name, content in result.files.items():
        put(path, name, content, executable=name in result.executable)


def bundled(name: str) -> Path:
    """A backend that comes with seatrial: `leaky`, which does not start, or `backend`, the reference backend.

    In the installed package, else beside the source. Raises UsageError where it is in neither.
    """
    package = Path(__file__).resolve().parent
    home = package.parents[1]
    for place in (package / "examples" / name, home / "examples" / name, home / name):
        if (place / "requirements.txt").is_file():
            return place
    raise UsageError(
        f"the backend {name!r} is not part of this installation: install seatrial from its wheel or its repository"
    )


@contextmanager
def berthed(backend: Path) -> Iterator[Berth]:
    """Serve the reference backend on this machine while a live trial lasts. Raises UsageError where that fails."""
    from seatrial.proof.berth import berthed

    with berthed(backend) as berth:
        yield berth
