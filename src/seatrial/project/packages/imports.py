"""Plays the whole import of a library's module: the first import that cannot be satisfied, however deep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from seatrial.project.modules import Finder, Spec
from seatrial.project.packages.space import Namespace, TopCall, TopImport
from seatrial.project.packages.values import Throw

# What the standard library needs of the parts that a Python may have been built without.
_NEEDS: Mapping[str, str] = {
    "bz2": "_bz2", "crypt": "_crypt", "ctypes": "_ctypes", "curses": "_curses", "dbm.gnu": "_gdbm", "dbm.ndbm": "_dbm",
    "gzip": "zlib", "lzma": "_lzma", "nis": "nis", "sqlite3": "_sqlite3", "ssl": "_ssl", "tkinter": "_tkinter",
    "turtle": "_tkinter", "compression.zstd": "_zstd",
}  # fmt: skip

# Raised by an evaluated function for want of understanding as easily as by the real one.
_DOUBTFUL = frozenset({"KeyError", "IndexError", "TypeError", "AttributeError", "StopIteration"})


@dataclass(frozen=True, slots=True)
class ImportStep:
    """One import on the way to a missing one: the module that contains it, its file, the line."""

    module: str
    origin: Path | None
    line: int


@dataclass(frozen=True, slots=True)
class MissingImport:
    """Why importing a library's module fails.

    `name` is the module that is not there, or lacks `symbol`; `exception` and `message` are as CPython reports them,
    the message None where a library makes it at run time. `chain` leads from the module asked for to the failing line.
    """

    exception: str
    message: str | None
    name: str
    symbol: str | None
    chain: tuple[ImportStep, ...]


class Modules(Protocol):
    """What is asked of the modules on the path."""

    finder: Finder

    def space_of(self, module: str) -> Namespace | None:
        """The names of a module after its import."""

    def has(self, module: str, name: str) -> bool | None:
        """Whether a module has a name."""

    def submodule(self, module: str, name: str) -> Spec | None:
        """The module `module.name`."""

    def is_stdlib(self, path: Path) -> bool:
        """Whether a file belongs to the standard library."""

    def called(self, module: str, name: str) -> bool | Throw | None:
        """What calling a function without arguments ends with."""


class Imports:
    """The outcome of importing each module, found once."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self._verdicts: dict[str, MissingImport | None] = {}
        self._asked: set[str] = set()

    def verdict(self, module: str) -> MissingImport | None:
        """Why `import module` fails, None when it does not; a module that is being looked at counts as fine."""
        parent = module.rpartition(".")[0]
        if parent:
            failing = self.verdict(parent)
            if failing is not None:
                return failing
        if module in self._verdicts:
            return self._verdicts[module]
        if module in self._asked:
            return None
        known = len(self._verdicts)
        self._asked.add(module)
        verdict = self._judge(module, parent)
        self._asked.discard(module)
        if verdict is not None:  # what was found fine only because this one was thought fine is open again
            for later in list(self._verdicts)[known:]:
                if self._verdicts[later] is None:
                    del self._verdicts[later]
        self._verdicts[module] = verdict
        return verdict

    def _judge(self, module: str, parent: str) -> MissingImport | None:
        spec = self.modules.finder.resolve(module)
        if spec is None:
            return self._absent(module, parent)
        if spec.kind != "package" and spec.kind != "module":
            return None
        if spec.origin is not None and self.modules.is_stdlib(spec.origin):
            need = _NEEDS.get(module)
            lacks = need is not None and self.modules.finder.resolve(need) is None
            return _behind(spec, 0, self._absent(need, "")) if need is not None and lacks else None
        space = self.modules.space_of(module)
        return self._first_failing(spec, space) if space is not None else None

    def _absent(self, module: str, parent: str) -> MissingImport | None:
        message = f"No module named {module!r}"
        if parent:
            above = self.modules.finder.resolve(parent)
            if above is None:
                return None  # something has put it where no file is
            space = self.modules.space_of(parent)
            if above is not None and not above.is_package:
                message += f"; {parent!r} is not a package"
            if space is not None and module in space.registered:
                return None
            if space is not None and (space.path_changed or (above is not None and above.kind == "extension")):
                return None
            if space is not None and above is not None and not above.is_package and space.hazy:
                return None  # it may have put something else in its own place
        if (not parent and self.modules.finder.archives) or module == "__main__":
            return None
        return MissingImport("ModuleNotFoundError", message, module, None, ())

    def _first_failing(self, spec: Spec, space: Namespace) -> MissingImport | None:
        for one in space.imports:
            if isinstance(one, TopCall):
                failing = self._refusing(one)
            elif one.guarded or not one.module:
                continue
            else:
                failing = self.verdict(one.module) or self._lacking(one)
            if failing is not None and not failing.chain and space.path_changed:
                continue  # the module itself adds to what is searched: `pkg_resources` finds `packaging` that way
            if failing is not None:
                return _behind(spec, one.line, failing)
        raised = space.raised
        if raised is None or not raised.exception:
            return None
        step = ImportStep(spec.name, spec.origin, raised.line)
        return MissingImport(raised.exception, raised.message, spec.name, None, (step,))

    def _refusing(self, one: TopCall) -> MissingImport | None:
        """The exception that a function called at import ends with, when what it does can be followed."""
        spec = self.modules.finder.resolve(one.module)
        if spec is None or spec.origin is None or self.modules.is_stdlib(spec.origin):
            return None
        made = self.modules.called(one.module, one.name)
        if not isinstance(made, Throw) or made.exception in _DOUBTFUL:
            return None
        return MissingImport(made.exception, made.message, one.module, None, ())

    def _lacking(self, one: TopImport) -> MissingImport | None:
        for name in one.names:
            submodule = self.modules.submodule(one.module, name)
            space = self.modules.space_of(one.module)
            bound = space.names.get(name) if space is not None else None
            itself = bound is not None and f"{bound.module}.{bound.name}".rstrip(".") == f"{one.module}.{name}"
            if submodule is not None and (bound is None or itself):
                failing = self.verdict(f"{one.module}.{name}")
                if failing is not None:
                    return failing
            elif self.modules.has(one.module, name) is False:
                spec = self.modules.finder.resolve(one.module)
                place = spec.origin if spec is not None and spec.origin is not None else "unknown location"
                message = f"cannot import name {name!r} from {one.module!r} ({place})"
                return MissingImport("ImportError", message, one.module, name, ())
        return None


def _behind(spec: Spec, line: int, failing: MissingImport | None) -> MissingImport | None:
    """The same failure, seen from a module that imports the failing one."""
    if failing is None:
        return None
    chain = (ImportStep(spec.name, spec.origin, line), *failing.chain)
    return MissingImport(failing.exception, failing.message, failing.name, failing.symbol, chain)


def packed(found: MissingImport | None) -> tuple[Any, ...] | None:
    """The failure as plain values, for the disk."""
    if found is None:
        return None
    chain = tuple((step.module, step.origin and str(step.origin), step.line) for step in found.chain)
    return (found.exception, found.message, found.name, found.symbol, chain)


def unpacked(kept: tuple[Any, ...] | None) -> MissingImport | None:
    """The failure again."""
    if kept is None:
        return None
    chain = tuple(ImportStep(module, Path(origin) if origin else None, line) for module, origin, line in kept[4])
    exception, message, name, symbol, _ = kept
    return MissingImport(exception, message, name, symbol, chain)
