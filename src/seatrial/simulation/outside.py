"""What the simulation needs to know of everything that is not the backend's own: distributions and the standard library."""

from __future__ import annotations

from typing import Protocol

from seatrial.simulation.timeline import Fault


class Outside(Protocol):
    """Modules that are looked up, not played."""

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
