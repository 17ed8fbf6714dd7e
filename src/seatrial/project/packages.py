"""What installed packages and the standard library offer, read from their source and never imported.

Answers are true, false, or None for "cannot be told from the text". Where a library's module makes its names by
`exec`, by a `__getattr__` that cannot be followed, or in an extension without a stub, the answer is None.
"""

from __future__ import annotations

import ast
import gc
import re
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.project.files import Source, decode
from seatrial.project.modules import Finder, Spec
from seatrial.project.packages_conditions import Folder
from seatrial.project.packages_evaluator import Evaluator
from seatrial.project.packages_play import Bound, Namespace, Player, TopCall, TopImport
from seatrial.project.packages_program import HAZE, PATH, Program, program
from seatrial.project.packages_signatures import Parameter, Signature, signature
from seatrial.project.packages_store import Shelf, fingerprint
from seatrial.project.packages_values import Throw
from seatrial.project.syntax import read_tree, settle
from seatrial.project.syntax_outline import Keep, outline
from seatrial.provision.foreign import ForeignReader

_EVERY_MODULE = frozenset(dir(types.ModuleType)) | {
    "__builtins__", "__cached__", "__doc__", "__file__", "__loader__", "__name__", "__package__", "__spec__",
}  # fmt: skip

# What the standard library needs of the parts that a Python may have been built without.
_NEEDS: Mapping[str, str] = {
    "bz2": "_bz2", "crypt": "_crypt", "ctypes": "_ctypes", "curses": "_curses", "dbm.gnu": "_gdbm", "dbm.ndbm": "_dbm",
    "gzip": "zlib", "lzma": "_lzma", "nis": "nis", "sqlite3": "_sqlite3", "ssl": "_ssl", "tkinter": "_tkinter",
    "turtle": "_tkinter", "compression.zstd": "_zstd",
}  # fmt: skip

