"""What the generator plans before it writes a line: modules, what each offers, who depends on whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random


@dataclass(frozen=True, slots=True)
class Package:
    """One generated backend: files by path (forward slashes), the launch target, and what it contains."""

    seed: int
    files: Mapping[str, str]
    target: str
    features: frozenset[str]


@dataclass(frozen=True, slots=True)
class Symbol:
    """One name that a module offers. `kind` selects how it is defined and used (see `symbols`)."""

    name: str
    kind: str
    spec: tuple[str, ...] = ()  # parameter names, attribute names, members: by kind


@dataclass(slots=True)
class Module:
    """One module to be written."""

    name: str  # dotted, as seen from the root
    is_package: bool
    exports: list[Symbol] = field(default_factory=list)
    imports: list[Module] = field(default_factory=list)  # the order of a good program: these come first
    back: list[Module] = field(default_factory=list)  # edges that close cycles
    traits: set[str] = field(default_factory=set)

    @property
    def package(self) -> str:
        """What `__package__` will be."""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    @property
    def leaf(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def path(self) -> str:
        base = self.name.replace(".", "/")
        return f"{base}/__init__.py" if self.is_package else f"{base}.py"

    def public(self) -> list[Symbol]:
        return [symbol for symbol in self.exports if not symbol.name.startswith("_")]


@dataclass(slots=True)
class Project:
    """The plan of a whole backend."""

    modules: list[Module]
    main: Module
    folders: tuple[str, ...] = ()  # dotted names of folders without `__init__.py`

    def get(self, name: str) -> Module | None:
        return next((module for module in self.modules if module.name == name), None)

    def has_parent(self, module: Module) -> bool:
        return "." in module.name


def indent(lines: str, by: int = 1) -> str:
    """The block, pushed `by` levels to the right; empty lines stay empty."""
    return "\n".join(("    " * by + line) if line.strip() else line for line in lines.split("\n"))


def block(text: str) -> str:
    """A literal block without its surrounding empty lines."""
    return text.strip("\n").rstrip()


class Writer:
    """Collects the text of one module: imports on demand, then chunks of code in order."""

    def __init__(self, rng: Random, project: Project, module: Module, features: set[str]) -> None:
        self.rng = rng
        self.project = project
        self.module = module
        self.features = features
        self.bound: dict[str, str] = {symbol.name: "own" for symbol in module.exports}  # name -> what it stands for
        self.standard: list[str] = []
        self.header: list[str] = []
        self.pending: list[str] = []  # imports that stand right before the next chunk
        self.chunks: list[str] = []
        self.tail: list[str] = []
        self.known: dict[str, str] = {}  # what is imported already -> the expression for it

    def mark(self, *features: str) -> None:
        self.features.update(features)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, *options: str) -> str:
        return self.rng.choice(options)

    def fresh(self, *bases: str) -> str:
        """A name that this module does not use yet, built on one of the given ones."""
        base = self.rng.choice(bases)
        name, number = base, 2
        while name in self.bound:
            name, number = f"{base}_{number}", number + 1
        self.bound[name] = "own"
        return name

    def claim(self, name: str, meaning: str) -> bool:
        """Whether `name` may stand for `meaning` in this module; it does from now on if so."""
        return self.bound.setdefault(name, meaning) == meaning

    def std(self, dotted: str) -> str:
        """An expression for a name of the standard library ("os", "functools.wraps"), imported in a random style."""
        if dotted in self.known:
            return self.known[dotted]
        module, _, name = dotted.rpartition(".")
        style = self.rng.random()
        if module and style < 0.45 and self.claim(name, dotted):
            return self.remember(dotted, f"from {module} import {name}", name)
        if module and style < 0.55:
            alias = self.fresh(f"_{name}")
            return self.remember(dotted, f"from {module} import {name} as {alias}", alias)
        self.remember(module or dotted, f"import {module or dotted}", module or dotted)
        return dotted

    def remember(self, key: str, statement: str, expression: str) -> str:
        self.known[key] = expression
        if statement not in self.standard:
            self.standard.append(statement)
        return expression

    def add(self, chunk: str) -> None:
        """A chunk of module-level code, after the imports that wait for it."""
        if chunk:
            self.chunks.append("\n".join([*self.pending, chunk]))
            self.pending.clear()

    def flush(self) -> None:
        """Imports that wait for a chunk stand alone."""
        waiting, self.pending = self.pending, []
        self.add("\n".join(waiting))


Snippet = Callable[[Writer], str]
