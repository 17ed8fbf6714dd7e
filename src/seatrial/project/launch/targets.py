"""How the backend is started: every launch command that its files hold, and the target each of them names.

`find_targets` answers with the best first: what resolves before what does not, and among these what production would
run before what a person is told to type, and that before what is only found by looking at the code. A target that
nothing resolves still comes before one that nobody documents: it is what would be run, and it fails.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from seatrial.issue import Location
from seatrial.project.documents import Documents
from seatrial.project.files import Tree
from seatrial.project.launch.convention import Candidate, conventional
from seatrial.project.launch.declared import DOCUMENTATION, declarations, hints
from seatrial.project.launch.resolve import Start, starts

CONVENTION = 70


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another launch command that would start something else.

    `kind` says in what it differs: "module", "attribute", or "folder" (the same file seen from another root).
    """

    kind: str
    value: str
    command: str
    cwd: str
    location: Location
    resolves: bool


@dataclass(frozen=True, slots=True)
class Target:
    """What a server is told to load, and the surroundings in which it does.

    `value` is what the command says (`src.main:app`); `module` and `attribute` are what is then imported and looked up
    ("" where the command leaves it out). `cwd` and `path_entries` (what Python finds in front of the standard library,
    in order: the script's folder or the working directory, then PYTHONPATH) are relative to the audited folder; `..` is
    outside it. `installed` are folders that only installing the project itself would add (a `src` layout).
    `origin` is the module's file, "" where there is none; `missing` says what does not resolve: "", "module" or
    "attribute". `script` is the file, or `run_module` the module, that runs as `__main__` first; `imports` is false
    when that hands its own object to the server. `options` are the server's long options; `env_files` those that the
    command itself loads.
    """

    value: str
    module: str
    attribute: str
    factory: bool
    server: str
    command: str
    cwd: str
    path_entries: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    location: Location
    rank: int
    source: str
    origin: str = ""
    missing: str = ""
    installed: tuple[str, ...] = ()
    script: str = ""
    run_module: str = ""
    imports: bool = True
    via_module: bool = False
    options: tuple[tuple[str, str], ...] = ()
    env_files: tuple[str, ...] = ()
    also: tuple[Location, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    @property
    def resolves(self) -> bool:
        """Whether the module has a file and that file seems to bind the attribute."""
        return not self.missing

    @property
    def outside(self) -> bool:
        """Whether it starts from outside the audited folder, so that it cannot be tried there."""
        return any(path == ".." or path.startswith("../") for path in (self.cwd, self.origin, *self.path_entries[:1]))


def find_targets(tree: Tree, base: str = ".", documents: Documents | None = None) -> tuple[Target, ...]:
    """Every target of the backend in `base` (relative to the tree's root), best first, each with its conflicts.

    Empty where neither a file nor the code shows any application.
    """
    documents = documents or Documents.of(tree.root)
    declared = [_target(start) for start in _declared(documents, base)]
    settled = any(target.resolves and not target.outside for target in declared)
    guessed = [] if settled else [_guessed(candidate, base) for candidate in conventional(documents, base, tree.files)]
    merged = _merged([*declared, *guessed])
    ordered = sorted(merged, key=lambda target: _order(target, base))
    return tuple(replace(target, conflicts=_conflicts(target, ordered)) for target in ordered)


def explicit_target(tree: Tree, base: str, value: str, documents: Documents | None = None) -> Target:
    """The target that a person names (`--target src.main:app`), started by uvicorn in `base`."""
    from seatrial.project.launch.resolve import resolve_text

    documents = documents or Documents.of(tree.root)
    return _target(resolve_text(documents, base, f"uvicorn {value}"))


def _declared(documents: Documents, base: str) -> Iterator[Start]:
    settled = False
    for read in (declarations, hints):  # the papers that say it in passing are opened when no better one settles it
        for declaration in read(documents, base):
            for start in starts(declaration, documents, base):
                if _belongs(start, base) and (not start.missing or not declaration.weak):
                    settled = settled or not (start.missing or start.outside_root)
                    yield start
        if settled:
            return


def _belongs(start: Start, base: str) -> bool:
    """Whether a start is of this backend rather than of another folder of the same repository."""
    if base == "." and not start.outside_root:
        return True
    places = (start.origin,) if start.origin else (start.cwd, posixpath.dirname(start.path) or ".")
    return any(place == base or place.startswith(base.rstrip("/") + "/") or base == "." for place in places)


def _target(start: Start) -> Target:
    return Target(
        value=start.value, module=start.module, attribute=start.attribute, factory=start.factory, server=start.server,
        command=start.command, cwd=start.cwd, path_entries=start.entries, env=start.env,
        location=Location(start.path, start.line, start.column, start.line if start.end else None, start.end or None),
        rank=start.rank, source=start.source, origin=start.origin, missing=start.missing, installed=start.installed,
        script=start.script, run_module=start.run_module, imports=start.imports, via_module=start.via_module,
        options=start.options, env_files=start.env_files,
    )  # fmt: skip


def _guessed(candidate: Candidate, base: str) -> Target:
    value = f"{candidate.module}:{candidate.attribute}"
    app_dir = "" if candidate.entry == base else f" --app-dir {posixpath.relpath(candidate.entry, base)}"
    command = f"uvicorn {value}{' --factory' if candidate.factory else ''}{app_dir}"
    return Target(
        value=value, module=candidate.module, attribute=candidate.attribute, factory=candidate.factory,
        server="uvicorn", command=command, cwd=base, path_entries=(candidate.entry,), env=(),
        location=Location(candidate.path, candidate.line), rank=CONVENTION + candidate.by_call, source="convention",
        origin="" if candidate.by_call else candidate.path,
    )  # fmt: skip


def _order(target: Target, base: str) -> tuple[int, ...]:
    declared = target.rank < CONVENTION
    tier = 3 if not declared else 2 if target.missing else 1 if target.installed else 0
    elsewhere = declared and base != "." and not (target.cwd + "/").startswith(base + "/")
    distance = abs(target.location.path.count("/") - (base.count("/") + (base != ".")))
    return (target.outside, tier, target.rank, elsewhere, distance if declared else 0, target.factory)


def _merged(targets: list[Target]) -> list[Target]:
    """One target for each thing that is started, with the other places that say the same."""
    kept: dict[tuple[object, ...], Target] = {}
    for target in sorted(targets, key=lambda target: target.rank):
        key = (target.module, target.attribute, target.path_entries[:1], target.cwd, target.script, target.factory)
        known = kept.get(key)
        if known is None:
            kept[key] = target
        elif target.location not in (known.location, *known.also):
            kept[key] = replace(known, also=(*known.also, target.location))
    return list(kept.values())


def _conflicts(target: Target, others: list[Target]) -> tuple[Conflict, ...]:
    found = []
    for other in others:
        kind = _difference(target, other)
        if kind and other.rank < DOCUMENTATION + 10:
            found.append(Conflict(kind, other.value, other.command, other.cwd, other.location, other.resolves))
    return tuple(found)


def _difference(one: Target, other: Target) -> str:
    if one is other:
        return ""
    if not one.origin or one.origin != other.origin:
        return "module"
    if one.attribute != other.attribute and re.match(r"\w", other.attribute):
        return "attribute"
    return "folder" if one.path_entries[:1] != other.path_entries[:1] else ""
