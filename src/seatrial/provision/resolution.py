"""The environment that production would get from what is declared: resolved and installed by uv, into the cache.

uv is given plain requirement lines in a folder of ours. Nothing of the backend is built or installed, and no source
distribution of anybody's is built unless that is allowed. Where the lines cannot be satisfied, the smallest change that
can be found is made and said, so that the rest can still be judged.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.provision import cache
from seatrial.provision.environment import Environment, read_environment
from seatrial.provision.interpreter import Interpreter
from seatrial.provision.locks import read_lock
from seatrial.provision.problems import InstallProblem
from seatrial.provision.requirements import Declared, from_lines, read_pyproject, read_requirement_file
from seatrial.provision.resolved import Resolved, restored, stored
from seatrial.provision.settings import uv_settings
from seatrial.provision.versions import spell

if TYPE_CHECKING:
    from seatrial.provision.workspace import Workspace

_SCHEMA = "2"
_RECORDS = "resolutions-3"
_ENVIRONMENTS = "environments-2"
# Gigabytes that load a GPU's libraries for some other distribution and that no backend imports by name.
_GIANT = re.compile(r"nvidia-(?!ml-py$).*|triton|pytorch-triton.*|cuda-(bindings|core|pathfinder|python|toolkit)")
_INDEX_VARIABLES = (
    "UV_INDEX",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_NO_INDEX",
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is declared, for one interpreter.

    `requirement_files` are read with their includes; `requirements` are further lines (`places` tells where each
    stands); of `pyproject` the static `[project]` dependencies (unless `requirements` come from it already: then
    `pyproject_settings_only`) with `extras` and `groups`, and `[tool.uv]`'s indexes, constraints and overrides. A
    `lock` that can be read decides alone; the releases of a `preferred` one, which is older than what is declared, are
    kept where they can be. `as_of` ignores releases after that day. `everything` installs GPU
    runtimes as well, which only a start needs. With `first`, nothing is looked for beyond an obstacle that
    no build gets past.
    """

    interpreter: Interpreter
    root: Path
    requirement_files: tuple[Path, ...] = ()
    requirements: tuple[str, ...] = ()
    places: Mapping[str, Any] = field(default_factory=dict)
    pyproject: Path | None = None
    pyproject_settings_only: bool = False
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    lock: Path | None = None
    preferred: Path | None = None
    as_of: date | None = None
    offline: bool = False
    allow_builds: bool = False
    everything: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class _Question:
    """A request with its files read."""

    declared: Declared
    settings: Mapping[str, Any]
    pinned: bool
    note: str
    key: str
    preferences: tuple[str, ...] = ()


def resolve(request: Request) -> Environment:
    """The environment for what is declared. Never raises for what is declared or for the index: see its `problems`."""
    question = _read(request)
    if not question.declared.lines:
        note = "; ".join(part for part in ("no dependency is declared", question.note) if part)
        return Environment(request.interpreter, note=note)
    resolved, when = _known(request, question)
    if resolved is None:
        resolved, when = _ask(request, question)
    if resolved is None or not resolved.pins:
        return _nothing(request, question, resolved)
    return _installed(request, question, resolved, when if request.as_of is None else request.as_of.isoformat())


def provide_tool(
    name: str, requirement: str, *, interpreter: Interpreter, offline: bool = False
) -> Environment | InstallProblem:
    """A distribution of ours from the index (wheels only) in an environment of its own, kept from run to run.

    `name` is what it is called in messages. The first version that was had is kept for good.
    """
    request = Request(interpreter, cache.cache_directory(), requirements=(requirement,), offline=offline)
    question = _read(request)
    resolved = restored(cache.read_entry(_RECORDS, question.key))
    if resolved is None or resolved.problems:
        resolved, _ = _ask(request, question)
    if resolved is None or resolved.problems or not resolved.pins:
        found = resolved.problems[0] if resolved and resolved.problems else None
        return found or InstallProblem("unreachable-index", f"{name} cannot be had from the package index.")
    environment = _installed(request, question, resolved, "")
    return environment.problem or environment


