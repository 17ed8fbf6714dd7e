"""What the play of a module asks of the modules around it."""

from __future__ import annotations

from typing import Protocol

from seatrial.project.packages.space import Bound


class World(Protocol):
    """What the player asks of the other modules of the environment."""

    def fails(self, module: str) -> str | None:
        """The name of the exception with which importing `module` fails; "" if it does not, None if unknown."""

    def has(self, module: str, name: str) -> bool | None:
        """Whether `from module import name` works."""

    def exported(self, module: str) -> tuple[dict[str, Bound], str, tuple[str, ...] | None]:
        """What `from module import *` binds; why that may not be all; and `__all__`."""

    def constant(self, module: str, name: str) -> tuple[bool, object]:
        """(whether it is known, its value) of a name of a module."""
