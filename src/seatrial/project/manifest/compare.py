"""Where the manifests and locks of one backend do not say the same. Facts, not judgements."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.issue import Location
from seatrial.project.manifest.declared import Manifest
from seatrial.project.manifest.values import Disagreement, Document, Lock, Requirement


def disagreements(manifest: Manifest) -> tuple[Disagreement, ...]:
    """Every disagreement between what is installed and the other manifests, and between locks and their manifests."""
    found: list[Disagreement] = []
    for document in manifest.installed:
        for other in manifest.alternatives:
            if not _is_for_development(other):
                found.extend(_between(manifest, document, other))
    for lock in manifest.locks:
        for document in manifest.documents:
            if _locks(lock, document):
                found.extend(_with_lock(document, lock))
    return tuple(found)


def out_of_step(manifest: Manifest) -> tuple[Disagreement, ...]:
    """What a production install asks for and its lock file does not hold: that is older than the manifest."""
    lock = manifest.lock
    if lock is None:
        return ()
    wanted = {requirement.location for requirement in manifest.requirements}
    beside = [document for document in manifest.installed if _locks(lock, document)]
    return tuple(it for document in beside for it in _with_lock(document, lock) if it.other in wanted)


def _is_for_development(document: Document) -> bool:
    return document.kind == "requirements" and not document.main


def _between(manifest: Manifest, document: Document, other: Document) -> Iterator[Disagreement]:
    installed = {found.key: found for found in manifest.requirements}
    for wanted in other.main:
        if not wanted.name:
            continue
        found = installed.get(wanted.key)
        if found is None:
            if not _comes_anyway(manifest, other, wanted.name):
                message = f"{other.path} declares {wanted.name}, {document.path} does not"
                place = document.requirements[-1].location if document.requirements else wanted.location
                yield Disagreement("missing", wanted.name, message, place, wanted.location)
            continue
        lacking = [extra for extra in wanted.extras if extra not in found.extras]
        if lacking and not document.compiled:
            name = f"{wanted.name}[{','.join(lacking)}]"
            message = f"{other.path} declares {name}, {document.path} does not"
            yield Disagreement("missing", name, message, found.location, wanted.location)
        if _excludes(found, wanted):
            message = (
                f"{document.path} takes {found.name}{found.specifier}, {other.path} {wanted.name}{wanted.specifier}"
            )
            yield Disagreement("version", wanted.name, message, found.location, wanted.location)


def _comes_anyway(manifest: Manifest, other: Document, name: str) -> bool:
    """Whether a name that only `other` declares is, or may well be, what some dependency brings."""
    lock = manifest.lock
    return bool(lock.versions(name)) if lock is not None else other.compiled


def _excludes(one: Requirement, other: Requirement) -> bool:
    """Whether the version that one of them pins is none that the other allows."""
    if one.specifier == other.specifier or one.url or other.url:
        return False
    return (one.pinned is not None and not allows(other, one.pinned)) or (
        other.pinned is not None and not allows(one, other.pinned)
    )


def allows(requirement: Requirement, version: str) -> bool:
    """Whether a requirement takes this version; True where that cannot be told."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    try:
        return SpecifierSet(requirement.specifier).contains(version, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return True


def _locks(lock: Lock, document: Document) -> bool:
    name = document.path.rpartition("/")[2]
    return name == ("Pipfile" if lock.kind == "pipenv" else "pyproject.toml") and not lock.problems


def _with_lock(document: Document, lock: Lock) -> Iterator[Disagreement]:
    for requirement in document.requirements:
        if not requirement.name or (requirement.group or "").startswith("hatch:"):
            continue  # hatch's environments are its own, and no tool's lock holds them
        packages = lock.packages.get(requirement.key, ())
        if not packages:
            message = f"{document.path} declares {requirement.name}, {lock.path} does not hold it"
            yield Disagreement("unlocked", requirement.name, message, lock_place(lock), requirement.location)
        elif requirement.url is None and not any(allows(requirement, found.version) for found in packages):
            held = ", ".join(found.version for found in packages)
            message = f"{lock.path} holds {requirement.name} {held}, {document.path} takes {requirement.specifier}"
            yield Disagreement("lock", requirement.name, message, packages[0].location, requirement.location)


def lock_place(lock: Lock) -> Location:
    """A lock file as a whole."""
    return Location(lock.path, 1)