def _read(request: Request) -> _Question:
    settings = uv_settings(request.pyproject)
    declared, pinned, note = _declared(request)
    texts = [line.text for line in (*declared.lines, *declared.constraints)]
    outside = [f"{name}={os.environ.get(name, '')}" for name in _INDEX_VARIABLES]
    flags = [
        str(request.as_of),
        str(request.allow_builds),
        str(pinned),
        str(request.first),
        repr(sorted(settings.items(), key=str)),
    ]
    python = [str(request.interpreter.executable), spell(request.interpreter.version), request.interpreter.platform]
    # Where a line stands belongs to the answer: a comment above it changes the places that problems name.
    places = [repr(line.location) for line in declared.lines]
    kept = _preferences(request)
    key = cache.digest(_SCHEMA, *texts, *declared.options, *places, *outside, *flags, *python, *kept)
    return _Question(declared, settings, pinned, note, key, kept)


def _preferences(request: Request) -> tuple[str, ...]:
    """The releases of a lock file that is to be made anew, as its own tool would go on with them."""
    if request.preferred is None:
        return ()
    locked = read_lock(request.preferred, request.root, request.interpreter, request.extras, request.groups)
    return tuple(line.text for line in locked.lines) if isinstance(locked, Declared) else ()


def _declared(request: Request) -> tuple[Declared, bool, str]:
    note = ""
    if request.lock is not None:
        locked = read_lock(request.lock, request.root, request.interpreter, request.extras, request.groups)
        if isinstance(locked, Declared):
            return locked, True, _left_out_note(locked)
        note = locked
    declared = from_lines(request.requirements, request.places)
    for path in request.requirement_files:
        declared = declared.and_(read_requirement_file(path, request.root))
    if request.pyproject is not None and not request.pyproject_settings_only:
        declared = declared.and_(read_pyproject(request.pyproject, request.root, request.extras, request.groups))
    return declared, False, "; ".join(part for part in (note, _left_out_note(declared)) if part)


def _left_out_note(declared: Declared) -> str:
    named = ", ".join(line.name or line.text for line in declared.left_out)
    return f"left out, as they do not come from an index: {named}" if named else ""


def _known(request: Request, question: _Question) -> tuple[Resolved | None, str]:
    """The answer of an earlier run, if it is of today, or of a fixed day."""
    record = cache.read_entry(_RECORDS, question.key)
    resolved = restored(record)
    if record is None or resolved is None:
        return None, ""
    day = str(record.get("day"))
    fresh = request.as_of is not None or day == _today()
    return (resolved, day) if fresh else (None, "")


def _ask(request: Request, question: _Question) -> tuple[Resolved | None, str]:
    """Ask uv; where the index does not answer, take an older answer, or what uv's own cache holds."""
    from seatrial.provision.mending import resolve_lines

    with cache.scratch() as folder:
        workspace = _workspace(request, question, folder)
        python = spell(request.interpreter.version)
        resolved = resolve_lines(workspace, question.declared, python, first=request.first)
        if not resolved.unreachable:
            today = _today()
            if not request.offline:
                cache.write_entry(_RECORDS, question.key, {"day": today, **stored(resolved)})
            return resolved, "" if request.offline else today
        record = cache.read_entry(_RECORDS, question.key)
        earlier = restored(record)
        if earlier is not None and record is not None:
            return replace(earlier, unreachable=True), str(record.get("day"))
        if not request.offline:
            again = resolve_lines(replace(workspace, offline=True), question.declared, python, first=request.first)
            if not again.unreachable:
                return replace(again, unreachable=True), ""
    return resolved, ""


