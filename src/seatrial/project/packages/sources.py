"""Every module that can be imported on one path: its source, its program, its names, its definitions."""

from __future__ import annotations

import ast
import os
import re
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from seatrial.project.files import Source, decode
from seatrial.project.modules import Finder, Spec
from seatrial.project.packages.conditions import Folder
from seatrial.project.packages.evaluator import Evaluator
from seatrial.project.packages.imports import Imports
from seatrial.project.packages.play import Player
from seatrial.project.packages.program import program
from seatrial.project.packages.space import Bound, Namespace
from seatrial.project.packages.steps import HAZE, PATH, Program
from seatrial.project.packages.store import Shelf
from seatrial.project.packages.values import Throw
from seatrial.project.syntax.outline import Keep, outline
from seatrial.project.syntax.parsing import read_tree, settle
from seatrial.provision.foreign import ForeignReader

_EVERY_MODULE = frozenset(dir(types.ModuleType)) | {
    "__builtins__", "__cached__", "__doc__", "__file__", "__loader__", "__name__", "__package__", "__spec__",
}  # fmt: skip

_HANDED_OVER = re.compile(r"(\w+)\((?:locals|globals)\(\)")
_ADDING = ("append", "extend", "insert")
_BEHIND_THE_TEXT = ("__all__", "global ", "globals()", "sys.modules", "exec(", "meta_path")


