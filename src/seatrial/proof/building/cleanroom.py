"""The clean room: one backend, from what is declared to a server that starts and stops, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial.errors import UsageError
from seatrial.options import BuildOptions
from seatrial.platforms.railpack import Choice
from seatrial.progress import SILENT, Progress
from seatrial.project.documents import Documents
from seatrial.project.files import Tree
from seatrial.proof.building import installing, locking, starting
from seatrial.proof.building.installing import Recipe
from seatrial.proof.building.resolving import resolve_declared
from seatrial.proof.building.starting import DRAINABLE, PlatformStart, Room
from seatrial.proof.building.values import Built, Mark, Step
from seatrial.proof.scratch import Scratch, copy_to, look
from seatrial.proof.values import Observation
from seatrial.provision import cache
from seatrial.provision.interpreter import Interpreter, find_interpreter
from seatrial.simulation.gather import Facts, gather

STAGES = ("resolve", "lock", "install", "compatibility", "byte-compile", "import", "start", "production", "artefact")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a platform lays down for the clean room: its Python, its installation, its start, its variables.

    `choices` explain them; `early` are stages that come before all others; `image` says that it builds the Dockerfile
    of `folder`, its root directory. None leaves a thing to the backend's papers.
    """

    name: str = ""
    python: str | None = None
    recipe: Callable[[Path, Interpreter], Recipe] | None = None
    start: PlatformStart | None = None
    variables: Mapping[str, str] | None = None
    choices: tuple[Choice, ...] = ()
    early: tuple[Step, ...] = ()
    image: bool = False
    folder: str = ""


@dataclass(slots=True)
class Log:
    """The stages as they end, with the time of each."""

    progress: Progress
    steps: list[Step]

    def take(self, name: str, work: Callable[[], Step]) -> Step:
        """Carry one stage out, and keep it."""
        self.progress.step(f"{name}")
        began = time.monotonic()
        step = replace(work(), seconds=round(time.monotonic() - began, 3))
        self.steps.append(step)
        return step


