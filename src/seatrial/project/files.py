"""Which files a project has, and what is written in one of them.

`scan` walks a folder once and leaves out what nobody wrote there by hand: version control, environments, installed
packages, caches and build products. `read` decodes one file as CPython would.
"""

from __future__ import annotations

import ast
import codecs
import os
import stat
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tokenize import detect_encoding

from seatrial.errors import UsageError
from seatrial.issue import NotAnalysed

MAX_BYTES = 10 * 1024 * 1024
MAX_FILES = 100_000

_SKIPPED = frozenset(
    {".git", ".hg", ".svn", ".bzr", "node_modules", "bower_components", "site-packages", "dist-packages"}
    | {"__pycache__", "__pypackages__", ".cache", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
    | {".tox", ".nox", ".eggs", ".venv", ".pixi", ".ipynb_checkpoints", ".parcel-cache", ".turbo", ".gradle"}
    | {".next", ".nuxt", ".svelte-kit", ".output", ".angular", ".vercel", ".netlify", ".serverless", ".aws-sam"}
    | {".terraform", ".yarn", ".pnpm-store", ".docusaurus", ".idea", ".seatrial", "htmlcov"}
)
_ENVIRONMENT_NAMES = frozenset({"venv", ".venv", "env", "ENV", ".env", "virtualenv"})
_PRODUCTS = frozenset({"build", "dist", "out", "target"})
_WRITTEN_BY_HAND = ("__init__.py", "Dockerfile", "docker-compose", "compose.")


@dataclass(frozen=True, slots=True)
class Tree:
    """The files below `root` that belong to a project, sorted, as paths relative to it with forward slashes.

    `environments` are the virtual environments found (relative folders), which `files` leaves out; `not_analysed`
    the folders that could not be looked into.
    """

    root: Path
    files: tuple[str, ...]
    environments: tuple[str, ...] = ()
    not_analysed: tuple[NotAnalysed, ...] = ()
    _known: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", frozenset(self.files))

    def __contains__(self, path: object) -> bool:
        return path in self._known

    @property
    def python(self) -> tuple[str, ...]:
        """The Python source files."""
        return tuple(path for path in self.files if path.endswith(".py"))

    def below(self, base: str) -> tuple[str, ...]:
        """The files in the folder `base` or deeper ("." is the root)."""
        if base == ".":
            return self.files
        return tuple(path for path in self.files if path.startswith(base + "/"))

    def within(self, base: str) -> tuple[str, ...]:
        """The files directly in the folder `base`."""
        return tuple(path for path in self.below(base) if (path.rpartition("/")[0] or ".") == base)


@dataclass(frozen=True, slots=True)
class Source:
    """A decoded file. `text` has no byte order mark and keeps its own line endings; `newline` is the usual one."""

    path: str
    text: str
    encoding: str
    bom: bool
    newline: str


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A file whose bytes are no text in the encoding that it declares, or whose declaration is wrong.

    To a Python import that is a SyntaxError; `raw` is all there is to judge it by.
    """

    path: str
    raw: bytes
    reason: str


def scan(root: Path) -> Tree:
    """List the files of the project in `root`.

    Links to folders inside the project are followed, once each; other links to folders are noted and left alone.
    Raises UsageError when there is no such folder, when it holds nothing or no Python, or is far too big.
    """
    _check_folder(root)
    walk = _Walk(root.resolve())
    tree = walk.tree()
    if not tree.files:
        raise UsageError(f"{root} is empty: give the folder that holds the backend's code")
    if not tree.python:
        where = " outside its virtual environment" if tree.environments else ""
        raise UsageError(f"{root} holds no Python file{where}: give the folder that holds the backend's code")
    return tree


def files_of(root: Path) -> tuple[str, ...]:
    """As the files of `scan`, of any project, whether it holds Python or not. Raises UsageError for no folder."""
    _check_folder(root)
    return _Walk(root.resolve()).tree().files


def _check_folder(root: Path) -> None:
    try:
        mode = root.stat().st_mode
    except FileNotFoundError:
        raise UsageError(f"{root} does not exist: give the folder that holds the backend's code") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{root} cannot be opened ({_why(error)}): give a folder that can be read") from None
    if not stat.S_ISDIR(mode):
        raise UsageError(f"{root} is not a folder: give the folder that holds the backend's code")
    try:
        os.scandir(root).close()
    except OSError as error:
        raise UsageError(f"{root} cannot be read ({_why(error)}): give a folder that can be read") from None


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


class _Walk:
    """One walk over a project: real folders first, then those that links lead to, each listed once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: list[str] = []
        self.environments: list[str] = []
        self.not_analysed: list[NotAnalysed] = []
        self._links: list[tuple[str, str]] = []
        self._seen: set[str] = set()

    def tree(self) -> Tree:
        self._walk(str(self.root), "")
        inside = _repository(self.root)
        for path, relative in self._links:  # grows while it is walked: links may hold links
            self._follow(path, relative, inside)
        return Tree(self.root, tuple(sorted(self.files)), tuple(sorted(self.environments)), tuple(self.not_analysed))

    def _follow(self, path: str, relative: str, inside: Path) -> None:
        target = os.path.realpath(path)
        if target in self._seen:
            return
        if not Path(target).is_relative_to(inside):
            self.not_analysed.append(NotAnalysed(relative, "a link to a folder outside the project"))
            return
        self._walk(target, relative + "/")

    def _walk(self, path: str, prefix: str) -> None:
        """Walk from a real path down; below it, too, every folder that is no link is its own real path."""
        waiting = [(path, prefix)]
        while waiting:
            path, prefix = waiting.pop()
            waiting.extend(self._list(path, prefix))

    def _list(self, path: str, prefix: str) -> Iterable[tuple[str, str]]:
        """Take the files of one folder, and return the folders in it."""
        entries = self._entries(path, prefix)
        names = {entry.name for entry in entries}
        if path in self._seen or (prefix and self._left_out(Path(path), prefix.rstrip("/"), names)):
            return []
        self._seen.add(path)
        folders: list[tuple[str, str]] = []
        for entry in entries:
            if not _is_text(entry.name):
                self.not_analysed.append(NotAnalysed(prefix + ascii(entry.name), "its name is not text"))
            elif _is_folder(entry):
                if entry.name not in _SKIPPED and not entry.name.endswith((".egg-info", ".dist-info")):
                    (self._links if entry.is_symlink() else folders).append((entry.path, prefix + entry.name))
            elif _is_file(entry):
                self.files.append(prefix + entry.name)
            if entry.name == ".venv":
                self._note_environment(Path(entry.path), prefix + entry.name)
        if len(self.files) > MAX_FILES:
            raise UsageError(f"{self.root} holds more than {MAX_FILES:,} files: give the backend's own folder")
        return [(child, relative + "/") for child, relative in folders]

    def _entries(self, path: str, prefix: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(path) as entries:
                return list(entries)
        except OSError as error:
            self.not_analysed.append(NotAnalysed(prefix.rstrip("/") or ".", f"cannot be listed: {_why(error)}"))
            return []

    def _left_out(self, path: Path, relative: str, names: set[str]) -> bool:
        name = relative.rpartition("/")[2]
        if "pyvenv.cfg" in names or (name in _ENVIRONMENT_NAMES and _holds_packages(path, names)):
            self.environments.append(relative)
            return True
        return name in _PRODUCTS and not any(entry.startswith(_WRITTEN_BY_HAND) for entry in names)

    def _note_environment(self, path: Path, relative: str) -> None:
        if (path / "pyvenv.cfg").is_file():
            self.environments.append(relative)


def _repository(root: Path) -> Path:
    """The checkout that `root` is part of, or `root` itself: links within it are the project's own."""
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether the entry is a regular file: pipes, sockets and devices never are, nor links that lead nowhere."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _is_text(name: str) -> bool:
    """Whether a file name can be printed: one whose bytes are no UTF-8 reaches Python as lone surrogates."""
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)


def _holds_packages(path: Path, names: set[str]) -> bool:
    if "Lib" in names and (path / "Lib" / "site-packages").is_dir():
        return True
    return any(any((path / lib).glob("python*")) for lib in names & {"lib", "lib64"})


def read(root: Path, relative: str) -> Source | Undecodable | NotAnalysed:
    """Decode one file by its byte order mark or its PEP 263 declaration, UTF-8 where there is neither.

    NUL characters are kept: whether they matter is for the reader to say. NotAnalysed when the file is gone,
    not readable, no regular file, or larger than 10 MB.
    """
    raw = read_bytes(root, relative)
    return raw if isinstance(raw, NotAnalysed) else decode(relative, raw)


def read_bytes(root: Path, relative: str) -> bytes | NotAnalysed:
    """The bytes of one file of at most 10 MB, or why they cannot be had."""
    file = root / relative
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            return NotAnalysed(relative, "not a regular file")
        if found.st_size > MAX_BYTES:
            return NotAnalysed(relative, f"larger than the {MAX_BYTES >> 20} MB looked at: {found.st_size >> 20} MB")
        with file.open("rb") as opened:
            raw = opened.read(found.st_size + 1)  # not all that it may have: room for that is made first
            return raw if len(raw) <= found.st_size else (raw + opened.read(MAX_BYTES))[:MAX_BYTES]
    except (OSError, ValueError) as error:
        return NotAnalysed(relative, f"cannot be read: {_why(error)}")


def decode(path: str, raw: bytes) -> Source | Undecodable:
    """Decode the bytes of a Python file; see `read`."""
    bom = raw.startswith(codecs.BOM_UTF8)
    try:
        encoding = _encoding(raw)
        text = raw.decode(encoding)
    except (UnicodeError, SyntaxError, LookupError) as error:
        return Undecodable(path, raw, str(error))
    return Source(path, text.removeprefix("\ufeff") if bom else text, encoding, bom, _newline(raw))


def _encoding(raw: bytes) -> str:
    head = raw.split(b"\n", 2)[:2]
    if not any(b"coding" in line for line in head):
        return "utf-8"
    encoding, _ = detect_encoding(iter([line + b"\n" for line in head]).__next__)
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _newline(raw: bytes) -> str:
    windows = raw.count(b"\r\n")
    counts = Counter({"\n": raw.count(b"\n") - windows, "\r\n": windows, "\r": raw.count(b"\r") - windows})
    newline, count = counts.most_common(1)[0]
    return newline if count else "\n"


def parse_quietly(text: str) -> ast.Module:
    """`ast.parse` by our own grammar, for facts that need no other; its warnings are about code that is not ours.

    Raises SyntaxError, ValueError (NUL), RecursionError or MemoryError (nested too deep).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def folders_above(path: str) -> Iterator[str]:
    """The folders that hold a file of the project, nearest first, ending with "." for the root."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
    yield "."