class Library:
    """The modules on one path under one Python, each read when it is first asked about."""

    def __init__(
        self,
        finder: Finder,
        opaque: Mapping[str, frozenset[str]],
        python: tuple[tuple[int, ...], str],
        cache: Path | None,
        reader: ForeignReader | None,
    ) -> None:
        """As `seatrial.project.packages.installed.Packages`; `python` is the version and the platform."""
        self.finder = finder
        self.opaque = opaque
        self.version, self.platform = python
        self.evaluator = Evaluator(self)
        self.imports = Imports(self)
        self.read: set[str] = set()  # the files that answers so far hang on
        self._cache = cache
        self._reader = reader
        self._spaces: dict[str, Namespace | None] = {}
        self._shelves: dict[str, Shelf] = {}
        self._dynamic: dict[tuple[str, str], bool | Throw | None] = {}
        self._filled: dict[str, bool] = {}
        self._trees: dict[str, ast.Module | None] = {}
        self._outlines: dict[str, ast.Module | None] = {}
        self._stdlib = tuple(str(entry) for entry in finder.stdlib)

    def save(self) -> None:
        """Keep what has been read on disk."""
        for shelf in self._shelves.values():
            shelf.save()

    def has(self, module: str, name: str) -> bool | None:
        """Whether `from module import name` finds the name, as far as is known by now."""
        space = self.space_of(module)
        if space is None:
            return None
        bound = space.names.get(name)
        if space.replaced:
            return True if self.submodule(module, name) else None
        if (bound is not None and bound.certain) or name in _EVERY_MODULE or (name == "__path__" and space.is_package):
            return True
        if self.submodule(module, name):
            return True
        made = self.made(module, name) if bound is None and "__getattr__" in space.names else False
        if isinstance(made, bool):
            if made or not (bound is not None or space.hazy or space.path_changed or space.loading):
                return None if not made and self._is_filled(module) else made
        elif isinstance(made, Throw):
            return False
        promised = space.exports_known and space.exports is not None and name in space.exports
        return True if promised else None  # made in a way that cannot be followed

    def _is_filled(self, module: str) -> bool:
        """Whether an extension of the same package has the module's name in it, as `psycopg2._psycopg` has that of
        `psycopg2.errors`: it may put names there that no text shows.
        """
        if module not in self._filled:
            top = self.finder.resolve(module.partition(".")[0])
            folders = top.search if top is not None and top.name != module and top.kind == "package" else ()
            found = (path for folder in folders for path in sorted(Path(folder).glob("*")))
            extensions = (path for path in found if path.name.endswith(self.finder.extensions))
            word = b"\0%s\0" % module.encode()  # as a text of C is kept
            self._filled[module] = any(word in _bytes(path) for path in extensions)
        return self._filled[module]

    def made(self, module: str, name: str) -> bool | Throw | None:
        """What the module's `__getattr__` makes of a name: true for a value, false for AttributeError."""
        key = (module, name)
        if key not in self._dynamic:
            self._dynamic[key] = None
            made = self.evaluator.attribute(module, name)
            refused = isinstance(made, Throw) and made.exception == "AttributeError"
            self._dynamic[key] = False if refused else made
        return self._dynamic[key]

    def submodule(self, module: str, name: str) -> Spec | None:
        """The module `module.name` that an import would find, loaded or not."""
        spec = self.finder.resolve(module)
        if spec is None or not spec.is_package:
            return None
        return self.finder.find(f"{module}.{name}", spec.search)

    def canonical(self, module: str, name: str) -> str | None:
        """See `seatrial.project.packages.installed.Packages.canonical`."""
        for _ in range(50):
            space = self.space_of(module)
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
        if self.has(module, name) is False:
            return None
        space = self.space_of(module)
        if self.submodule(module, name) is None and space is not None and "__getattr__" in space.names:
            return self.evaluator.origin(module, name) or f"{module}.{name}"
        return f"{module}.{name}"

    def _owner(self, module: str, dotted: str) -> tuple[str, str] | None:
        """(module, name) that an alias, written `module.x.y`, stands for; None for an attribute of something else."""
        inner, _, name = dotted.removeprefix(module + ".").rpartition(".")
        place = module
        for part in inner.split("."):
            found = self.canonical(place, part)
            if found is None or self.finder.resolve(found) is None:
                return None
            place = found
        return place, name

    def locate(self, module: str, name: str) -> tuple[str, str] | None:
        """(module, name) of the definition behind a name; (module, "") when that is a module."""
        dotted = self.canonical(module, name)
        if dotted is None:
            return None
        if self.is_module(dotted):
            return dotted, ""
        owner, _, last = dotted.rpartition(".")
        return (owner, last) if self.is_module(owner) else None

    def fails(self, module: str) -> str | None:
        """The exception with which importing `module` fails; "" when it does not."""
        verdict = self.imports.verdict(module)
        return verdict.exception if verdict is not None else ""

    def exported(self, module: str) -> tuple[dict[str, Bound], str, tuple[str, ...] | None]:
        """What `from module import *` binds, why that may not be all, and `__all__` where it is known."""
        space = self.space_of(module)
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
            space = self.space_of(module)
            bound = space.names.get(name) if space is not None else None
            if bound is None or not bound.certain:
                return False, None
            if bound.kind == "const":
                return True, bound.value
            if bound.kind != "import":
                return bound.kind in ("def", "class", "module"), ...
            module, name = bound.module, bound.name
        return False, None

    def called(self, module: str, name: str) -> bool | Throw | None:
        """What calling a function of a module without arguments ends with: true, an exception, or None for unknown."""
        return self.evaluator.call(module, name)

    def whereabouts(self, package: str, name: str) -> tuple[str, ...]:
        """The modules of a package from which a name can be imported, public and short ones first."""
        spec = self.finder.resolve(package)
        if spec is None:
            return ()
        found = [module for module in _mentioning(spec, name.encode()) if self.has(module, name) is True]
        return tuple(sorted(found, key=lambda module: (module.count("._"), module.count("."), module)))

    def is_module(self, dotted: str) -> bool:
        """Whether there is a module of that name."""
        return self.finder.resolve(dotted) is not None

    def is_stdlib(self, path: Path) -> bool:
        """Whether a file belongs to the standard library."""
        text = str(path)
        return "site-packages" not in text and text.startswith(self._stdlib) if self._stdlib else False

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

    def space_of(self, module: str) -> Namespace | None:
        """The module's names after its import (so far, where this is asked while they are being found)."""
        if module in self._spaces:
            return self._spaces[module]
        spec = self.finder.resolve(module)
        if spec is None:
            self._spaces[module] = None
            self._spaces[module] = self._registered(module)
            return self._spaces[module]
        space = self._spaces[module] = Namespace(module, spec.kind == "package")
        if module in self.opaque and spec.kind in ("builtin", "extension"):
            space.names.update({name: Bound("value", 0) for name in self.opaque[module]})
        elif spec.source is not None:
            return Player(self, space).play(self._program(spec.source))
        elif spec.kind != "namespace":
            self._stub(spec, space)
        space.loading = False
        return space

    def _registered(self, module: str) -> Namespace | None:
        """A module that no finder finds, but that another has put into `sys.modules`, as `os` does `os.path`."""
        parent, _, name = module.rpartition(".")
        above = self.space_of(parent) if parent else None
        if above is None or module not in above.registered:
            return None
        target = self.canonical(parent, name)
        return self.space_of(target) if target is not None and target != module else None

    def _stub(self, spec: Spec, space: Namespace) -> None:
        """The names of an extension by the stub beside it."""
        stub = spec.origin.parent / f"{spec.name.rpartition('.')[2]}.pyi" if spec.origin is not None else None
        space.hazy = "an extension module"
        if stub is not None and stub.is_file():
            inner = Player(self, Namespace(spec.name, False)).play(self._program(stub))
            space.names.update(inner.names)

    def _program(self, path: Path) -> Program:
        """The program of a file, from disk where it has been read before and is still the same."""
        self.read.add(str(path))
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
            self._shelves[home] = Shelf(self._cache, ".".join(map(str, self.version)), self.platform, home)
        return self._shelves[home]


def _mentioning(spec: Spec, name: bytes) -> Iterator[str]:
    """The dotted names of the modules of a package whose text has a word in it; tests and the like left out."""
    if spec.source is not None and not spec.is_package:
        yield spec.name
    for top in map(str, spec.search):
        for folder, folders, files in os.walk(top):
            folders[:] = [one for one in folders if one.isidentifier() and one not in ("tests", "test", "testing")]
            inner = [spec.name, *Path(folder).relative_to(top).parts]
            for file in files:
                stem = file.removesuffix(".py")
                if stem != file and stem.isidentifier() and name in _bytes(Path(folder, file)):
                    yield ".".join(inner if stem == "__init__" else [*inner, stem])


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _imports_differently(tree: ast.Module) -> bool:
    """Whether a module puts an importer of its own on `sys.meta_path`, or folders of its own on `sys.path`."""
    return any(
        node.attr == "meta_path" or (node.attr in _ADDING and ast.unparse(node.value) == "sys.path")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    )


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
