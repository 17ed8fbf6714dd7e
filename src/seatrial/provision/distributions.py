"""The distributions installed in a directory, read from their metadata and never imported.

Reading the metadata of sixty distributions takes longer than everything else `audit` does with them, so
what is read is kept on disk for as long as the directory is unchanged.
"""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from seatrial.provision import cache

_GROUP = "distributions-1"
_IMPORTABLE = (".py", ".so", ".pyd")
_SAMPLE = 3
# A directory changed this recently may change again within the same tick of the file system's clock.
_SETTLED_NS = 100_000_000


@dataclass(frozen=True, slots=True)
class Distribution:
    """One installed distribution.

    `name` is as its metadata spells it; `location` is the directory on `sys.path` that holds it, `info` its
    metadata directory (or file) there. `requires` are its requirements as they stand, markers included.
    `top_level` are the modules it can be imported by, without dots. `complete` is False where modules that it
    lists are not there.
    """

    name: str
    version: str
    location: Path
    info: Path
    requires: tuple[str, ...] = ()
    requires_python: str = ""
    extras: tuple[str, ...] = ()
    top_level: tuple[str, ...] = ()
    complete: bool = True

    def files(self) -> tuple[str, ...]:
        """What it installed, relative to `location`, with forward slashes; read from its RECORD at each call."""
        return _listed_files(self.info)


def normalise(name: str) -> str:
    """A distribution's name as indexes compare it: `Foo.Bar_baz` -> `foo-bar-baz`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_distributions(directories: Iterable[Path]) -> dict[str, Distribution]:
    """The distributions in these directories by normalised name; of two with one name, the earlier hides the later."""
    found: dict[str, Distribution] = {}
    for directory in directories:
        for distribution in _in_directory(directory):
            found.setdefault(normalise(distribution.name), distribution)
    return found


def _in_directory(directory: Path) -> list[Distribution]:
    try:
        changed = directory.stat().st_mtime_ns
    except OSError:
        return []
    key = cache.digest(str(directory))
    known = cache.read_entry(_GROUP, key)
    if known is not None and known.get("changed") == changed:
        restored = _restore(directory, known)
        if restored is not None:
            return restored
    found = [made for name in _metadata_names(directory) if (made := _read(directory, name)) is not None]
    if time.time_ns() - changed > _SETTLED_NS:
        cache.write_entry(_GROUP, key, {"changed": changed, "found": [_row(distribution) for distribution in found]})
    return found


def _row(distribution: Distribution) -> list[Any]:
    return [
        distribution.info.name, distribution.name, distribution.version, distribution.requires,
        distribution.requires_python, distribution.extras, distribution.top_level, distribution.complete,
    ]  # fmt: skip


def _restore(directory: Path, known: Mapping[str, Any]) -> list[Distribution] | None:
    try:
        return [
            Distribution(
                name, version, directory, directory / info, tuple(requires), python, tuple(extras), tuple(top), complete
            )
            for info, name, version, requires, python, extras, top, complete in known["found"]
        ]
    except (KeyError, TypeError, ValueError):
        return None


def _metadata_names(directory: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in directory.iterdir() if entry.name.endswith((".dist-info", ".egg-info")))
    except OSError:
        return []


def _read(directory: Path, name: str) -> Distribution | None:
    info = directory / name
    fields = _metadata(info)
    if fields is None or not fields.get("name"):
        return None
    files = _listed_files(info)
    return Distribution(
        name=fields["name"][0],
        version=fields.get("version", [""])[0],
        location=directory,
        info=info,
        requires=tuple(fields.get("requires-dist", ())),
        requires_python=fields.get("requires-python", [""])[0],
        extras=tuple(fields.get("provides-extra", ())),
        top_level=_top_level(info, files),
        complete=_complete(directory, files),
    )


def _metadata(info: Path) -> dict[str, list[str]] | None:
    """The header fields of METADATA or PKG-INFO by lower-case name; None where there is neither."""
    for path in (info / "METADATA", info / "PKG-INFO", info):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        fields: dict[str, list[str]] = {}
        for line in text.splitlines():
            if not line:
                break
            key, colon, value = line.partition(":")
            if colon and not line[0].isspace():
                fields.setdefault(key.lower(), []).append(value.strip())
        return fields
    return None


def _listed_files(info: Path) -> tuple[str, ...]:
    try:
        text = (info / "RECORD").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    rows = csv.reader(text.splitlines()) if '"' in text else (line.rsplit(",", 2) for line in text.splitlines())
    return tuple(row[0].replace("\\", "/") for row in rows if row and row[0])


def _top_level(info: Path, files: tuple[str, ...]) -> tuple[str, ...]:
    if not files:
        try:
            return tuple((info / "top_level.txt").read_text(encoding="utf-8").split())
        except (OSError, UnicodeDecodeError):
            return ()
    names = {name for path in files if (name := _module_of(path))}
    return tuple(sorted(names))


def _module_of(path: str) -> str:
    """The top-level module that a file belongs to: `fastapi` of `fastapi/routing.py`, `six` of `six.py`."""
    if not path.endswith(_IMPORTABLE) or path.startswith(("../", "/")):
        return ""
    first = path.split("/", 1)[0]
    first = first.removesuffix(".py") if first.endswith(".py") else first.split(".", 1)[0]
    return first if first.isidentifier() and not first.startswith("__editable__") else ""


def _complete(directory: Path, files: tuple[str, ...]) -> bool:
    """Whether the modules that a RECORD lists are there: the first few, and the first extension module."""
    modules = [path for path in files if path.endswith(_IMPORTABLE) and not path.startswith(("../", "/"))]
    extensions = [path for path in modules if PurePosixPath(path).suffix in (".so", ".pyd")]
    return all((directory / path).is_file() for path in [*modules[:_SAMPLE], *extensions[:1]])
