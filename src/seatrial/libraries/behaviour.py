"""How a file of this folder says what its library does.

Names are the public ones (`fastapi.FastAPI`): they are resolved to the place of definition in the backend's own
environment, so that a release which moves a class needs no change here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from seatrial.libraries.values import Absent, Class, External, Value
from seatrial.libraries.world import World


@dataclass(frozen=True, slots=True)
class LibraryCall:
    """One call of a library: the callable by its canonical name, and what it is given."""

    callee: External
    args: list[Value]
    kwargs: dict[str, Value]
    partial: bool = False  # some arguments came from something unknown (`**options`)

    def argument(self, position: int, name: str, default: Value = None) -> Value:
        """An argument that may be given by position or by name."""
        if name in self.kwargs:
            return self.kwargs[name]
        return self.args[position] if len(self.args) > position else default


NO_ATTRIBUTE = Absent()  # what an `attributes` behaviour answers for a name that certainly is not there
Calls = Mapping[str, Callable[[World, LibraryCall], Value]]
ClassMade = Mapping[str, Callable[[World, Class, dict[str, Value]], Value]]
Attributes = Mapping[str, Callable[[World, Value, str], Value]]
Constructs = Mapping[str, Callable[[World, Class, list[Value], dict[str, Value]], Value]]
# What importing a library raises on a Python (major, minor), beside the releases of others; None where it works.
Importing = Callable[[tuple[int, int], Callable[[str], tuple[int, ...] | None]], "Unimportable | None"]
# (exception, its one argument, release) -> `str()` of the exception, for a library whose exceptions say more.
Words = Callable[[str, str, tuple[int, ...]], str]


@dataclass(frozen=True, slots=True)
class Unimportable:
    """What importing a library raises, as `kind`, and the distribution whose release is at fault."""

    kind: str
    error: BaseException
    distribution: str


@dataclass(frozen=True, slots=True)
class Library:
    """What one library does with what the backend hands it.

    `calls`: by public name of a function, class or `Class.method` (then the object is the first argument); `classes`:
    what happens when the backend derives a class from one of these; `objects`: what happens when such a derived class
    is called. A behaviour answers ABSENT to leave the rest to the player. `decorators` give back the function they
    are given.
    `attributes`: what `object.name` gives, by class; the behaviour answers ABSENT for a name that it does not know.
    `lenient`: the calls that are played even when some of their arguments are unknown.
    `words` finishes the text of what its modules raise when they are asked for a name that moved or went.
    `importing`: what importing it raises, beyond modules that are missing.
    """

    distribution: str
    module: str
    calls: Calls = field(default_factory=dict)
    classes: ClassMade = field(default_factory=dict)
    objects: Constructs = field(default_factory=dict)
    attributes: Attributes = field(default_factory=dict)
    decorators: frozenset[str] = frozenset()
    lenient: frozenset[str] = frozenset()
    words: Words | None = None
    importing: Importing | None = None