def build(tree: Tree, base: str, options: BuildOptions, terms: Terms, progress: Progress) -> tuple[Built, Facts]:
    """Build one backend in a fresh environment. Raises UsageError where nothing says what starts the server."""
    progress.step("reading what is declared")
    facts = gather(tree, base, replace(options, python=options.python or terms.python), SILENT)
    if facts.target is None:
        raise UsageError("nothing says what starts the server: name it with --target module:app")
    log = Log(progress, list(terms.early))
    if any(step.mark is not Mark.PASS for step in terms.early):
        return Built(_with_skipped(log.steps, "the platform does not get this far"), terms.choices), facts
    python = find_interpreter(terms.python or options.python, tuple(it.wish for it in facts.manifest.python))
    version = ".".join(map(str, python.version))
    artefacts: dict[str, int] = {}
    with ExitStack() as stack:
        work = stack.enter_context(cache.scratch())
        scratch = look(tree.root)
        copy = work / tree.root.name
        full = _laid(scratch, copy)
        if full is not None:
            return Built(
                _with_skipped([*log.steps, full], "there is no copy to work on"), terms.choices, python=version
            ), facts
        key = installing.key_of(tree.root, facts.manifest, python, options, terms.name)
        place = stack.enter_context(installing.fresh_place(key))
        _run(facts, Paths(scratch, copy, place, work), python, options, terms, log, artefacts)
    return Built(_with_skipped(log.steps, _why_skipped(log.steps)), terms.choices, artefacts, version), facts


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a build works: the copy for the installers, the environment, and a folder for what is passed around."""

    scratch: Scratch
    copy: Path
    place: Path
    work: Path


def _laid(scratch: Scratch, copy: Path) -> Step | None:
    """The copy, written; a stage that says why where that cannot be done."""
    try:
        copy_to(scratch, copy)
    except OSError as problem:
        reason = f"The copy to build in cannot be written: {(problem.strerror or str(problem)).lower()}"
        return Step("resolve", Mark.INCONCLUSIVE, (f"{reason}; name a larger folder with SEATRIAL_CACHE_DIR.",))
    return None


def _run(
    facts: Facts,
    paths: Paths,
    python: Interpreter,
    options: BuildOptions,
    terms: Terms,
    log: Log,
    artefacts: dict[str, int],
) -> None:
    """All stages in order, as far as each lets the next begin."""
    assert facts.target is not None
    recipe = (
        terms.recipe(paths.place, python)
        if terms.recipe
        else installing.recipe_of(facts.manifest, paths.place, python, options)
    )
    log.take("resolve", lambda: resolve_declared(facts, options))
    lock = log.take("lock", lambda: locking.check_lock(facts.manifest, paths.copy, python, options))
    installed = log.take(
        "install", lambda: locking.one_fault(lock, installing.install(recipe, paths.place, paths.copy, python))
    )
    if installed.mark is not Mark.PASS:
        return
    log.take("compatibility", lambda: installing.check_compatible(paths.place, paths.copy, python, recipe))
    environment = installing.environment_at(paths.place, python)
    log.take("byte-compile", lambda: starting.byte_compile(paths.copy, facts.tree.python, environment, paths.work))
    room = Room(facts, facts.target, furnished(paths.scratch, facts), environment, options)
    seen = _developed(room, log)
    if seen is not None:
        how = terms.start or starting.start_command(Documents.of(facts.tree.root), facts.target, facts.base)
        extra = terms.variables or {}
        log.take("production", lambda: starting.start_in_production(room, how, routes_to_hold(seen), extra))
    log.take("artefact", lambda: _artefact(paths, artefacts))


def furnished(scratch: Scratch, facts: Facts) -> Scratch:
    """The scratch copy with the .env files that the documented environment amounts to."""
    withheld: dict[str, bytes | None] = dict.fromkeys(facts.documented.withheld)
    return scratch.patched({**withheld, **{path: text.encode() for path, text in facts.documented.dotenv}})


def _developed(room: Room, log: Log) -> Observation | None:
    """Import and start; the observation where it served."""
    log.progress.step("import and start")
    imported, started, seen = starting.start_in_development(room)
    took = seen.seconds.get("starting", seen.seconds.get("stopped", 0.0))
    log.steps.append(replace(imported, seconds=round(took, 3)))
    log.steps.append(replace(started, seconds=round(max(seen.seconds.get("stopped", 0.0) - took, 0.0), 3)))
    return seen if started.mark is not Mark.SKIPPED and seen.boot.failure is None else None


def routes_to_hold(seen: Observation) -> list[tuple[str, str]]:
    """Routes that read a body, so that a request to one can be held open; the simplest paths first."""
    found = [(method, route.path) for route in seen.routes for method in route.methods if method in DRAINABLE]
    plain = sorted(found, key=lambda pair: (pair[1].count("{"), len(pair[1])))
    return [(method, _filled(path)) for method, path in plain[:5]]


def _filled(path: str) -> str:
    """A path with its parameters filled in."""
    return "/".join("1" if part.startswith("{") else part for part in path.split("/"))


def _artefact(paths: Paths, artefacts: dict[str, int]) -> Step:
    artefacts["environment"] = installing.size_of(paths.place)
    artefacts["source"] = installing.size_of(paths.copy)
    evidence = [f"{name}: {size / 1e6:.1f} MB" for name, size in artefacts.items()]
    return Step("artefact", Mark.PASS, tuple(evidence))


def _why_skipped(steps: list[Step]) -> str:
    blocking = next((step for step in steps if step.mark in (Mark.FAIL, Mark.INCONCLUSIVE)), None)
    return f"it needs `{blocking.name}`" if blocking else "not needed"


def _with_skipped(steps: list[Step], reason: str) -> tuple[Step, ...]:
    """Every stage, those that could not begin as skipped."""
    done = {step.name: step for step in steps}
    early = [step for step in steps if step.name not in STAGES]
    return (*early, *(done.get(name) or Step(name, Mark.SKIPPED, (reason,)) for name in STAGES))
