"""Declared requirements as plain lines, made safe to hand to uv.

Whatever would have uv take code from anywhere but an index is left out and said: editable installs, local
paths, URLs and version control. Judging what is declared is the manifest's business, not ours.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.issue import Location
from seatrial.provision.distributions import normalise
from seatrial.provision.problems import Line

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_SHAPE = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?([^;]*)(;.*)?$", re.DOTALL)
_COMMENT = re.compile(r"(^|\s)#.*$")
_OPTION_IN_LINE = re.compile(r"\s+--?[a-z][a-z-]*(=|\s).*$")
_INDEX_OPTION = re.compile(
    r"(--index-url|--extra-index-url|--find-links|--no-index|--pre|--trusted-host|-i|-f)(?=\s|=|$)"
)
_FILE_OPTION = re.compile(r"(-r|-c|--requirements?|--constraints?)\s*=?\s*(.+)$")
_ELSEWHERE = re.compile(r"(-e|--editable)\b|[\w.\-\[\],\s]*@\s*\S|(git|hg|svn|bzr)\+|\w+://|\.{0,2}/|~|file:")
_ARCHIVE = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2")


@dataclass(frozen=True, slots=True)
class Declared:
    """What is asked for: `lines` and `constraints` by name and version, `options` for indexes as they are written.

    `left_out` are requirements that do not come from an index.
    """

    lines: tuple[Line, ...] = ()
    constraints: tuple[Line, ...] = ()
    options: tuple[str, ...] = ()
    left_out: tuple[Line, ...] = ()

    def and_(self, other: Declared) -> Declared:
        """Both together."""
        return Declared(
            (*self.lines, *other.lines),
            (*self.constraints, *other.constraints),
            (*self.options, *other.options),
            (*self.left_out, *other.left_out),
        )


def read_requirement_file(path: Path, root: Path) -> Declared:
    """Read a requirements file with everything that it includes; files that are missing or cyclic end the branch."""
    lines: list[Line] = []
    constraints: list[Line] = []
    options: list[str] = []
    left_out: list[Line] = []
    for text, location, constraint in _logical_lines(path, root, constraint=False, above=()):
        if _INDEX_OPTION.match(text):
            options.append(_absolute_links(text, (root / location.path).parent))
        elif is_elsewhere(text):
            left_out.append(Line(text, name_of(text), location))
        elif not text.startswith("-"):
            (constraints if constraint else lines).append(_line(text, location))
    return Declared(tuple(lines), tuple(constraints), tuple(options), tuple(left_out))


def from_lines(texts: tuple[str, ...], places: Mapping[str, Location] | None = None) -> Declared:
    """Requirements given as text, such as those of a pyproject."""
    made = [Line(text.strip(), name_of(text), (places or {}).get(text)) for text in texts if text.strip()]
    return Declared(
        lines=tuple(line for line in made if not is_elsewhere(line.text)),
        left_out=tuple(line for line in made if is_elsewhere(line.text)),
    )


def read_pyproject(path: Path, root: Path, extras: tuple[str, ...], groups: tuple[str, ...]) -> Declared:
    """The static `[project]` dependencies of a pyproject, with these extras and dependency groups."""
    text, table = load_toml(path)
    project = _table(table, "project")
    wanted = _strings(project.get("dependencies"))
    for extra in extras:
        wanted += _strings(_table(project, "optional-dependencies").get(extra))
    for group in groups:
        wanted += _group(_table(table, "dependency-groups"), group, ())
    places = {item: Location(relative(path, root), _line_of(text, item)) for item in wanted}
    return from_lines(tuple(wanted), places)


def load_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """A TOML file's text and table; both empty where it cannot be read."""
    import tomllib

    try:
        text = path.read_text(encoding="utf-8-sig")
        return text, tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return "", {}


def name_of(text: str) -> str:
    """The normalised name that a requirement starts with; empty where there is none."""
    egg = re.search(r"#egg=([\w.-]+)", text)
    match = egg or (None if text.lstrip().startswith(("-", ".", "/")) else _NAME.match(text))
    return normalise(match[1]) if match else ""


def is_elsewhere(text: str) -> bool:
    """Whether a requirement is to come from anywhere but an index: editable, path, URL or version control."""
    bare = text.split(";", 1)[0].strip()
    return bool(_ELSEWHERE.match(text)) or bare.lower().endswith(_ARCHIVE)


def relaxed(text: str, *, within_major: bool) -> str | None:
    """The requirement with its version let go: to later ones of the same major version, or altogether.

    None where that changes nothing.
    """
    match = _SHAPE.match(text)
    if match is None:
        return None
    name, extras, specifier, marker = match[1], match[2] or "", match[3].strip().strip("()"), match[4] or ""
    pin = re.fullmatch(r"={2,3}\s*(\d+)((?:\.\d+)*)(?:\.\*)?\S*", specifier)
    if within_major:
        return f"{name}{extras}>={pin[1]}{pin[2]},<{int(pin[1]) + 1}{marker and ' ' + marker}" if pin else None
    return f"{name}{extras}{marker and ' ' + marker}" if specifier else None


def relative(path: Path, root: Path) -> str:
    """A path as values spell it: relative to the audited folder, with forward slashes."""
    try:
        return Path(os.path.relpath(path, root)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def _line(text: str, location: Location) -> Line:
    bare = _OPTION_IN_LINE.sub("", text).strip()
    return Line(bare, name_of(bare), location)


def _logical_lines(
    path: Path, root: Path, *, constraint: bool, above: tuple[str, ...]
) -> Iterator[tuple[str, Location, bool]]:
    real = os.path.realpath(path)
    if real in above:
        return
    for number, text in _joined(_decoded(path)):
        include = _FILE_OPTION.match(text)
        if include is None:
            yield text, Location(relative(path, root), number), constraint
            continue
        inner = path.parent / include[2].strip().strip("\"'")
        is_constraint = constraint or include[1] in ("-c", "--constraint", "--constraints")
        yield from _logical_lines(inner, root, constraint=is_constraint, above=(*above, real))


def _decoded(path: Path) -> str:
    """A requirements file's text, in the encodings that pip takes (PowerShell's `>` writes UTF-16)."""
    try:
        raw = path.read_bytes()
    except OSError:
        return ""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    return raw.decode("utf-8-sig", "replace")


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines with continuations joined, comments and blank ones left out, each with the number of its first."""
    held, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start if held else number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            held += line[:-1] + " "
            continue
        whole, held = _COMMENT.sub("", held + line).strip(), ""
        if whole:
            yield start, whole
    if held.strip():
        yield start, held.strip()


def _absolute_links(option: str, base: Path) -> str:
    """A `--find-links` folder is meant from the requirements file, and uv is started elsewhere."""
    match = re.match(r"(-f|--find-links)[\s=]+(.+)$", option)
    if match is None or "://" in match[2]:
        return option
    return f"--find-links {(base / match[2].strip()).absolute()}"


def _table(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _group(groups: Mapping[str, Any], name: str, above: tuple[str, ...]) -> list[str]:
    found: object = next((value for key, value in groups.items() if normalise(key) == normalise(name)), None)
    if not isinstance(found, list) or name in above:
        return []
    lines = _strings(found)
    for item in found:
        if isinstance(item, dict) and isinstance(item.get("include-group"), str):
            lines += _group(groups, item["include-group"], (*above, name))
    return lines


def _line_of(text: str, item: str) -> int:
    place = text.find(item)
    return text.count("\n", 0, place) + 1 if place >= 0 else 1
