"""What installed packages and the standard library offer, read from their source and never imported.

Answers are true, false, or None for "cannot be told from the text". Where a library's module makes its names by
`exec`, by a `__getattr__` that cannot be followed, or in an extension without a stub, the answer is None.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.project.modules import Finder
from seatrial.project.packages.imports import ImportStep, MissingImport, packed, unpacked
from seatrial.project.packages.signatures import Parameter, Signature, signature
from seatrial.project.packages.sources import Library
from seatrial.project.packages.space import Bound, TopImport
from seatrial.project.packages.store import Shelf, fingerprint
from seatrial.project.packages.values import Throw
from seatrial.provision.foreign import ForeignReader

__all__ = [
    "Bound",
    "ImportStep",
    "MissingImport",
    "Packages",
    "Parameter",
    "Signature",
    "Surface",
    "Throw",
    "TopImport",
]


@dataclass(frozen=True, slots=True)
class Surface:
    """What one module offers after its import.

    `names` says how each is bound; those that are not `certain` hang on something that cannot be decided. `all` is
    `__all__` where it is known. `imports` are those that importing the module executes, in order; a guarded one stands
    in a `try` or under a condition. `opaque` says why there may be further names; empty when there are none.
    """

    module: str
    names: Mapping[str, Bound]
    all: tuple[str, ...] | None
    opaque: str
    imports: tuple[TopImport, ...]


class Packages:
    """Everything that can be imported on one path, as one Python would see it.

    Keeps what it has read for its own life, and on disk with `save`.
    """

    def __init__(
        self,
        finder: Finder,
        opaque: Mapping[str, frozenset[str]],
        version: tuple[int, ...],
        platform: str,
        cache: Path | None = None,
        reader: ForeignReader | None = None,
    ) -> None:
        """Look through `finder`, for Python `version` (major, minor, micro) on `platform` (`sys.platform`).

        `opaque` holds the names of built-in and extension modules of the standard library. `cache` is the directory in
        which to keep what has been read; None keeps nothing. `reader` reads files that the running Python cannot.
        """
        self.finder = finder
        python = ".".join(map(str, version))
        self._library = Library(finder, opaque, (version, platform), cache, reader)
        name, settled = fingerprint(finder.path, finder.stdlib)
        self._settled = tuple(settled)
        self._answers = Shelf(cache, python, platform, "answers", name)
        self._given: dict[tuple[str, ...], Any] = {}

    def has(self, module: str, name: str) -> bool | None:
        """Whether `from module import name` finds the name; None when that cannot be told, or without the module."""
        kept: bool | None = self._kept(("has", module, name), lambda: self._library.has(module, name))
        return kept

    def canonical(self, module: str, name: str) -> str | None:
        """The dotted name of the definition behind `module.name`, re-exports followed as far as they can be.

        `fastapi.FastAPI` is `fastapi.applications.FastAPI`. None when there is no such name.
        """
        kept: str | None = self._kept(("canonical", module, name), lambda: self._library.canonical(module, name))
        return kept

    def refusal(self, module: str, name: str) -> Throw | None:
        """The exception other than ImportError with which `from module import name` fails, as libraries raise it.

        `pydantic.BaseSettings` is refused with a PydanticImportError. Its message is what the library passes to the
        exception, which need not be all that `str()` of it shows.
        """

        def ask() -> tuple[str, str | None] | None:
            space = self._library.space_of(module)
            if space is None or name in space.names or "__getattr__" not in space.names:
                return None
            made = self._library.made(module, name)
            return (made.exception, made.message) if isinstance(made, Throw) else None

        kept = self._kept(("refusal", module, name), ask)
        return Throw(*kept) if kept is not None else None

    def first_missing(self, module: str) -> MissingImport | None:
        """The first import that fails when a module is imported, its parents and everything they import included.

        None when none does, as far as can be told.
        """
        kept = self._kept(("missing", module), lambda: packed(self._library.imports.verdict(module)))
        return unpacked(kept)

    def signature(self, module: str, name: str) -> Signature | None:
        """The arguments that `module.name` takes: a function, a class, or a method written `Class.method`.

        None when there is no such definition in any source, or when it cannot be told.
        """

        def ask() -> tuple[object, ...] | None:
            found = signature(self._library, module, name)
            return None if found is None else (found.owner, tuple(map(tuple, found.parameters)), found.certain)

        kept = self._kept(("signature", module, name), ask)
        return Signature(kept[0], tuple(Parameter(*one) for one in kept[1]), kept[2]) if kept is not None else None

    def asked(self, key: tuple[str, ...], ask: Callable[[Library], Any]) -> Any:
        """What `ask` reads from the sources, kept under a key as other answers are: plain values only."""
        return self._kept(("asked", *key), lambda: ask(self._library))

    def surface(self, module: str) -> Surface | None:
        """What a module offers; None when there is no such module."""
        with _deep():
            space = self._library.space_of(module)
        if space is None:
            return None
        known = space.exports if space.exports_known else None
        return Surface(
            module,
            space.names,
            tuple(known) if known is not None else None,
            space.hazy,
            tuple(one for one in space.imports if isinstance(one, TopImport)),
        )

    def names(self, module: str) -> tuple[str, ...]:
        """The public names that a module certainly has, submodules included, sorted: for suggestions."""
        kept: tuple[str, ...] = self._kept(("names", module), lambda: self._names(module))
        return kept

    def _names(self, module: str) -> tuple[str, ...]:
        space = self._library.space_of(module)
        if space is None:
            return ()
        found = {name for name, bound in space.names.items() if bound.certain}
        spec = self.finder.resolve(module)
        if spec is not None and spec.is_package:
            found.update(self.finder.children(spec.search))
        return tuple(sorted(name for name in found if not name.startswith("_")))

    def whereabouts(self, package: str, name: str) -> tuple[str, ...]:
        """The modules of a package from which a name can be imported, the likeliest first: for what has moved."""
        key = ("whereabouts", package, name)
        kept: tuple[str, ...] = self._kept(key, lambda: self._library.whereabouts(package, name))
        return kept

    def save(self) -> None:
        """Keep what has been read on disk."""
        self._library.save()
        self._answers.save()

    def _kept(self, key: tuple[str, ...], ask: Callable[[], Any]) -> Any:
        """An answer from this or an earlier run; only those that hang on installed files alone outlive this one."""
        if key in self._given:
            return self._given[key]
        kept = self._answers.get(key)
        if kept is None:
            with _deep():
                kept = (ask(),)
            if self._only_installed():
                self._answers.put(key, kept)
        self._given[key] = kept[0]
        return kept[0]

    def _only_installed(self) -> bool:
        """Whether nothing but installed files has been read so far."""
        read = self._library.read
        return all(path.startswith(self._settled) for path in read)


@contextmanager
def _deep() -> Iterator[None]:
    """Room for imports that lead through hundreds of modules, and no garbage collection meanwhile."""
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, 20_000))
    gc.disable()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()
