"""Lock files that were made for another state of their manifest, by the mark that each tool leaves in its lock.

uv keeps the requirements themselves, Poetry, pdm and Pipenv a hash of them. Read in uv 0.9 (`Lock::satisfies`),
Poetry 2.3 (`packages/locker.py`), pdm 2.26 (`project/project_file.py`) and plette 2.1 (`pipfiles.py`). Facts, no
judgement: what cannot be told from the files alone is taken to be in step.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.issue import Location
from seatrial.project.manifest.compare import allows, lock_place
from seatrial.project.manifest.declared import Manifest
from seatrial.project.manifest.reading import read_text
from seatrial.project.manifest.values import Document, Lock, LockKind, Requirement, normalise

_MANIFESTS: Mapping[LockKind, str] = {
    "uv": "pyproject.toml",
    "poetry": "pyproject.toml",
    "pdm": "pyproject.toml",
    "pipenv": "Pipfile",
}
_POETRY_HASH = re.compile(r'^content-hash = "([0-9a-f]{64})"', re.MULTILINE)
_PDM_HASH = re.compile(r'^content_hash = "sha256:([0-9a-f]{64})"', re.MULTILINE)
_COMPILER = re.compile(r"(?:pip-compile|uv pip compile)\b(?P<words>[^\n]*)")
_OTHERWISE = frozenset({"name", "specifier", "extras", "marker", "index", "conflict"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the manifest says and the lock does not; `place` is the manifest's line."""

    said: str
    place: Location


@dataclass(frozen=True, slots=True)
class Stale:
    """A lock (or a compiled requirements file) that is not its manifest's any more.

    `differences` are the requirements that it does not meet; none where only the tool's hash tells. `made_by` is the
    tool that makes it anew: `uv`, `poetry`, `pdm`, `pipenv`, or `compiler` for a requirements file.
    """

    path: str
    document: Document
    made_by: str
    place: Location
    differences: tuple[Difference, ...] = ()


def stale_locks(root: Path, manifest: Manifest) -> tuple[Stale, ...]:
    """Every lock and compiled file of one backend that is out of step, those that can be told."""
    found = [
        _of_lock(root, lock, document)
        for lock in manifest.locks
        for document in manifest.documents
        if _of(lock, document)
    ]
    found += [_of_compiled(root, manifest, document) for document in manifest.documents if document.compiled]
    return tuple(stale for stale in found if stale is not None)


def compiled_from(text: str, path: str, is_there: Iterable[str]) -> tuple[str, ...]:
    """The files that a compiled requirements file says it was made from, else its twin that ends in `.in`."""
    folder, there = posixpath.dirname(path), set(is_there)
    words = [word for match in _COMPILER.finditer(text) for word in match["words"].split()]
    outputs = {words[index + 1] for index, word in enumerate(words[:-1]) if word in ("-o", "--output-file")}
    named = [word for word in words if word.endswith((".in", ".toml", ".txt", "setup.py")) and "=" not in word]
    beside = [path.removesuffix(".txt") + ".in"] if path.endswith(".txt") else []
    found = [posixpath.normpath(posixpath.join(folder, word)) for word in named if word not in outputs]
    return tuple(it for it in found or beside if it in there)


def _of(lock: Lock, document: Document) -> bool:
    beside = posixpath.dirname(lock.path) == posixpath.dirname(document.path)
    return beside and posixpath.basename(document.path) == _MANIFESTS.get(lock.kind) and not lock.problems


def _of_lock(root: Path, lock: Lock, document: Document) -> Stale | None:
    manifest, text = _toml(read_text(root, document.path).text), read_text(root, lock.path).text
    if not manifest or document.problems:
        return None
    if lock.kind == "uv":
        differences = tuple(_against_uv(lock, document, manifest, text))
        return Stale(lock.path, document, "uv", differences[0].place, differences) if differences else None
    if _has_its_hash(lock.kind, manifest, text):
        return None
    unmet = tuple(_unmet(lock, document))
    place = unmet[0].place if unmet else lock_place(lock)
    return Stale(lock.path, document, lock.kind, place, unmet)


# -- by hash -------------------------------------------------------------------------------------------------------


def _has_its_hash(kind: LockKind, manifest: Mapping[str, Any], text: str) -> bool:
    """Whether the lock's hash is that of the manifest as it stands; True where that cannot be told."""
    pattern = {"poetry": _POETRY_HASH, "pdm": _PDM_HASH}.get(kind)
    match = pattern.search(text) if pattern is not None else None
    try:
        if kind == "pipenv":
            kept = json.loads(text).get("_meta", {}).get("hash", {}).get("sha256")
            return kept is None or "source" not in manifest or kept == _pipenv_hash(manifest)
        if match is None:
            return True
        made = _poetry_hashes(manifest) if kind == "poetry" else [_pdm_hash(manifest)]
    except (TypeError, ValueError, AttributeError):  # a date in the table, or a shape that no tool takes
        return True
    return match[1] in made


