"""pyproject.toml: PEP 621, dependency groups (PEP 735), and what uv, pdm, hatch and setuptools add to them.

Poetry's own tables are in `manifest_poetry`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from seatrial.project.manifest.entry import entry_requirement
from seatrial.project.manifest.poetry import read_poetry
from seatrial.project.manifest.reading import joined, load_toml, read_text
from seatrial.project.manifest.requirements import read_requirements
from seatrial.project.manifest.toml import Toml
from seatrial.project.manifest.values import (
    Build,
    DeclaredPython,
    Document,
    DocumentKind,
    Problem,
    Requirement,
    normalise,
)

_Found = tuple[list[Requirement], list[Problem]]


def read_pyproject(root: Path, path: str) -> Document:
    """Read a pyproject.toml. One that is no TOML is an empty document with the parser's message as a problem."""
    text = read_text(root, path)
    values, problems = load_toml(text)
    toml = Toml(text.path, text.text, values)
    requirements, found = _requirements(root, toml)
    poetry = read_poetry(toml)
    return Document(
        path,
        _kind(toml),
        tuple(_with_sources(toml, [*requirements, *poetry.requirements])),
        tuple(_entries(toml, ("tool", "uv", "constraint-dependencies"))[0]),
        tuple(_entries(toml, ("tool", "uv", "override-dependencies"))[0]),
        tuple(_python(toml)) + poetry.python,
        (*problems, *found, *poetry.problems),
        tuple(_index_options(toml)),
        tuple(problem.location.path for problem in found if problem.location.path != path),
        str(toml.get("project", "name") or toml.get("tool", "poetry", "name") or ""),
        _build(toml),
        tuple(item for item in toml.items("project", "dynamic") if isinstance(item, str)),
        text.encoding,
        installs_project=_installs_project(toml),
    )


def _installs_project(toml: Toml) -> bool:
    if toml.get("tool", "uv", "package") is not None:
        return bool(toml.get("tool", "uv", "package"))
    refused = toml.get("tool", "poetry", "package-mode") is False or toml.get("tool", "pdm", "distribution") is False
    return bool(toml.table("build-system")) and not refused


def _kind(toml: Toml) -> DocumentKind:
    tool = toml.table("tool")
    if "poetry" in tool:
        return "poetry"
    kinds: tuple[DocumentKind, ...] = ("pdm", "uv", "hatch")
    return next((kind for kind in kinds if kind in tool), "pyproject")


def _requirements(root: Path, toml: Toml) -> _Found:
    requirements, problems = _entries(toml, ("project", "dependencies"))
    for extra in toml.table("project", "optional-dependencies"):
        _add((requirements, problems), _entries(toml, ("project", "optional-dependencies", extra), extra=extra))
    for group in toml.table("dependency-groups"):
        _add((requirements, problems), _group(toml, group))
    _add((requirements, problems), _entries(toml, ("tool", "uv", "dev-dependencies"), group="dev"))
    for group in toml.table("tool", "pdm", "dev-dependencies"):
        _add((requirements, problems), _entries(toml, ("tool", "pdm", "dev-dependencies", group), group=group))
    for name in toml.table("tool", "hatch", "envs"):
        for key in ("dependencies", "extra-dependencies"):
            _add((requirements, problems), _entries(toml, ("tool", "hatch", "envs", name, key), group=f"hatch:{name}"))
    _add((requirements, problems), _dynamic(root, toml))
    return requirements, problems


def _add(into: _Found, found: _Found) -> None:
    into[0].extend(found[0])
    into[1].extend(found[1])


def _entries(toml: Toml, path: tuple[str, ...], *, group: str | None = None, extra: str | None = None) -> _Found:
    """The PEP 508 strings of one array."""
    requirements: list[Requirement] = []
    problems: list[Problem] = []
    value = toml.get(*path)
    if value is not None and not isinstance(value, list):
        problems.append(Problem("requirement", f"{'.'.join(path)} is no array", toml.place(*path)))
    for index, item in enumerate(toml.items(*path)):
        place = toml.place(*path, index)
        if not isinstance(item, str):
            if "include-group" not in (item if isinstance(item, dict) else ()):
                problems.append(Problem("requirement", f"{'.'.join(path)}: {item!r} is no string", place))
            continue
        found = entry_requirement(item, place)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            requirements.append(replace(found, group=group, extra=extra))
    return requirements, problems


def _group(toml: Toml, group: str) -> _Found:
    """A dependency group with the groups that it includes."""
    names = {normalise(name): name for name in toml.table("dependency-groups")}
    found: _Found = ([], [])
    waiting, seen = [group], {normalise(group)}
    while waiting:
        name = waiting.pop()
        _add(found, _entries(toml, ("dependency-groups", name), group=group))
        for index, item in enumerate(toml.items("dependency-groups", name)):
            wanted = item.get("include-group") if isinstance(item, dict) else None
            if not isinstance(wanted, str):
                continue
            if normalise(wanted) not in names:
                place = toml.place("dependency-groups", name, index)
                found[1].append(Problem("include", f"there is no dependency group {wanted!r}", place))
            elif normalise(wanted) not in seen:
                seen.add(normalise(wanted))
                waiting.append(names[normalise(wanted)])
    return found