def _workspace(request: Request, question: _Question, folder: Path) -> Workspace:
    from seatrial.provision.workspace import Limits, Workspace

    limits = Limits(request.as_of, request.offline, request.allow_builds, no_dependencies=question.pinned)
    made = Workspace.prepare(folder, request.interpreter, question.declared.options, question.settings, limits)
    return replace(made, preferences=question.preferences)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _nothing(request: Request, question: _Question, resolved: Resolved | None) -> Environment:
    problems = resolved.problems if resolved else ()
    why = [problem.message for problem in problems] or ["nothing of what is declared applies here"]
    note = "; ".join(part for part in (*why[:3], question.note) if part)
    absent = resolved.absent if resolved else {}
    environment = Environment(request.interpreter, note=note, problems=problems, absent=absent)
    unreachable = resolved is None or resolved.unreachable or any(it.kind == "unreachable-index" for it in problems)
    return _for_now(request, environment) if unreachable else environment


def _for_now(request: Request, environment: Environment) -> Environment:
    """An environment made without the package index."""
    if not request.offline:
        return replace(environment, lasting=False)
    from seatrial.provision.uvtool import cache_folders

    return replace(environment, awaits=(cache.cache_directory() / _RECORDS, *cache_folders()))


def _installed(request: Request, question: _Question, resolved: Resolved, when: str) -> Environment:
    skipped = frozenset() if request.everything else frozenset(name for name in resolved.pins if _GIANT.fullmatch(name))
    wanted = {name: version for name, version in resolved.pins.items() if name not in skipped}
    python = request.interpreter
    pins = [f"{name}=={version}" for name, version in sorted(wanted.items())]
    origin = [str(python.executable), spell(python.version), *sorted(resolved.sources.values())]
    place = cache.cache_directory() / _ENVIRONMENTS / cache.digest(*origin, *pins)
    environment = _opened(place, python, wanted)
    if environment is None:
        problem = _install(request, question, resolved, pins, place)
        environment = None if problem else _opened(place, python, wanted)
        if environment is None:
            return _nothing(request, question, replace(resolved, problems=(*resolved.problems, *_as_tuple(problem))))
    made = replace(
        environment,
        origin="resolved",
        note=_note(question, resolved, when),
        problems=resolved.problems,
        versions=dict(resolved.pins),
        skipped=skipped,
        absent=dict(resolved.absent),
        sources=frozenset(resolved.sources),
        unbuilt=dict(resolved.unbuilt),
    )
    return _for_now(request, made) if resolved.unreachable else made


def _as_tuple(problem: InstallProblem | None) -> tuple[InstallProblem, ...]:
    return (problem,) if problem else ()


def _opened(place: Path, python: Interpreter, wanted: Mapping[str, str]) -> Environment | None:
    """The environment at a place in the cache, if all that belongs to it is there."""
    if not place.is_dir():
        return None
    environment = read_environment(place, python)
    if environment.executable is not None and wanted.keys() <= environment.distributions.keys():
        cache.mark_used(place)
        return environment
    cache.discard(place)
    return None


def _install(
    request: Request, question: _Question, resolved: Resolved, pins: Sequence[str], place: Path
) -> InstallProblem | None:
    with cache.scratch() as folder:
        made = folder / "environment"
        error = _workspace(request, question, folder).install(made, pins, list(map(Path, resolved.sources.values())))
        if error is None:
            cache.publish(made, place)
            cache.prune(_ENVIRONMENTS)
            return None
    said = " ".join(error.split())
    return InstallProblem(
        "unreachable-index", "The resolved releases cannot be fetched and unpacked.", explanation=said
    )


def _note(question: _Question, resolved: Resolved, when: str) -> str:
    """How the environment came to be, in a clause or two."""
    source = "taken from the lock file" if question.pinned else "resolved from what is declared"
    source += ", with the lock file's releases where they fit" if question.preferences else ""
    day = f" on {when}" if when else " without asking the package index"
    day = "" if question.pinned else day
    stale = ", as the package index cannot be reached now" if resolved.unreachable else ""
    count = len(resolved.problems)
    mended = f"as if {count} problem{'s' * (count > 1)} of installing it were mended" if count else ""
    return "; ".join(part for part in (f"{source}{day}{stale}", mended, question.note) if part)