_HANDED_OVER = re.compile(r"(\w+)\((?:locals|globals)\(\)")
_BEHIND_THE_TEXT = ("__all__", "global ", "globals()", "sys.modules", "exec(", "meta_path")


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
    stars: tuple[str, ...]
    has_getattr: bool
    opaque: str
    imports: tuple[TopImport, ...]


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
        self.opaque = opaque
        self.version = version
        self.platform = platform
        self._cache = cache
        self._reader = reader
        self._python = (".".join(map(str, version)), platform)
        self._spaces: dict[str, Namespace | None] = {}
        self._shelves: dict[str, Shelf] = {}
        self._verdicts: dict[str, MissingImport | None] = {}
        self._asked: set[str] = set()
        self._dynamic: dict[tuple[str, str], bool | Throw | None] = {}
        self._trees: dict[str, ast.Module | None] = {}
        self._outlines: dict[str, ast.Module | None] = {}
        self._evaluator = Evaluator(self)
        name, self._settled = fingerprint(finder.path, finder.stdlib)
        self._answers = Shelf(cache, *self._python, "answers", name)
        self._given: dict[tuple[str, ...], Any] = {}
        self._local = False  # whether anything but installed files has been looked at
        self._stdlib = tuple(str(entry) for entry in finder.stdlib)

    def has(self, module: str, name: str) -> bool | None:
        """Whether `from module import name` finds the name; None when that cannot be told, or without the module."""
        kept: bool | None = self._kept(("has", module, name), lambda: self._has(module, name))
        return kept

    def canonical(self, module: str, name: str) -> str | None:
        """The dotted name of the definition behind `module.name`, re-exports followed as far as they can be.

        `fastapi.FastAPI` is `fastapi.applications.FastAPI`. None when there is no such name.
        """
        kept: str | None = self._kept(("canonical", module, name), lambda: self._canonical(module, name))
        return kept

    def refusal(self, module: str, name: str) -> Throw | None:
        """The exception other than ImportError with which `from module import name` fails, as libraries raise it.

        `pydantic.BaseSettings` is refused with a PydanticImportError. Its message is what the library passes to the
        exception, which need not be all that `str()` of it shows.
        """

        def ask() -> tuple[str, str | None] | None:
            space = self._space(module)
            if space is None or name in space.names or "__getattr__" not in space.names:
                return None
            made = self._made(module, name)
            return (made.exception, made.message) if isinstance(made, Throw) else None

        kept = self._kept(("refusal", module, name), ask)
        return Throw(*kept) if kept is not None else None

    def first_missing(self, module: str) -> MissingImport | None:
        """The first import that fails when a module is imported, its parents and everything they import included.

        None when none does, as far as can be told.
        """
        kept = self._kept(("missing", module), lambda: _packed(self._verdict(module)))
        return _unpacked(kept)

    def signature(self, module: str, name: str) -> Signature | None:
        """The arguments that `module.name` takes: a function, a class, or a method written `Class.method`.

        None when there is no such definition in any source, or when it cannot be told.
        """

        def ask() -> tuple[object, ...] | None:
            found = signature(self, module, name)
            return None if found is None else (found.owner, tuple(map(tuple, found.parameters)), found.certain)

        kept = self._kept(("signature", module, name), ask)
        return Signature(kept[0], tuple(Parameter(*one) for one in kept[1]), kept[2]) if kept is not None else None

    def surface(self, module: str) -> Surface | None:
        """What a module offers; None when there is no such module."""
        with _deep():
            space = self._space(module)
        if space is None:
            return None
        known = space.exports if space.exports_known else None
        return Surface(
            module,
            space.names,
            tuple(known) if known is not None else None,
            tuple(space.stars),
            "__getattr__" in space.names,
            space.hazy,
            tuple(one for one in space.imports if isinstance(one, TopImport)),
        )

    def names(self, module: str) -> tuple[str, ...]:
        """The public names that a module certainly has, submodules included, sorted: for suggestions."""
        kept: tuple[str, ...] = self._kept(("names", module), lambda: self._names(module))
        return kept

    def _names(self, module: str) -> tuple[str, ...]:
        space = self._space(module)
        if space is None:
            return ()
        found = {name for name, bound in space.names.items() if bound.certain}
        spec = self.finder.resolve(module)
        if spec is not None and spec.is_package:
            found.update(self.finder.children(spec.search))
        return tuple(sorted(name for name in found if not name.startswith("_")))

    def save(self) -> None:
        """Keep what has been read on disk."""
        for shelf in (*self._shelves.values(), self._answers):
            shelf.save()

    def _kept(self, key: tuple[str, ...], ask: Callable[[], Any]) -> Any:
        """An answer from this or an earlier run; only those that hang on installed files alone outlive this one."""
        if key in self._given:
            return self._given[key]
        kept = self._answers.get(key)
        if kept is None:
            with _deep():
                kept = (ask(),)
            if not self._local:
                self._answers.put(key, kept)
        self._given[key] = kept[0]
        return kept[0]

    def _has(self, module: str, name: str) -> bool | None:
        space = self._space(module)
        if space is None:
            return None
        bound = space.names.get(name)
        if (bound is not None and bound.certain) or name in _EVERY_MODULE or (name == "__path__" and space.is_package):
            return True
        if self._submodule(module, name):
            return True
        made = self._made(module, name) if bound is None and "__getattr__" in space.names else False
        if isinstance(made, bool):
            if made or not (bound is not None or space.hazy or space.path_changed or space.loading):
                return made
        elif isinstance(made, Throw):
            return False
        promised = space.exports_known and space.exports is not None and name in space.exports
        return True if promised else None  # made in a way that cannot be followed

    def _made(self, module: str, name: str) -> bool | Throw | None:
        """What the module's `__getattr__` makes of a name: true for a value, false for AttributeError."""
        key = (module, name)
        if key not in self._dynamic:
            self._dynamic[key] = None
            made = self._evaluator.attribute(module, name)
            refused = isinstance(made, Throw) and made.exception == "AttributeError"
            self._dynamic[key] = False if refused else made
        return self._dynamic[key]

    def _submodule(self, module: str, name: str) -> Spec | None:
        spec = self.finder.resolve(module)
        if spec is None or not spec.is_package:
            return None
        return self.finder.find(f"{module}.{name}", spec.search)

    def _canonical(self, module: str, name: str) -> str | None:
        for _ in range(50):
            space = self._space(module)
            bound = space.names.get(name) if space is not None else None
            if bound is None:
                return self._made_from(module, name)
            if bound.kind == "module":
                return bound.module
            if bound.kind not in ("import", "alias"):
                return f"{module}.{name}"
            following = (bound.module, bound.name) if bound.kind == "import" else self._owner(module, bound.module)
            if following is None or following == (module, name):
                return f"{module}.{name}"
            module, name = following
        return f"{module}.{name}"

    def _made_from(self, module: str, name: str) -> str | None:
        """As `_canonical`, for a name that is a submodule, or that a `__getattr__` makes."""
        if self._has(module, name) is False:
            return None
        space = self._space(module)
        if self._submodule(module, name) is None and space is not None and "__getattr__" in space.names:
            return self._evaluator.origin(module, name) or f"{module}.{name}"
        return f"{module}.{name}"

    def _owner(self, module: str, dotted: str) -> tuple[str, str] | None:
        """(module, name) that an alias, written `module.x.y`, stands for; None for an attribute of something else."""
        inner, _, name = dotted.removeprefix(module + ".").rpartition(".")
        place = module
        for part in inner.split("."):
            found = self._canonical(place, part)
            if found is None or self.finder.resolve(found) is None:
                return None
            place = found
        return place, name

    def fails(self, module: str) -> str | None:
        """The exception with which importing `module` fails; "" when it does not."""
        verdict = self._verdict(module)
        return verdict.exception if verdict is not None else ""

    def exported(self, module: str) -> tuple[dict[str, Bound], str, tuple[str, ...] | None]:
        """What `from module import *` binds, why that may not be all, and `__all__` where it is known."""
        space = self._space(module)
        if space is None:
            return {}, "", None
        exports = space.exports
        if exports is None:
            haze = space.hazy or ("it is still being imported" if space.loading else "")
            public = {name: bound for name, bound in space.names.items() if not name.startswith("_")}
            return {**self._perhaps_loaded(module), **public}, haze, None
        sure = space.exports_known and not space.loading
        named = {name: space.names.get(name, Bound("value", 0)) for name in exports}
        if sure:
            return named, "", tuple(exports)
        public = {name: bound._replace(certain=False) for name, bound in space.names.items() if name[0] != "_"}
        return {**public, **named}, f"__all__ of {module} is made at run time", None

    def _perhaps_loaded(self, module: str) -> dict[str, Bound]:
        """The submodules of a package: each may have been imported by then, and so be a name of it."""
        spec = self.finder.resolve(module)
        if spec is None or not spec.is_package:
            return {}
        found = self.finder.children(spec.search)
        return {name: Bound("module", 0, False, f"{module}.{name}") for name in found if not name.startswith("_")}

    def constant(self, module: str, name: str) -> tuple[bool, object]:
        """(whether it is known, its value) of a name; `...` for anything that is neither None nor false."""
        for _ in range(20):
            space = self._space(module)
            bound = space.names.get(name) if space is not None else None
            if bound is None or not bound.certain:
                return False, None
            if bound.kind == "const":
                return True, bound.value
            if bound.kind != "import":
                return bound.kind in ("def", "class", "module"), ...
            module, name = bound.module, bound.name
        return False, None

    def space_of(self, module: str) -> Namespace | None:
        """The names of a module after its import, for the evaluator."""
        return self._space(module)

    def is_module(self, dotted: str) -> bool:
        """Whether there is a module of that name."""
        return self.finder.resolve(dotted) is not None

    def tree_of(self, module: str) -> ast.Module | None:
        """The whole tree of a module's source, where there is one that can be parsed."""
        if module not in self._trees:
            spec = self.finder.resolve(module)
            self._trees[module] = self._parse(spec.source, None) if spec is not None and spec.source else None
        return self._trees[module]

    def outline_of(self, module: str) -> ast.Module | None:
        """As `tree_of`, without the bodies of functions."""
        if module in self._trees:
            return self._trees[module]
        if module not in self._outlines:
            spec = self.finder.resolve(module)
            found = self._parse(spec.source, lambda _text: _nothing) if spec is not None and spec.source else None
            self._outlines[module] = found
        return self._outlines[module]

    def locate(self, module: str, name: str) -> tuple[str, str] | None:
        """(module, name) of the definition behind a name; (module, "") when that is a module."""
        dotted = self._canonical(module, name)
        if dotted is None:
            return None
        if self.is_module(dotted):
            return dotted, ""
        owner, _, last = dotted.rpartition(".")
        return (owner, last) if self.is_module(owner) else None

    def _parse(self, path: Path, keep: Callable[[str], Keep] | None) -> ast.Module | None:
        """The tree of a file: whole, or without the function bodies that `keep`, made for its text, does not want."""
        try:
            raw = path.read_bytes()
        except OSError:
            return None
        source = decode(str(path), raw)
        if keep is not None and isinstance(source, Source):
            tree = outline(str(path), raw, source.text, keep(source.text))
        else:
            tree = read_tree(str(path), raw)
        if not isinstance(tree, ast.Module) and self._reader is not None:
            answer = self._reader({str(path): raw}, frozenset({str(path)})).get(str(path))
            tree = settle(str(path), raw, tree, answer)
        return tree if isinstance(tree, ast.Module) else None

    def _space(self, module: str) -> Namespace | None:
        """The module's names after its import (so far, where this is asked while they are being found)."""
        if module in self._spaces:
            return self._spaces[module]
        spec = self.finder.resolve(module)
        if spec is None:
            self._spaces[module] = None
            return None
        space = self._spaces[module] = Namespace(module, spec.kind == "package")
        if module in self.opaque and spec.kind in ("builtin", "extension"):
            space.names.update({name: Bound("value", 0) for name in self.opaque[module]})
        elif spec.source is not None:
            return Player(self, space).play(self._program(spec.source))
        elif spec.kind != "namespace":
            self._stub(spec, space)
        space.loading = False
        return space

    def _stub(self, spec: Spec, space: Namespace) -> None:
        """The names of an extension by the stub beside it."""
        stub = spec.origin.parent / f"{spec.name.rpartition('.')[2]}.pyi" if spec.origin is not None else None
        space.hazy = "an extension module"
        if stub is not None and stub.is_file():
            inner = Player(self, Namespace(spec.name, False)).play(self._program(stub))
            space.names.update(inner.names)

    def _program(self, path: Path) -> Program:
        """The program of a file, from disk where it has been read before and is still the same."""
        self._local = self._local or not str(path).startswith(tuple(self._settled))
        try:
            found = path.stat()
        except OSError:
            return ((HAZE, "its file is gone"),)
        shelf, key, stamp = self._shelf(path), str(path), (found.st_mtime_ns, found.st_size)
        kept = shelf.get(key)
        if kept is None or kept[0] != stamp:
            kept = (stamp, self._read(path))
            shelf.put(key, kept)
        made: Program = kept[1]
        return made

    def _read(self, path: Path) -> Program:
        tree = self._parse(path, _keeper)
        if tree is None:
            return ((HAZE, "its file cannot be read here"),)
        made = program(tree, Folder(self.version, self.platform, self.finder.builtin))
        return ((PATH,), *made) if _imports_differently(tree) else made

    def _shelf(self, path: Path) -> Shelf:
        """The shelf of the library that a file belongs to: the standard library, or one top-level package."""
        text = str(path)
        home = next((entry for entry in self._stdlib if text.startswith(entry) and "site-packages" not in text), None)
        if home is None:
            entry = next((str(entry) for entry in self.finder.path if path.is_relative_to(entry)), "")
            home = "/".join((entry, *path.parts[len(Path(entry).parts) :][:1]))
        if home not in self._shelves:
            self._shelves[home] = Shelf(self._cache, *self._python, home)
        return self._shelves[home]

    def _verdict(self, module: str) -> MissingImport | None:
        """Why `import module` fails, None when it does not; a module that is being looked at counts as fine."""
        parent = module.rpartition(".")[0]
        if parent:
            failing = self._verdict(parent)
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
        spec = self.finder.resolve(module)
        if spec is None:
            return self._absent(module, parent)
        if spec.kind != "package" and spec.kind != "module":
            return None
        if spec.origin is not None and self._is_stdlib(spec.origin):
            need = _NEEDS.get(module)
            lacks = need is not None and self.finder.resolve(need) is None
            return _behind(spec, 0, self._absent(need, "")) if need is not None and lacks else None
        space = self._space(module)
        return self._first_failing(spec, space) if space is not None else None

    def _is_stdlib(self, path: Path) -> bool:
        text = str(path)
        return "site-packages" not in text and text.startswith(self._stdlib) if self._stdlib else False

    def _absent(self, module: str, parent: str) -> MissingImport | None:
        message = f"No module named {module!r}"
        if parent:
            above = self.finder.resolve(parent)
            if above is None:
                return None  # something has put it where no file is
            space = self._space(parent)
            if above is not None and not above.is_package:
                message += f"; {parent!r} is not a package"
            if space is not None and module in space.registered:
                return None
            if space is not None and (space.path_changed or (above is not None and above.kind == "extension")):
                return None
            if space is not None and above is not None and not above.is_package and space.hazy:
                return None  # it may have put something else in its own place
        if (not parent and self.finder.archives) or module == "__main__":
            return None
        return MissingImport("ModuleNotFoundError", message, module, None, ())

    def _first_failing(self, spec: Spec, space: Namespace) -> MissingImport | None:
        for one in space.imports:
            if isinstance(one, TopCall):
                failing = self._refusing(one)
            elif one.guarded or not one.module:
                continue
            else:
                failing = self._verdict(one.module) or self._lacking(one)
            if failing is not None:
                return _behind(spec, one.line, failing)
        raised = space.raised
        if raised is None or not raised.exception:
            return None
        step = ImportStep(spec.name, spec.origin, raised.line)
        return MissingImport(raised.exception, raised.message, spec.name, None, (step,))

    def _refusing(self, one: TopCall) -> MissingImport | None:
        """The exception that a function called at import ends with, when what it does can be followed."""
        spec = self.finder.resolve(one.module)
        if spec is None or spec.origin is None or self._is_stdlib(spec.origin):
            return None
        made = self._evaluator.call(one.module, one.name)
        return MissingImport(made.exception, made.message, one.module, None, ()) if isinstance(made, Throw) else None

    def _lacking(self, one: TopImport) -> MissingImport | None:
        for name in one.names:
            submodule = self._submodule(one.module, name)
            space = self._space(one.module)
            bound = space.names.get(name) if space is not None else None
            if submodule is not None and bound is None:
                failing = self._verdict(f"{one.module}.{name}")
                if failing is not None:
                    return failing
            elif self._has(one.module, name) is False:
                spec = self.finder.resolve(one.module)
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