def _dynamic(root: Path, toml: Toml) -> _Found:
    """Dependencies that the build backend takes from requirements files (setuptools, hatch-requirements-txt)."""
    found: _Found = ([], [])
    for path, extra in _dynamic_files(toml):
        files = toml.get(*path)
        for file in [files] if isinstance(files, str) else [file for file in files or [] if isinstance(file, str)]:
            target = joined(toml.path, file)
            if not (root / target).is_file():
                found[1].append(Problem("include", f"{file} does not exist", toml.place(*path)))
                continue
            document = read_requirements(root, target)
            _add(found, ([replace(r, group=None, extra=extra) for r in document.requirements], list(document.problems)))
    return found


def _dynamic_files(toml: Toml) -> Iterator[tuple[tuple[str, ...], str | None]]:
    if "dependencies" in toml.items("project", "dynamic"):
        yield ("tool", "setuptools", "dynamic", "dependencies", "file"), None
        yield ("tool", "hatch", "metadata", "hooks", "requirements_txt", "files"), None
        yield ("tool", "hatch", "metadata", "hooks", "requirements_txt", "filename"), None
    for extra in toml.table("tool", "setuptools", "dynamic", "optional-dependencies"):
        yield ("tool", "setuptools", "dynamic", "optional-dependencies", extra, "file"), extra


def _python(toml: Toml) -> Iterator[DeclaredPython]:
    value = toml.get("project", "requires-python")
    if isinstance(value, str):
        yield DeclaredPython("requires-python", value, toml.place("project", "requires-python"))


def _build(toml: Toml) -> Build | None:
    table = toml.table("build-system")
    if not table:
        return None
    requires = tuple(str(item) for item in toml.items("build-system", "requires"))
    # PEP 517: a build-system table that names no backend means setuptools' legacy one
    backend = str(table.get("build-backend", "setuptools.build_meta:__legacy__"))
    return Build(backend, requires, toml.place("build-system"), tuple(_packages(toml)))


def _packages(toml: Toml) -> Iterator[str]:
    for path in (
        ("tool", "hatch", "build", "targets", "wheel", "packages"),
        ("tool", "hatch", "build", "packages"),
        ("tool", "setuptools", "packages"),
        ("tool", "setuptools", "py-modules"),
        ("tool", "poetry", "packages"),
        ("tool", "flit", "module", "name"),
        ("tool", "uv", "build-backend", "module-name"),
        ("tool", "pdm", "build", "includes"),
    ):
        value = toml.get(*path)
        for item in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
            include, source = (item.get("include"), item.get("from")) if isinstance(item, dict) else (item, None)
            if isinstance(include, str):
                yield f"{source}/{include}" if isinstance(source, str) else include


def _index_options(toml: Toml) -> Iterator[str]:
    for index in toml.items("tool", "uv", "index"):
        if isinstance(index, dict) and isinstance(index.get("url"), str):
            yield ("--index-url " if index.get("default") else "--extra-index-url ") + index["url"]
    for key in ("index-url", "extra-index-url", "find-links"):
        value = toml.get("tool", "uv", key)
        for url in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
            yield f"--{key} {url}"
    for source in (*toml.items("tool", "poetry", "source"), *toml.items("tool", "pdm", "source")):
        if isinstance(source, dict) and isinstance(source.get("url"), str):
            yield f"--extra-index-url {source['url']}"


def _with_sources(toml: Toml, requirements: Iterable[Requirement]) -> Iterator[Requirement]:
    """Requirements with the place that [tool.uv.sources] installs them from."""
    sources = {normalise(name): source for name, source in toml.table("tool", "uv", "sources").items()}
    for requirement in requirements:
        source = sources.get(requirement.key)
        first = source[0] if isinstance(source, list) and source else source
        url = _source_url(first) if isinstance(first, Mapping) else None
        if url is None or requirement.url is not None:
            yield requirement
        else:
            yield replace(requirement, url=url, editable=bool(first and first.get("editable")))


def _source_url(source: Mapping[str, Any]) -> str | None:
    if isinstance(source.get("git"), str):
        ref = source.get("rev") or source.get("tag") or source.get("branch")
        return f"git+{source['git'].removeprefix('git+')}" + (f"@{ref}" if ref else "")
    if isinstance(source.get("path"), str):
        return str(source["path"])
    if source.get("workspace"):
        return "."
    return source["url"] if isinstance(source.get("url"), str) else None
