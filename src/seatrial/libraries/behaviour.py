"""How a file of this folder says what its library does.

Names are the public ones (`fastapi.FastAPI`): they are resolved to the place of definition in the backend's own
environment, so that a release which moves a class needs no change here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from seatrial.libraries.values import Class, External, Value
from seatrial.libraries.world import World
from seatrial.project.packages import Packages


@dataclass(frozen=True, slots=True)
class LibraryCall:
    """One call of a library: the callable by its canonical name, and what it is given."""

    callee: External
    args: list[Value]
    kwargs: dict[str, Value]

    def argument(self, position: int, name: str, default: Value = None) -> Value:
        """An argument that may be given by position or by name."""
        if name in self.kwargs:
            return self.kwargs[name]
        return self.args[position] if len(self.args) > position else default


Calls = Mapping[str, Callable[[World, LibraryCall], Value]]
ClassMade = Mapping[str, Callable[[World, Class, dict[str, Value]], Value]]
Constructs = Mapping[str, Callable[[World, Class, list[Value], dict[str, Value]], Value]]
# (packages, module, name) -> (exception, message, details) of a name that the library refuses in words of its own.
Gone = Callable[[Packages, str, str], tuple[str, str, tuple[tuple[str, str], ...]] | None]


@dataclass(frozen=True, slots=True)
class Library:
    """What one library does with what the backend hands it.

    `calls`: by public name of a function, class or `Class.method` (then the object is the first argument); `classes`:
    what happens when the backend derives a class from one of these; `objects`: what happens when such a derived class
    is called. A behaviour answers ABSENT to leave the rest to the player. `decorators` give back the function they are given.
    `gone` says what asking one of its modules for a name that moved or went raises.
    """

    distribution: str
    module: str
    calls: Calls = field(default_factory=dict)
    classes: ClassMade = field(default_factory=dict)
    objects: Constructs = field(default_factory=dict)
    decorators: frozenset[str] = frozenset()
    gone: Gone | None = None