def _poetry_hashes(manifest: Mapping[str, Any]) -> list[str]:
    """As Poetry makes it today, as before 2.3 (without dependency groups), and as before 1.2 (its old tables alone)."""
    own = manifest.get("tool", {}).get("poetry", {})
    old = {key: own.get(key) for key in ("dependencies", "dev-dependencies", "source", "extras")}
    groups = manifest.get("dependency-groups", {})
    return [_sha256(it) for it in (_poetry_content(manifest, groups), _poetry_content(manifest, {}), old)]


def _poetry_content(manifest: Mapping[str, Any], groups: Mapping[str, Any]) -> dict[str, Any]:
    project, own = manifest.get("project", {}), manifest.get("tool", {}).get("poetry", {})
    keys = ("requires-python", "dependencies", "optional-dependencies")
    standard = {key: project[key] for key in keys if project.get(key) is not None}
    legacy = () if standard or groups else ("dependencies", "source", "extras", "dev-dependencies")
    names = ("dependencies", "source", "extras", "dev-dependencies", "group")
    of_poetry = {key: own.get(key) for key in names if key in legacy or own.get(key) is not None}
    content: dict[str, Any] = {"project": standard} if standard else {}
    if groups:
        content["dependency-groups"] = groups
    return {**content, "tool": {"poetry": of_poetry}} if content else of_poetry


def _pdm_hash(manifest: Mapping[str, Any]) -> str:
    project, own = manifest.get("project", {}), manifest.get("tool", {}).get("pdm", {})
    groups: dict[str, list[Any]] = {}
    for table in (manifest.get("dependency-groups", {}), own.get("dev-dependencies", {})):
        for group, entries in table.items():
            groups.setdefault(normalise(group), []).extend(entries)
    content = {
        "sources": own.get("source", []),
        "dependencies": project.get("dependencies", []),
        "dev-dependencies": groups,
        "optional-dependencies": project.get("optional-dependencies", {}),
        "requires-python": project.get("requires-python", ""),
        "resolution": own.get("resolution", {}),
    }
    return _sha256(content)


def _pipenv_hash(manifest: Mapping[str, Any]) -> str:
    known = {"source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv", "default", "develop"}
    content = {
        "_meta": {"sources": manifest["source"], "requires": manifest.get("requires", {})},
        "default": manifest.get("packages", {}),
        "develop": manifest.get("dev-packages", {}),
        **{key: value for key, value in manifest.items() if key not in known},
    }
    return _sha256(content, separators=(",", ":"))


def _sha256(content: Mapping[str, Any], separators: tuple[str, str] | None = None) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=separators).encode()).hexdigest()


# -- by requirements -----------------------------------------------------------------------------------------------


def _unmet(lock: Lock, document: Document) -> Iterator[Difference]:
    """Requirements that no package of the lock meets."""
    for requirement in document.requirements:
        packages = lock.packages.get(requirement.key, ())
        if not requirement.name or (requirement.group or "").startswith("hatch:"):
            continue
        if not packages:
            yield Difference(f"{requirement.name} is not in it", requirement.location)
        elif requirement.url is None and not any(allows(requirement, found.version) for found in packages):
            held = ", ".join(found.version for found in packages)
            asked = f"{requirement.name}{requirement.specifier}"
            yield Difference(f"it holds {requirement.name} {held}, and {asked} is asked for", requirement.location)


def _of_compiled(root: Path, manifest: Manifest, document: Document) -> Stale | None:
    """A requirements file that was compiled from another manifest, which has been changed since."""
    text = read_text(root, document.path).text
    sources = compiled_from(text, document.path, (it.path for it in manifest.documents))
    pins = {it.key: it for it in document.requirements}
    for source in (it for it in manifest.documents if it.path in sources and it is not document):
        differences = tuple(_uncompiled(source, pins))
        if differences:
            return Stale(document.path, source, "compiler", differences[0].place, differences)
    return None


def _uncompiled(source: Document, pins: Mapping[str, Requirement]) -> Iterator[Difference]:
    for wanted in source.main:
        found = pins.get(wanted.key)
        if found is None and wanted.name and not wanted.marker:
            yield Difference(f"{wanted.name} is not in it", wanted.location)
        elif found is not None and found.pinned and wanted.url is None and not allows(wanted, found.pinned):
            asked = f"{wanted.name}{wanted.specifier}"
            yield Difference(f"it holds {wanted.name} {found.pinned}, and {asked} is asked for", wanted.location)


# -- uv's own record -----------------------------------------------------------------------------------------------

_Asked = tuple[str, str | None, str | None]
"""A distribution's normalised name, its development group and its extra."""


