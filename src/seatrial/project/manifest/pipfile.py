"""Pipenv's Pipfile, and conda's environment.yml with its pip section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from seatrial.issue import Location
from seatrial.project.manifest.entry import entry_requirement, parse_entry, reference
from seatrial.project.manifest.poetry import direct_url
from seatrial.project.manifest.reading import load_toml, read_text
from seatrial.project.manifest.toml import Toml
from seatrial.project.manifest.values import DeclaredPython, Document, Problem, Requirement

_MARKER_KEYS = ("sys_platform", "platform_system", "platform_machine", "os_name", "python_version")
_CONDA = re.compile(r"(?:[\w./:-]+::)?([A-Za-z0-9._-]+)\s*(.*)$")


def read_pipfile(root: Path, path: str) -> Document:
    """Read a Pipfile."""
    text = read_text(root, path)
    values, problems = load_toml(text)
    toml = Toml(path, text.text, values)
    # Any further table is a category of packages of its own, which is installed only when asked for
    groups = {"packages": None, "dev-packages": "dev"}
    groups |= {
        name: name for name in values if name not in (*groups, "requires", "source", "scripts", "pipenv", "pipfile")
    }
    found = [
        _pipenv_entry(toml, table, name, value, group)
        for table, group in groups.items()
        for name, value in toml.table(table).items()
    ]
    options = [f"--extra-index-url {source['url']}" for source in toml.items("source") if _is_other_index(source)]
    return Document(
        path,
        "pipfile",
        tuple(item for item in found if isinstance(item, Requirement)),
        python=tuple(_pipenv_python(toml)),
        problems=(*problems, *(item for item in found if isinstance(item, Problem))),
        options=tuple(options),
        encoding=text.encoding,
    )


def _is_other_index(source: object) -> bool:
    return isinstance(source, dict) and isinstance(source.get("url"), str) and source.get("name") != "pypi"


def _pipenv_python(toml: Toml) -> Iterator[DeclaredPython]:
    for key in ("python_full_version", "python_version"):
        value = toml.get("requires", key)
        if isinstance(value, str):
            yield DeclaredPython("pipfile", value, toml.place("requires", key))
            return


def _pipenv_entry(toml: Toml, table: str, name: str, value: Any, group: str | None) -> Requirement | Problem:
    place = toml.place(table, name)
    entry = {"version": value} if isinstance(value, str) else value
    if not isinstance(entry, dict):
        return Problem("requirement", f"{name}: {value!r} is neither a version nor a table", place)
    written = str(entry.get("version", "*"))
    parsed = parse_entry(name if written in ("*", "") else f"{name} {written}")
    if isinstance(parsed, str):
        return Problem("requirement", f"{name} = {written!r}: {parsed}", place)
    markers = [f"{key} {entry[key]}" for key in _MARKER_KEYS if isinstance(entry.get(key), str)]
    markers += [entry["markers"]] if isinstance(entry.get("markers"), str) else []
    extras = tuple(str(extra) for extra in entry.get("extras") or () if isinstance(extra, str))
    return Requirement(
        name,
        parsed.specifier,
        place,
        extras,
        " and ".join(markers),
        direct_url(entry),
        bool(entry.get("editable")),
        group,
        written=written,
    )


def read_conda(root: Path, path: str) -> Document:
    """Read an environment.yml: conda's packages (by their conda names) and the pip section."""
    import yaml

    text = read_text(root, path)
    requirements: list[Requirement] = []
    python: list[DeclaredPython] = []
    problems = list(text.problems)
    try:
        tree = yaml.compose(text.text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problems.append(Problem("syntax", f"not YAML: {getattr(error, 'problem', error)}", Location(path, line)))
        tree = None
    for name, location, is_pip in _conda_entries(tree, path):
        found = _pip_line(name, location) if is_pip else _conda_line(name, location)
        if isinstance(found, Problem):
            problems.append(found)
        elif found.key == "python" and not is_pip:
            python.append(DeclaredPython("conda", found.specifier, location))
        else:
            requirements.append(found)
    return Document(path, "conda", tuple(requirements), python=tuple(python), problems=tuple(problems))


def _conda_entries(tree: Any, path: str) -> Iterator[tuple[str, Location, bool]]:
    """The strings below `dependencies`, and those below its `pip`."""
    for item in _sequence(tree, "dependencies"):
        if isinstance(item.value, str):
            yield item.value, _place(item, path), False
        for entry in _sequence(item, "pip"):
            if isinstance(entry.value, str):
                yield entry.value, _place(entry, path), True


def _sequence(node: Any, key: str) -> list[Any]:
    """The items of the sequence under `key` of a mapping node of YAML, none where it has another shape."""
    for name, value in node.value if getattr(node, "id", "") == "mapping" else []:
        if name.value == key and value.id == "sequence":
            return list(value.value)
    return []


def _place(node: Any, path: str) -> Location:
    start, end = node.start_mark, node.end_mark
    return Location(path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _pip_line(text: str, location: Location) -> Requirement | Problem:
    if text.startswith(("-e ", "--editable ")):
        return reference(text.split(None, 1)[1], location, editable=True, written=text)
    if text.startswith("-"):
        return Problem("include", f"{text} is not read", location)
    return entry_requirement(text, location)


def _conda_line(text: str, location: Location) -> Requirement | Problem:
    """`name`, `name=1.2` (any 1.2), `name==1.2.3`, `name>=1,<2`, `name=1.2=build`."""
    match = _CONDA.match(text.strip())
    if match is None:
        return Problem("requirement", f"{text!r} is no conda package", location)
    version = re.sub(r"\[.*|\s", "", match[2])
    if exact := re.fullmatch(r"=([\d.]+)(?:\.\*|\*)?(?:=[\w.*]+)?", version):
        version = f"=={exact[1].strip('.')}.*"
    found = Requirement(match[1], version, location, written=text)
    return replace(found, specifier="") if version in ("*", "=*") else found
