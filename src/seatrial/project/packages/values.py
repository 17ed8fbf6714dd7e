"""What the functions of libraries are evaluated to, and the exceptions in which their evaluation ends."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from seatrial.project.packages.space import Namespace


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


class Throw(NamedTuple):
    """An exception: its dotted name, and `str()` of its one argument, None where that is not known."""

    exception: str
    message: str | None


class Library(Protocol):
    """What the evaluator asks of the packages."""

    def tree_of(self, module: str) -> ast.Module | None:
        """The whole tree of a module's source."""

    def space_of(self, module: str) -> Namespace | None:
        """The names of a module after its import."""

    def has(self, module: str, name: str) -> bool | None:
        """Whether a module has a name."""

    def fails(self, module: str) -> str | None:
        """The exception with which importing a module fails; "" when it does not."""

    def is_module(self, dotted: str) -> bool:
        """Whether there is a module of that name."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module, by its dotted name."""

    name: str


@dataclass(frozen=True, slots=True)
class Names:
    """The namespace of a module: `globals()`, `module.__dict__`."""

    module: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function of a module, with the names around it; `owner` is the instance that it is a method of."""

    module: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    outer: Mapping[str, Any] = field(default_factory=dict)
    owner: object = None


@dataclass(frozen=True, slots=True)
class Class:
    """A class of a module."""

    module: str
    node: ast.ClassDef


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a class, of which only the methods are known."""

    kind: Class


class ThrownError(Exception):
    """The evaluated code raises."""

    def __init__(self, throw: Throw) -> None:
        super().__init__(throw)
        self.throw = throw


class ReturnedError(Exception):
    """The evaluated function returns."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class GaveUpError(Exception):
    """The answer hangs on something that is not understood."""


class Machine(Protocol):
    """What one call needs of the evaluator: the rest of the world, and a measure of how long this goes on."""

    library: Library
    asked: str

    def step(self) -> None:
        """Count a statement. Raises GaveUpError when there have been too many."""

    def call_function(self, function: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """The value of a call. Raises ThrownError, or GaveUpError where it is not understood."""

    def attribute_of(self, value: Any, name: str) -> Any:
        """An attribute of a value, UNKNOWN where it is not understood."""

    def global_of(self, module: str, name: str) -> Any:
        """The value of a module's name, UNKNOWN where it is not understood."""