def _against_uv(lock: Lock, document: Document, manifest: Mapping[str, Any], text: str) -> Iterator[Difference]:
    """What uv itself compares: the requirements that the lock was made for with those of now, and the Python."""
    kept = _record(text, document.name)
    if kept is None or document.dynamic or "project" not in manifest:
        return
    then, now = dict(_recorded(kept)), _asked_now(document)
    for key, wanted in now.items():
        if key not in then:
            yield Difference(f"{wanted[0].name} is not in it", wanted[0].location)
        elif (difference := _changed(wanted, then[key])) is not None:
            yield difference
    for name, _, _ in then.keys() - now.keys():
        yield Difference(f"{name} is not asked for any more", Location(document.path, 1))
    python, locked = manifest["project"].get("requires-python"), next((it for it in lock.python), None)
    if (
        "members" not in kept
        and isinstance(python, str)
        and locked is not None
        and not _same_pythons(python, locked.specifier)
    ):
        place = next((it.location for it in document.python), Location(document.path, 1))
        yield Difference(f"it was made for Python {locked.specifier}, and {python} is asked for", place)


def _record(text: str, name: str) -> dict[str, Any] | None:
    """The entry of the project itself, with `members` where the lock is a workspace's; None where there is none."""
    for chunk in re.split(r"^(?=\[\[package\]\]$)", text, flags=re.MULTILINE)[1:]:
        head = re.match(r'\[\[package\]\]\s*name = "([^"]+)"\s', chunk)
        if (
            head is None
            or normalise(head[1]) != normalise(name)
            or not re.search(r"^source = \{ (editable|virtual)", chunk, re.M)
        ):
            continue
        found = _toml(chunk).get("package", [{}])[0]
        workspace = re.search(r"^\[manifest\]\s+members = ", text, re.MULTILINE) is not None
        return {**found, "members": True} if workspace else dict(found)
    return None


def _recorded(kept: Mapping[str, Any]) -> Iterator[tuple[_Asked, list[Mapping[str, Any]]]]:
    """The requirements of the record, by what they are for."""
    found: dict[_Asked, list[Mapping[str, Any]]] = {}
    metadata = kept.get("metadata", {})
    for entry in metadata.get("requires-dist", []):
        extra = re.search(r"extra == '([^']+)'", entry.get("marker", ""))
        found.setdefault((entry["name"], None, normalise(extra[1]) if extra else None), []).append(entry)
    for group, entries in metadata.get("requires-dev", {}).items():
        for entry in entries:
            found.setdefault((entry["name"], normalise(group), None), []).append(entry)
    yield from found.items()


def _asked_now(document: Document) -> dict[_Asked, list[Requirement]]:
    found: dict[_Asked, list[Requirement]] = {}
    for it in document.requirements:
        if it.name and not (it.group or "").startswith("hatch:"):
            group, extra = (normalise(it.group) if it.group else None), (normalise(it.extra) if it.extra else None)
            found.setdefault((it.key, group, extra), []).append(it)
    return found


def _changed(wanted: list[Requirement], then: list[Mapping[str, Any]]) -> Difference | None:
    """A requirement with another version or other extras than the lock was made for."""
    first = wanted[0]
    if any(it.url for it in wanted) or any(entry.keys() - _OTHERWISE for entry in then):
        return None
    extras, kept = {normalise(e) for it in wanted for e in it.extras}, {e for it in then for e in it.get("extras", ())}
    if extras != kept:
        asked = f"{first.name}[{','.join(sorted(extras))}]" if extras else first.name
        return Difference(
            f"it was made for {first.name}[{','.join(sorted(kept))}], and {asked} is asked for", first.location
        )
    specifiers = [entry.get("specifier", "") for entry in then]
    for it in wanted:
        if not any(_same(it.specifier, specifier) for specifier in specifiers):
            asked = f"{it.name}{it.specifier or ' in any version'}"
            return Difference(f"it was made for {it.name}{specifiers[0]}, and {asked} is asked for", it.location)
    return None


def _same(one: str, other: str) -> bool:
    """Whether two specifiers are the same set; True where that cannot be told."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    if "~=" in one + other:  # uv writes some of these as the range that they stand for
        return True
    try:
        return SpecifierSet(one) == SpecifierSet(other)
    except InvalidSpecifier:
        return True


def _same_pythons(one: str, other: str) -> bool:
    """Whether two specifiers take the same releases of Python, however they spell the range."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    releases = [f"3.{minor}.{micro}" for minor in range(6, 20) for micro in (0, 1, 9, 30)] + ["2.7.18", "4.0.0"]
    try:
        return [*SpecifierSet(one).filter(releases)] == [*SpecifierSet(other).filter(releases)]
    except InvalidSpecifier:
        return True


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