def _packed(found: MissingImport | None) -> tuple[Any, ...] | None:
    """The failure as plain values, for the disk."""
    if found is None:
        return None
    chain = tuple((step.module, step.origin and str(step.origin), step.line) for step in found.chain)
    return (found.exception, found.message, found.name, found.symbol, chain)


def _unpacked(kept: tuple[Any, ...] | None) -> MissingImport | None:
    if kept is None:
        return None
    chain = tuple(ImportStep(module, Path(origin) if origin else None, line) for module, origin, line in kept[4])
    exception, message, name, symbol, _ = kept
    return MissingImport(exception, message, name, symbol, chain)


def _imports_differently(tree: ast.Module) -> bool:
    """Whether a module puts an importer of its own on `sys.meta_path`."""
    return any(isinstance(node, ast.Attribute) and node.attr == "meta_path" for node in ast.walk(tree))


def _keeper(text: str) -> Keep:
    """Keeps the function bodies that may have a say in the names of their module."""
    handed = {"__getattr__"}
    if "(locals()" in text or "(globals()" in text:
        handed.update(_HANDED_OVER.findall(text))
    words = [word for word in _BEHIND_THE_TEXT if word in text]
    if not words:
        return lambda _indent, name, _body: name in handed
    return lambda _indent, name, body: name in handed or any(word in body for word in words)


def _nothing(_indent: str, _name: str, _body: str) -> bool:
    return False


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


__all__ = ["Bound", "ImportStep", "MissingImport", "Packages", "Surface", "TopImport"]
