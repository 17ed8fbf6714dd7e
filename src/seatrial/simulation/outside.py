"""What the simulation needs to know of what is not the backend's own: distributions and the standard library."""

from __future__ import annotations

import builtins
import re
from typing import Protocol

from seatrial.libraries.registry import libraries
from seatrial.libraries.values import LibraryError
from seatrial.project.packages.installed import MissingImport, Packages
from seatrial.project.packages.sources import Library as Sources
from seatrial.project.packages.space import Bound
from seatrial.provision.environment import Environment
from seatrial.simulation.timeline import Fault, MissingModule, Refusal

# A module of the standard library that another stands for in `sys.modules`, since 3.13 without a file of its own.
IMPLEMENTED_BY = {"collections.abc": "_collections_abc"}


class Outside(Protocol):
    """Modules that are looked up, not played."""

    @property
    def packages(self) -> Packages | None:
        """The sources of everything installed; None where there is nothing to look at."""

    def has(self, module: str, name: str) -> bool | None:
        """Whether `from module import name` works; None where that cannot be told."""

    def definition(self, module: str, name: str) -> tuple[str, str]:
        """The dotted name under which something is defined, and its kind: "class", "def", "module", "value" or ""."""

    def failure(self, module: str) -> tuple[BaseException, Fault] | None:
        """What importing a module that is there raises in this environment, if anything."""

    def star(self, module: str) -> tuple[str, ...] | None:
        """The names that `from module import *` binds; None where they cannot be listed."""

    def version(self, distribution: str) -> tuple[int, ...] | None:
        """The release of an installed distribution."""

    def refusal(self, module: str, name: str) -> tuple[BaseException, Fault] | None:
        """What asking a module for a name raises instead of AttributeError, where its `__getattr__` does that."""


class NothingKnown:
    """The answer where no environment could be looked at: everything may be there."""

    packages: Packages | None = None

    def has(self, module: str, name: str) -> bool | None:
        """Nobody knows."""
        return None

    def definition(self, module: str, name: str) -> tuple[str, str]:
        """The name as it is asked for."""
        return f"{module}.{name}", ""

    def failure(self, module: str) -> tuple[BaseException, Fault] | None:
        """Nothing that is known."""
        return None

    def star(self, module: str) -> tuple[str, ...] | None:
        """Nobody knows."""
        return None

    def version(self, distribution: str) -> tuple[int, ...] | None:
        """Nobody knows."""
        return None

    def refusal(self, module: str, name: str) -> tuple[BaseException, Fault] | None:
        """Nothing that is known."""
        return None


class PackagesOutside:
    """The answers of the installed packages' own source."""

    def __init__(self, packages: Packages, environment: Environment) -> None:
        self.packages = packages
        self._environment = environment

    def has(self, module: str, name: str) -> bool | None:
        """Whether `from module import name` works."""
        found = self.packages.has(module, name)
        if found is None and module in IMPLEMENTED_BY:
            found = self.packages.has(IMPLEMENTED_BY[module], name)
        if found is False and module.partition(".")[0] in self._environment.unbuilt:
            return None  # its compiled part, which is not there to be asked, may put names into any of its modules
        listed = self._environment.interpreter.opaque.get(module) if found is None else None
        return found if listed is None else name in listed

    def definition(self, module: str, name: str) -> tuple[str, str]:
        """The dotted name of a definition, and its kind."""
        canonical = self.packages.canonical(module, name)
        if canonical is None:
            return f"{module}.{name}", ""
        if canonical.startswith("_typing."):  # where 3.12 and later keep Generic and TypeVar; they call them typing's
            return canonical.removeprefix("_"), "class"
        if self.packages.finder.resolve(canonical) is not None and canonical.rpartition(".")[2] in (name, canonical):
            owner, _, tail = canonical.rpartition(".")
            bound = self._bound(owner, tail) if owner else None
            if bound is None or bound.kind == "module":
                return canonical, "module"
        owner, _, tail = canonical.rpartition(".")
        if not owner:
            return canonical, "module"
        bound = self._bound(owner, tail)
        return canonical, bound.kind if bound is not None and bound.kind in ("class", "def") else "value"

    def _bound(self, module: str, name: str) -> Bound | None:
        surface = self.packages.surface(module)
        return surface.names.get(name) if surface is not None else None

    def failure(self, module: str) -> tuple[BaseException, Fault] | None:
        """What importing an installed module raises."""
        refused = self._refused(module)
        if refused is not None:
            return refused
        lacking = self.packages.first_missing(module)
        if lacking is None:
            return None
        message = lacking.message or ""
        asked = self._asked_for(message)
        if asked is None and not self._is_certain(lacking):
            return None
        chain = tuple(step.module for step in lacking.chain)
        top = module.partition(".")[0]
        fault = MissingModule(asked or lacking.name, module, False, chain[-1] if chain else module, top, chain)
        kind = getattr(builtins, lacking.exception, None)
        if isinstance(kind, type) and issubclass(kind, ImportError):
            return kind(message, name=lacking.name), fault
        if isinstance(kind, type) and issubclass(kind, BaseException):
            return kind(message), fault
        return LibraryError(lacking.exception, message), fault

    def _refused(self, module: str) -> tuple[BaseException, Fault] | None:
        for library in libraries():
            if library.module == module and library.importing is not None:
                found = library.importing(self._environment.interpreter.version[:2], self.version)
                if found is not None:
                    return found.error, Refusal(module, found.kind, found.distribution)
        return None

    def _asked_for(self, message: str) -> str | None:
        """The module that a library's own words ask for: the first one quoted that is not there."""
        if message.startswith(("cannot import name", "No module named")):
            return None
        for word in re.findall(r"['\"`]([A-Za-z][\w-]*)['\"`]", message):
            if word.isidentifier() and self.packages.finder.find(word, None) is None:
                return str(word)
        return None

    def _is_certain(self, lacking: MissingImport) -> bool:
        """Whether a whole distribution is missing: inside one, libraries make modules in ways that nobody can read."""
        top = lacking.name.partition(".")[0]
        if lacking.symbol is not None or top in self._environment.unbuilt or top in self._environment.mapped:
            return False
        return self.packages.finder.find(top, None) is None

    def star(self, module: str) -> tuple[str, ...] | None:
        """The names that a star import binds."""
        found: tuple[str, ...] | None = self.packages.asked(("star", module), lambda sources: _star(sources, module))
        return found

    def version(self, distribution: str) -> tuple[int, ...] | None:
        """The release of an installed distribution."""
        text = self._environment.versions.get(distribution)
        if text is None:
            found = self._environment.distribution(distribution)
            text = found.version if found is not None else None
        return None if text is None else tuple(int(part) for part in text.split(".") if part.isdigit())

    def refusal(self, module: str, name: str) -> tuple[BaseException, Fault] | None:
        """What a library's own `__getattr__` raises for a name that moved or went."""
        throw = self.packages.refusal(module, name)
        if throw is None:
            return None
        top = module.partition(".")[0]
        message = throw.message or ""
        for library in libraries():
            if library.module == top and library.words is not None:
                message = library.words(throw.exception, message, self.version(library.distribution) or ())
        return LibraryError(throw.exception, message, bases=(ImportError,)), Refusal(top, "moved", name)


def _star(sources: Sources, module: str) -> tuple[str, ...] | None:
    names, why, listed = sources.exported(module)
    return None if why else (listed if listed is not None else tuple(names))
