"""What a library's file may ask of the player: the one door between `libraries` and `simulation`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from seatrial.issue import Location
from seatrial.libraries.values import Class, Function, Value
from seatrial.project.packages.installed import Packages

if TYPE_CHECKING:
    from seatrial.libraries.behaviour import LibraryCall


class World(Protocol):
    """The running simulation, as a library's behaviour sees it."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables that the backend is started with."""

    @property
    def python(self) -> tuple[int, int]:
        """The minor version of the backend's Python."""

    def version(self, distribution: str) -> tuple[int, ...] | None:
        """The release of a distribution in the backend's environment, or None where it has none."""

    def installed(self, module: str) -> bool | None:
        """Whether `import module` finds something; None where the environment is not known."""

    def call(self, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """Call any value as the program would."""

    def truth(self, value: Value) -> bool:
        """`bool(value)`; raises Undecided."""

    def iterate(self, value: Value) -> Iterator[Value]:
        """The items of any iterable; raises Undecided."""

    def attribute(self, value: Value, name: str) -> Value:
        """`value.name`, ABSENT where there is none."""

    def special(self, value: Value, name: str) -> Value:
        """A special method looked up on the type, bound to the value; ABSENT where there is none."""

    def opaque(self, value: Value) -> bool:
        """Whether the value's class derives from something whose source was not played."""

    def operate(self, value: Value, name: str, args: tuple[Value, ...]) -> Value:
        """Play an operator for CPython: what the program raises is raised as a Python exception."""

    def annotations(self, owner: Function | Class) -> Mapping[str, Value]:
        """The annotations, deferred and quoted ones evaluated; a text remains of what cannot be resolved."""

    def refuse(
        self,
        library: str,
        kind: str,
        exception: str | BaseException,
        message: str,
        subject: str = "",
        bases: tuple[object, ...] = (),
        **details: str,
    ) -> Value:
        """The library raises: recorded with the backend's frame. Returns Unknown where the play goes on.

        `exception` is the class as a traceback spells it, with the `bases` it can be caught as, or a built-in one.
        """

    def silent(self, service: str) -> bool:
        """Whether this is a start to which this service (its library) does not answer."""

    def missing_module(self, name: str, library: str) -> Value:
        """A library imports a module that is not there (a driver, an optional part)."""

    def read_text(self, path: str) -> str | None:
        """The text of a file as the start would find it, by its path from the working directory; None without one."""

    def lacks_folder(self, path: str) -> bool:
        """Whether a file of the backend, by its path from the working directory, lies in a folder that is not there."""

    def folder_of_caller(self) -> str:
        """The absolute folder of the backend's file that runs now."""

    def set_variable(self, name: str, value: str) -> None:
        """Set an environment variable of the process."""

    def raise_(self, error: BaseException) -> Value:
        """Raise a built-in exception at the current place."""

    @property
    def packages(self) -> Packages | None:
        """The sources of everything installed; None where the environment is not known."""

    def bound(self, call: LibraryCall, *order: str) -> dict[str, Value]:
        """The arguments of a call by parameter name, as the installed source declares them; defaults are left out.

        A call that does not fit raises its TypeError. `order` names the positional ones where there is no source.
        """

    def place(self) -> Location:
        """Where the backend stands now: the statement or decorator that runs."""

    def keep(self, kind: str, value: Value) -> None:
        """Remember something that the start makes, for the timeline."""

    def await_value(self, value: Value) -> Value:
        """`await value`."""

    def enter(self, manager: Value) -> Value:
        """Enter an asynchronous context manager, as `async with` does."""

    def attempt(self, run: Callable[[], Value], place: Location) -> bool:
        """Play something whose exception does not end the start but meets every request; False after one.

        `place` is where the backend has asked for it.
        """

    def outcome(self, run: Callable[[], Value], kinds: tuple[type[BaseException], ...]) -> tuple[Value, Value | None]:
        """(what `run` gives, None), or (Unknown, the exception) when the program raises one of these kinds in it."""

    def is_standard(self, module: str) -> bool:
        """Whether a dotted name is a module of the standard library."""

    def attribute_text(self, value: Value, name: str) -> str:
        """The text of the AttributeError that `value.name` raises."""

    def sees(self, name: str) -> bool:
        """Whether the code that runs now would find a name."""

    def called(self, name: str) -> bool:
        """Whether the backend has called a library's function of that canonical name."""
