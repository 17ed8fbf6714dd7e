"""The backend's own Python files as one body of code: which module lives where, and which name is defined in which."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath

from seatrial.issue import Location
from seatrial.project.documents import Documents
from seatrial.project.modules import Finder, Spec
from seatrial.project.syntax.parsing import Parsed, SyntaxFault, quiet
from seatrial.provision.history import History, added_lines
from seatrial.rules.code import Binding, CodeFile
from seatrial.rules.known_secrets import PATTERN
from seatrial.rules.models import Model, collect

_MAX_HOPS = 20  # of re-exports followed from module to module


class Codebase:
    """Every Python file of the backend, parsed when first asked for.

    `read` gives the text of a file, or None where it cannot be judged; `parse` its syntax tree, or why it has none.
    `is_apart` says which files are no part of what is served (tests, scripts).
    """

    def __init__(
        self,
        root: Path,
        paths: Iterable[str],
        finder: Finder,
        read: Callable[[str], str | None],
        parse: Callable[[str, str], Parsed],
        is_apart: Callable[[str], bool] = lambda path: False,
    ) -> None:
        self.root = root
        self.finder = finder
        self.paths = tuple(sorted(path for path in paths if path.endswith(".py")))
        self._read = read
        self._parse = parse
        self._is_apart = is_apart
        self._files: dict[str, CodeFile | None] = {}
        self._specs: dict[str, Spec | None] = {}
        self._holding: dict[str, frozenset[str]] = {}

    def file(self, path: str) -> CodeFile | None:
        """One parsed file; None when there is none, or none that can be parsed."""
        if path not in self._files:
            text = self._read(path)
            self._files[path] = self._parsed(path, text) if text is not None else None
        return self._files[path]

    def _parsed(self, path: str, text: str) -> CodeFile | None:
        tree = self._parse(path, text)
        return CodeFile(path, text, tree) if isinstance(tree, ast.Module) else None

    def holding(self, *words: str) -> Iterator[CodeFile]:
        """The files that an import can reach whose text holds one of these words; no other has to be parsed."""
        for path in self.names:
            if any(path in self._with(word) for word in words) and (file := self.file(path)) is not None:
                yield file

    def _with(self, word: str) -> frozenset[str]:
        """The files that an import can reach whose text holds a word; looked up once for all rules."""
        if word not in self._holding:
            self._holding[word] = frozenset(path for path, text in self._texts if word in text)
        return self._holding[word]

    @cached_property
    def _texts(self) -> tuple[tuple[str, str], ...]:
        return tuple((path, self._read(path) or "") for path in self.names)

    @cached_property
    def models(self) -> tuple[Model, ...]:
        """The tables that its classes declare."""
        return collect(self)

    @cached_property
    def documents(self) -> Documents:
        """The papers of the folder and of those above it, as far as the repository reaches."""
        return Documents.of(self.root)

    @cached_property
    def history(self) -> History:
        """The lines of earlier commits that may hold a secret; its `problem` says why they may not be all."""
        return added_lines(self.root, PATTERN)

    def text(self, path: str) -> str | None:
        """The text of any file of the backend."""
        return self._read(path)

    @cached_property
    def modules(self) -> Mapping[str, str]:
        """Dotted name to path, of every file that an import can reach as the server is started; tests aside."""
        found: dict[str, str] = {}
        for path in (path for path in self.paths if not self._is_apart(path)):
            for name in self.finder.names_of(self.root / path):
                found.setdefault(name, path)
        return found

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Path to the dotted name under which the backend imports it, the shortest where several lead there."""
        found: dict[str, str] = {}
        for name, path in self.modules.items():
            if path not in found or len(name) < len(found[path]):
                found[path] = name
        return found

    @cached_property
    def packages(self) -> frozenset[str]:
        """Dotted names of every folder that holds a module, whether it has an `__init__.py` or not."""
        parents = (name.split(".")[:end] for name in self.modules for end in range(1, name.count(".") + 1))
        return frozenset(".".join(parts) for parts in parents)

    def module(self, name: str) -> CodeFile | None:
        """The file of a module of the backend."""
        path = self.modules.get(name)
        return self.file(path) if path is not None else None

    def package_of(self, path: str) -> str | None:
        """`__package__` of a file as the server imports it; None when nothing can import it."""
        name = self.names.get(path)
        if name is None:
            return None
        return name if PurePosixPath(path).name == "__init__.py" else name.rpartition(".")[0]

    def absolute(self, path: str, module: str) -> str | None:
        """The absolute dotted name of a module as an import statement in `path` writes it (`..models`)."""
        level = len(module) - len(module.lstrip("."))
        if not level:
            return module
        package = self.package_of(path)
        if package is None or package.count(".") + 1 < level:
            return None
        base = ".".join(package.split(".")[: package.count(".") + 2 - level])
        return f"{base}.{module[level:]}" if module[level:] else base

    def offers(self, name: str, symbol: str) -> bool:
        """Whether `from name import symbol` works, as far as the text tells: bound there, or a submodule."""
        child = f"{name}.{symbol}"
        return self.home(name, symbol) is not None or child in self.modules or child in self.packages

    def home(self, name: str, symbol: str, _hops: int = 0) -> str | None:
        """The module that really defines what `name.symbol` is, re-exports followed; None where it is not bound."""
        file = self.module(name)
        if file is None or _hops > _MAX_HOPS:
            return None
        binding = file.bindings.get(symbol)
        if binding is None:
            targets = (self.absolute(file.path, star) for star in file.stars)
            homes = (self.home(target, symbol, _hops + 1) for target in targets if target is not None)
            return next((home for home in homes if home is not None), None)
        if binding.kind != "import":
            return name
        return self._followed(file, binding, _hops) or name

    def _followed(self, file: CodeFile, binding: Binding, hops: int) -> str | None:
        dots = len(binding.source) - len(binding.source.lstrip("."))
        parent, _, last = binding.source[dots:].rpartition(".")
        target = self.absolute(file.path, "." * dots + parent) if parent or dots else None
        return self.home(target, last, hops + 1) if target else None

    def definitions(self, symbol: str) -> tuple[tuple[str, Location], ...]:
        """Every importable module whose own top level defines this name, with the place."""
        return tuple(self._definitions(symbol))

    def _definitions(self, symbol: str) -> Iterator[tuple[str, Location]]:
        for path, name in self.names.items():
            if symbol not in (self._read(path) or ""):
                continue
            file = self.file(path)
            binding = file.defines(symbol) if file is not None else None
            if binding is not None:
                yield name, Location(path, binding.line)

    def is_own(self, top: str) -> bool:
        """Whether a top-level name is a file or folder of the backend, importable as things stand or not."""
        return top in self._own_names

    @cached_property
    def _own_names(self) -> frozenset[str]:
        names: set[str] = set()
        for path in self.paths:
            *folders, last = PurePosixPath(path).parts
            names.update(folders)
            names.add(last.removesuffix(".py"))
        return frozenset(names)

    @cached_property
    def tops(self) -> frozenset[str]:
        """Top-level names of the backend that an import can reach as the server is started."""
        return frozenset(name.partition(".")[0] for name in self.modules)

    def fault(self, path: str, text: str) -> SyntaxFault | None:
        """Why a file would not compile if it held this text; None when it would, or that cannot be told."""
        found = self._parse(path, text)
        return found if isinstance(found, SyntaxFault) else None

    def compiles(self, path: str, text: str) -> bool:
        """Whether a file would certainly compile if it held this text."""
        return isinstance(self._parse(path, text), ast.Module)

    def parses_elsewhere(self, path: str) -> bool:
        """Whether the Python that runs seatrial reads a file which the backend's own does not."""
        text = self._read(path)
        if text is None or self.file(path) is not None:
            return False
        try:
            with quiet():
                ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        return True
