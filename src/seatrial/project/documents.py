"""The papers of a project: every text file that says how it is started and with which variables.

Paths are relative to the audited folder, with forward slashes. Where that folder lies inside a git repository, the
papers of the enclosing folders may be read too; their paths start with `../`. Nothing above the repository is looked
at.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LARGEST = 1_000_000
"""Bytes; a paper larger than this is data, not documentation."""

SUBFOLDERS = (
    "scripts",
    "script",
    "bin",
    "docker",
    ".docker",
    "deploy",
    "deployment",
    "compose",
    "infra",
    "docs",
    "build",
)
SKIPPED = frozenset(
    {"node_modules", "venv", ".venv", "env", ".git", "__pycache__", "site-packages", "dist", ".tox", ".mypy_cache"}
)
_DEEPEST_REPOSITORY = 8


@dataclass(slots=True)
class Documents:
    """A read-only view of the audited folder, with cached listings and texts."""

    root: Path
    above: tuple[
        str, ...
    ] = ()  # names of the folders from the repository's root down to `root`; () without a repository
    _listings: dict[str, Mapping[str, bool]] = field(default_factory=dict)
    _texts: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path) -> Documents:
        """The papers of `root`, and of the repository around it when there is one."""
        return cls(root, _folders_above(root))

    def normal(self, path: str) -> str | None:
        """`path` in its shortest form relative to the root, or None where it leaves what may be read."""
        if path.startswith("/"):
            return None
        inside = posixpath.normpath(posixpath.join(*self.above, path))
        if inside == ".." or inside.startswith("../"):
            return None
        return _seen_from(self.above, inside)

    def names(self, folder: str) -> Mapping[str, bool]:
        """What a folder holds: name -> whether it is a folder. Empty where there is no such folder."""
        known = self._listings.get(folder)
        if known is None:
            known = self._listings[folder] = self._list(folder)
        return known

    def is_file(self, path: str) -> bool:
        """Whether there is a file of exactly this spelling (the case counts, whatever the file system)."""
        return self._kind(path) is False

    def is_dir(self, path: str) -> bool:
        """Whether there is a folder of exactly this spelling."""
        return self.normal(path) == "." or self._kind(path) is True

    def text(self, path: str) -> str | None:
        """The text of a paper with `\\n` line ends, or None where it cannot be read as one."""
        normal = self.normal(path)
        if normal is None:
            return None
        if normal not in self._texts:
            self._texts[normal] = _read(self.root / normal)
        return self._texts[normal]

    def folders(self, base: str) -> Iterator[str]:
        """`base`, then each folder above it up to the root and on to the repository's, nearest first."""
        folder = self.normal(base)
        while folder is not None:
            yield folder
            folder = self.normal(posixpath.join(folder, ".."))

    def within(self, path: str) -> bool:
        """Whether a normal path lies inside the audited folder."""
        return path != ".." and not path.startswith("../")

    def _kind(self, path: str) -> bool | None:
        normal = self.normal(path)
        if normal is None or normal == ".":
            return None
        folder, name = posixpath.split(normal)
        return self.names(folder or ".").get(name)

    def _list(self, folder: str) -> Mapping[str, bool]:
        try:
            with os.scandir(self.root / folder) as entries:
                return {entry.name: _is_dir(entry) for entry in sorted(entries, key=lambda entry: entry.name)}
        except OSError:
            return {}


def _seen_from(above: tuple[str, ...], inside: str) -> str:
    parts = [] if inside == "." else inside.split("/")
    shared = 0
    while shared < min(len(parts), len(above)) and parts[shared] == above[shared]:
        shared += 1
    return "/".join([".."] * (len(above) - shared) + parts[shared:]) or "."


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _folders_above(root: Path) -> tuple[str, ...]:
    names: list[str] = []
    folder = root.resolve()
    for _ in range(_DEEPEST_REPOSITORY):
        if (folder / ".git").exists():
            return tuple(reversed(names))
        names.append(folder.name)
        folder = folder.parent
    return ()


def _read(path: Path) -> str | None:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            return None
        raw = path.read_bytes()
    except OSError:
        return None
    if b"\0" in raw[:4096] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return raw.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
