"""One more line in the manifest that is really installed, written as its neighbours are."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.issue import Edit, Position
from seatrial.project.manifest.declared import Document, Lock, Requirement
from seatrial.rules.case import Case
from seatrial.rules.distributions import normalised

_LINES = frozenset({"requirements", "setup.cfg", "conda"})
_TABLES = frozenset({"poetry", "pipfile"})
_LOCKED = {"uv": "pyproject.toml", "poetry": "pyproject.toml", "pdm": "pyproject.toml", "pipenv": "Pipfile"}


@dataclass(frozen=True, slots=True)
class Declared:
    """The edits that declare a distribution in the file `path`, and what else has to be done, in a sentence or ""."""

    path: str
    edits: tuple[Edit, ...]
    then: str = ""


def declare(case: Case, requirement: str) -> Declared | None:
    """Declare `requirement` (`python-jose[cryptography]`) in the first manifest that production installs.

    None where there is no such manifest, or it is written in a way that no line can be added to exactly.
    """
    for document in case.manifest.installed:
        if not document.encoding.lower().replace("_", "-").startswith(("utf-8", "utf-16", "ascii")):
            continue
        anchor = _anchor(document, requirement)
        lines = (case.code.text(anchor.location.path if anchor else document.path) or "").splitlines()
        if anchor is None or (anchor.location.end_line or anchor.location.line) > len(lines):
            continue
        edits = _edits(document, anchor, lines, requirement)
        if edits is not None:
            return Declared(anchor.location.path, edits, _then(case, document))
    return None


def _then(case: Case, document: Document) -> str:
    """What a lock file of this manifest asks for: the platform refuses one that is out of step with it."""
    found = [lock for lock in case.manifest.locks if lock is case.manifest.lock or _is_of(lock, document)]
    said = [f"{lock.path} has to be made anew afterwards (`{_tool(case, lock)} lock`)." for lock in found]
    return " ".join(said)


def _tool(case: Case, lock: Lock) -> str:
    """What writes the lock file; several tools write pylock.toml, and then it is the one that installs."""
    chosen = case.manifest.installation
    return lock.kind if lock.kind in _LOCKED or chosen is None else chosen.tool


def _is_of(lock: Lock, document: Document) -> bool:
    """Whether the lock file lies beside the manifest whose requirements it fixes."""
    beside = posixpath.dirname(lock.path) == posixpath.dirname(document.path)
    return beside and posixpath.basename(document.path) == _LOCKED.get(lock.kind)


def _anchor(document: Document, requirement: str) -> Requirement | None:
    """The entry to write behind: the alphabetical neighbour where the entries are sorted, else the last.

    A requirements file that only includes others has it in the one that holds most.
    """
    entries = [found for found in document.requirements if _is_neighbour(document, found, document.path)]
    if not entries and document.kind == "requirements" and document.requirements:
        held = Counter(found.location.path for found in document.requirements)
        home = held.most_common(1)[0][0]
        entries = [found for found in document.requirements if _is_neighbour(document, found, home)]
    if not entries or any(entry.hashes for entry in entries):
        return None
    names = [entry.key for entry in entries]
    before = [entry for entry in entries if entry.key < normalised(requirement)]
    if len(names) > 1 and names == sorted(names) and before:
        return before[-1]
    return max(entries, key=lambda entry: entry.location.line)


def _is_neighbour(document: Document, entry: Requirement, home: str) -> bool:
    main = entry.is_main or document.kind == "requirements"
    return main and entry.location.path == home and entry.location.end_column is not None


def _edits(document: Document, anchor: Requirement, lines: Sequence[str], requirement: str) -> tuple[Edit, ...] | None:
    place = anchor.location
    last = place.end_line or place.line
    before = lines[place.line - 1][: place.column - 1]
    end = Position(last, len(lines[last - 1]) + 1)
    if document.kind in _LINES:
        return (Edit(place.path, end, end, f"\n{before}{requirement}"),) if _is_indent(before) else None
    if document.kind in _TABLES:
        if not re.match(r"\s*[\w.\"'-]+\s*=\s*$", before):
            return None
        return (Edit(document.path, end, end, f"\n{_entry(requirement)}"),)
    return _in_array(document.path, anchor, lines, requirement)


def _is_indent(text: str) -> bool:
    return not text.strip(" \t-")


def _entry(requirement: str) -> str:
    """A line of a Poetry or Pipenv table."""
    match = re.match(r"([\w.-]+)(?:\[([^\]]*)\])?(.*)$", requirement)
    assert match is not None  # requirements are ours
    name, extras, version = match[1], match[2], match[3] or "*"
    if not extras:
        return f'{name} = "{version}"'
    listed = ", ".join(f'"{extra.strip()}"' for extra in extras.split(","))
    return f'{name} = {{version = "{version}", extras = [{listed}]}}'


def _in_array(path: str, anchor: Requirement, lines: Sequence[str], requirement: str) -> tuple[Edit, ...] | None:
    """A string of an array: on a line of its own where its neighbour has one."""
    place = anchor.location
    if place.end_line not in (None, place.line) or place.end_column is None:
        return None
    line = lines[place.line - 1]
    before, written, behind = (
        line[: place.column - 1],
        line[place.column - 1 : place.end_column - 1],
        line[place.end_column - 1 :],
    )
    quote = written[:1]
    if quote not in ("'", '"') or written[-1:] != quote:
        return None
    entry = f"{quote}{requirement}{quote}"
    here, end = Position(place.line, place.end_column), Position(place.line, len(line) + 1)
    if before.strip() or behind.lstrip().startswith("]"):
        return (Edit(path, here, here, f", {entry}"),)
    if behind.lstrip().startswith(","):
        return (Edit(path, end, end, f"\n{before}{entry},"),)
    return (Edit(path, here, here, ","), Edit(path, end, end, f"\n{before}{entry},"))
