"""What a scratch copy of a backend holds: found once by looking, laid out anew for every start, never written back.

Inside namespaces the copy stands in memory at the audited PATH itself; elsewhere in a temporary folder.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from seatrial.errors import UsageError

LEFT_OUT = frozenset(
    (".git", ".hg", ".svn", ".bzr", "node_modules", "bower_components", "__pycache__", ".mypy_cache", ".pytest_cache")
    + (".ruff_cache", ".tox", ".nox", ".hypothesis", ".next", ".nuxt", ".turbo", ".terraform", ".seatrial", ".uv-cache")
)
LARGE = 8 * 1024 * 1024  # from here on a file is shown read-only instead of copied, where that can be done
MOST_BYTES = 256 * 1024 * 1024
MOST_FILES = 50_000
EXAMPLE = re.compile(r"example|sample|template|dist|tmpl|default", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scratch:
    """A folder to be copied for a start. All names are relative to `root`, with forward slashes.

    `contents` replaces or adds files, `removed` leaves some out; `notes` says what is not as in the folder.
    """

    root: Path
    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    large: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()  # committed or local .env files: never copied
    contents: Mapping[str, bytes] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    def patched(self, files: Mapping[str, bytes | None]) -> Scratch:
        """The same copy with some files changed, added (bytes) or removed (None)."""
        for name in files:
            if name.startswith("/") or ".." in name.split("/"):
                raise ValueError(f"{name!r} is not a path inside the backend")
        gone = frozenset(name for name, content in files.items() if content is None)
        kept = {name: content for name, content in files.items() if content is not None}
        contents = {name: content for name, content in self.contents.items() if name not in gone}
        return replace(self, contents={**contents, **kept}, removed=(self.removed | gone) - kept.keys())


def look(root: Path) -> Scratch:
    """Find what of `root` belongs into a scratch copy.

    Raises UsageError where the folder cannot be read or holds more than a scratch copy may.
    """
    root = root.resolve()
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder; give the folder that holds the backend.")
    walk = _Walk(root)
    try:
        walk.folder("")
    except OSError as problem:
        raise UsageError(f"{root} cannot be read: {problem.strerror}.") from None
    found = [tuple(sorted(names)) for names in (walk.folders, walk.files, walk.large, walk.secrets)]
    return Scratch(root, found[0], found[1], tuple(sorted(walk.links)), found[2], found[3], notes=tuple(walk.notes))


class _Walk:
    """Collects what is in a folder without following links."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders: list[str] = []
        self.files: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.large: list[str] = []
        self.secrets: list[str] = []
        self.notes: list[str] = []
        self.bytes = 0

    def folder(self, name: str) -> None:
        waiting = [name]
        while waiting:
            here = waiting.pop()
            try:
                entries = sorted(os.scandir(self.root / here), key=lambda entry: entry.name)
            except OSError:
                if here == name:
                    raise
                self.notes.append(f"{here} cannot be read and is left out")
                continue
            for entry in entries:
                inner = f"{here}/{entry.name}" if here else entry.name
                if entry.is_symlink():
                    self.link(inner)
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name not in LEFT_OUT and not os.path.isfile(os.path.join(entry.path, "pyvenv.cfg")):
                        self.folders.append(inner)
                        waiting.append(inner)
                else:
                    self.file(inner, entry)

    def link(self, name: str) -> None:
        """Keep a link that stays inside; drop one that leads out or round in circles."""
        path = self.root / name
        target = os.readlink(path)
        try:
            inside = path.resolve(strict=True).is_relative_to(self.root)
        except (OSError, RuntimeError):
            inside = False
        if inside and not os.path.isabs(target):
            self.links.append((name, target))
        else:
            self.notes.append(f"the link {name} leads out of the folder or nowhere and is left out")

    def file(self, name: str, entry: os.DirEntry[str]) -> None:
        try:
            facts = entry.stat(follow_symlinks=False)
        except OSError:
            return
        if not stat.S_ISREG(facts.st_mode):
            return
        if holds_secrets(entry.name):
            self.secrets.append(name)
        elif facts.st_size >= LARGE:
            self.large.append(name)
        else:
            self.files.append(name)
            self.bytes += facts.st_size
        if self.bytes > MOST_BYTES or len(self.files) > MOST_FILES:
            most = f"{MOST_FILES:,} files or {MOST_BYTES // 1048576} MiB"
            raise UsageError(f"{self.root} holds more than {most} of sources; give the folder of the backend alone.")


def holds_secrets(name: str) -> bool:
    """Whether a file of this name is an environment file that somebody uses, not an example of one."""
    return (name.startswith(".env") or name.endswith(".env")) and not EXAMPLE.search(name) and not name.endswith(".py")


def environment_file(variables: Mapping[str, str]) -> bytes:
    """The documented environment in the form of a .env file, for code that insists on reading one."""
    return "".join(f"{name}={_dotenv(value)}\n" for name, value in variables.items()).encode()


def _dotenv(value: str) -> str:
    if re.fullmatch(r"[\w@%+=:,./?&\[\]*~-]*", value):
        return value
    if "'" not in value and "\n" not in value:
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def copy_to(scratch: Scratch, place: Path) -> None:
    """Write the copy to a folder of the disk, which must not be there yet.

    Raises OSError where there is no room for it. Files that vanished or cannot be read are left out.
    """
    for folder in ("", *scratch.folders):
        (place / folder).mkdir(parents=True, exist_ok=True)
    for name in (*scratch.files, *scratch.large):
        if name not in scratch.contents and name not in scratch.removed:
            _copy_one(scratch.root / name, place / name)
    for name, target in scratch.links:
        if name not in scratch.removed:
            os.symlink(target, place / name)
    for name, content in scratch.contents.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)


def _copy_one(source: Path, target: Path) -> None:
    try:
        content, mode = source.read_bytes(), source.stat().st_mode
    except (FileNotFoundError, PermissionError):
        return
    target.write_bytes(content)
    target.chmod(stat.S_IMODE(mode) | 0o600)
