"""Path to dotted name and back, as CPython's import system sees them from a list of path entries.

`Finder` answers what `BuiltinImporter`, `FrozenImporter` and `PathFinder` would, in that order, without
importing anything (source: Lib/importlib/_bootstrap_external.py, `FileFinder.find_spec` and `PathFinder._get_spec`).
Nothing here knows what a backend is; it only needs the standard library's `os`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Literal

Kind = Literal["module", "package", "namespace", "extension", "builtin"]

# Frozen into the executable since 3.11, and therefore found before any file of the same name on the path.
FROZEN = frozenset(
    {"abc", "codecs", "io", "os", "runpy", "site", "stat", "zipimport"}
    | {"_collections_abc", "_sitebuiltins", "genericpath", "ntpath", "posixpath"}
    | {"importlib.machinery", "importlib.util", "__hello__", "__phello__"}
)


@dataclass(frozen=True, slots=True)
class Spec:
    """Where an import of `name` leads.

    `origin` is the file that would be loaded: None for a namespace package and a built-in module. `search` is the
    `__path__` in which submodules are looked for, empty unless this is a package or a namespace.
    """

    name: str
    kind: Kind
    origin: Path | None
    search: tuple[Path, ...]

    @property
    def is_package(self) -> bool:
        """Whether `import name.anything` may be tried at all."""
        return self.kind in ("package", "namespace")

    @property
    def source(self) -> Path | None:
        """The file whose text is this module, None where there is none to read (extension, bytecode, namespace)."""
        return self.origin if self.origin is not None and self.origin.suffix in (".py", ".pyw") else None


def extension_suffixes(version: tuple[int, ...], platform: str = sys.platform) -> tuple[str, ...]:
    """`importlib.machinery.EXTENSION_SUFFIXES` of a regular CPython build of that version on that platform.

    The processor is taken from the interpreter that runs seatrial, which the backend's shares a machine with.
    """
    tag = f"{version[0]}{version[1]}"
    if platform == "win32":
        return (f".cp{tag}-win_amd64.pyd", ".pyd")
    if platform == "darwin":
        return (f".cpython-{tag}-darwin.so", ".abi3.so", ".so")
    return (f".cpython-{tag}-{_triplet()}.so", ".abi3.so", ".so")


def _triplet() -> str:
    own = EXTENSION_SUFFIXES[0]
    if own.startswith(".cpython-") and "linux" in own:
        return own.split("-", 2)[2].removesuffix(".so")
    return "x86_64-linux-gnu"


class _Directory:
    """One directory, listed once: the names in it and what each is, symbolic links followed."""

    __slots__ = ("files", "folders", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.files: set[str] = set()
        self.folders: set[str] = set()
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    self._add(entry)
        except OSError:
            pass  # absent, unreadable or a file: CPython, too, then finds nothing in it

    def _add(self, entry: os.DirEntry[str]) -> None:
        try:
            if entry.is_dir():
                self.folders.add(entry.name)
            elif entry.is_file():
                self.files.add(entry.name)
        except OSError:
            pass  # a symbolic link that leads round in a circle


class Finder:
    """Finds modules on a list of path entries exactly as the import system of one CPython would.

    Listings and answers are kept for the life of the finder: make a new one when files have changed.
    Names are case-sensitive as on Linux, whatever the file system says. `.pyi` files are no modules. Entries that
    are archives (zip, egg) are not searched: they are in `archives`, and a name not found may be in one of them.
    """

    def __init__(
        self,
        path: Sequence[Path],
        builtin: frozenset[str],
        *,
        version: tuple[int, ...] = (3, 12),
        platform: str = sys.platform,
        stdlib: Sequence[Path] = (),
    ) -> None:
        """Look through `path` in order, after the names in `builtin` (`sys.builtin_module_names`).

        `version` and `platform` (`sys.platform`) are the backend's. `stdlib` holds its standard library directories;
        when given, modules frozen into the executable are found there before anything on `path`.
        """
        self.path = tuple(path)
        self.builtin = builtin
        self.stdlib = tuple(stdlib)
        self.extensions = extension_suffixes(version, platform)
        source = (".py", ".pyw") if platform == "win32" else (".py",)
        self._suffixes = (*self.extensions, *source, ".pyc")
        self._frozen = FROZEN if stdlib and version >= (3, 11) else frozenset[str]()
        self._directories: dict[str, _Directory] = {}
        self._specs: dict[tuple[str, tuple[Path, ...] | None], Spec | None] = {}

    @property
    def archives(self) -> tuple[Path, ...]:
        """The path entries that are files, not directories: they may hold modules that are not seen here."""
        return tuple(entry for entry in self.path if entry.is_file())

    def find(self, name: str, search: tuple[Path, ...] | None = None) -> Spec | None:
        """What `import name` would load; None when there is no such module.

        `name` is the full dotted name. For a submodule, `search` is its parent's `__path__` (`Spec.search`, or what
        the code made of it); None means the finder's own path. Parents are not looked at: see `resolve`.
        """
        key = (name, search)
        if key not in self._specs:
            self._specs[key] = self._find(name, self.path if search is None else search)
        return self._specs[key]

    def resolve(self, name: str) -> Spec | None:
        """What `name` leads to when every parent is what its files say: parents are found first, from the top."""
        spec: Spec | None = None
        search: tuple[Path, ...] | None = None
        parts = name.split(".")
        for index in range(len(parts)):
            spec = self.find(".".join(parts[: index + 1]), search)
            if spec is None or (not spec.is_package and index + 1 < len(parts)):
                return None
            search = spec.search
        return spec

    def names_of(self, path: Path) -> tuple[str, ...]:
        """The dotted names under which an import reaches this file, in the order of the path entries.

        Empty when no import can: it lies outside every entry, something before it on the path has its name, or a
        part of its name cannot be written in an import statement.
        """
        found: list[str] = []
        for name in self.candidates(path):
            spec = self.resolve(name)
            if spec is not None and spec.origin == path and name not in found:
                found.append(name)
        return tuple(found)

    def candidates(self, path: Path) -> tuple[str, ...]:
        """The dotted names that this file's place gives it under each path entry, shadowed or not."""
        return tuple(name for entry in self.path if (name := self._name_below(entry, path)))

    def children(self, search: tuple[Path, ...] | None = None) -> Mapping[str, Spec]:
        """Every module that can be found in these directories, by its last name part; for suggestions, not imports.

        `search` is as in `find`; the specs are named by the last part only.
        """
        entries = self.path if search is None else search
        names = sorted({name for entry in entries for name in self._names_in(self._directory(str(entry)))})
        specs = {name: self._find_on_path(name, name, entries) for name in names}
        return {name: spec for name, spec in specs.items() if spec is not None}

    def _name_below(self, entry: Path, path: Path) -> str | None:
        if not path.is_relative_to(entry):
            return None
        parts = list(path.relative_to(entry).parts)
        stem = next((parts[-1].removesuffix(end) for end in self._suffixes if parts and parts[-1].endswith(end)), None)
        if stem is None:
            return None
        parts = parts[:-1] if stem == "__init__" and len(parts) > 1 else [*parts[:-1], stem]
        return ".".join(parts) if all(part.isidentifier() for part in parts) else None

    def _names_in(self, directory: _Directory) -> Iterator[str]:
        for name in (*directory.folders, *(name.split(".", 1)[0] for name in directory.files)):
            if name.isidentifier():
                yield name

    def _find(self, name: str, entries: Sequence[Path]) -> Spec | None:
        if name in self.builtin:
            return Spec(name, "builtin", None, ())
        tail = name.rpartition(".")[2]
        if name in self._frozen:
            home = self.stdlib if tail == name else [entry / name.rpartition(".")[0] for entry in self.stdlib]
            frozen = self._find_on_path(name, tail, home)
            if frozen is not None:
                return frozen
        return self._find_on_path(name, tail, entries)

    def _find_on_path(self, name: str, tail: str, entries: Sequence[Path]) -> Spec | None:
        portions: list[Path] = []
        for entry in entries:
            spec = self._find_in(name, tail, entry)
            if spec is None:
                continue
            if spec.origin is not None:
                return spec
            portions.extend(spec.search)
        return Spec(name, "namespace", None, tuple(portions)) if portions else None

    def _find_in(self, name: str, tail: str, entry: Path) -> Spec | None:
        """One `FileFinder`: a package first, then a file, then a portion of a namespace."""
        directory = self._directory(str(entry))
        is_folder = tail in directory.folders
        if is_folder:
            package = self._directory(f"{directory.path}{os.sep}{tail}")
            for suffix in self._suffixes:
                if "__init__" + suffix in package.files:
                    return Spec(name, "package", Path(package.path, "__init__" + suffix), (Path(package.path),))
        for suffix in self._suffixes:
            if tail + suffix in directory.files:
                kind: Kind = "extension" if suffix in self.extensions else "module"
                return Spec(name, kind, Path(directory.path, tail + suffix), ())
        return Spec(name, "namespace", None, (Path(directory.path, tail),)) if is_folder else None

    def _directory(self, path: str) -> _Directory:
        listed = self._directories.get(path)
        if listed is None:
            listed = self._directories[path] = _Directory(path)
        return listed
