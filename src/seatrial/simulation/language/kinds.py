"""What kind of value something is: `type(value)`, `isinstance` and `issubclass`, where that can be known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seatrial.libraries.values import (
    ABSENT,
    Builtin,
    Class,
    Coroutine,
    External,
    ExternalInstance,
    Instance,
    LibraryError,
    Module,
    Stream,
    Super,
    TypeForm,
    Unknown,
    Value,
)
from seatrial.simulation.language import lookup, natively
from seatrial.simulation.language.typing_forms import fits_protocol

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def class_of(sim: Simulator, value: Value) -> Value:
    """`type(value)`."""
    if isinstance(value, Instance):
        return value.type
    if isinstance(value, Class):
        return value.metaclass
    if isinstance(value, ExternalInstance):
        return value.type
    if isinstance(value, Builtin) and value.kind != "builtin_function_or_method":
        return Unknown(f"the type {value.kind}")
    if isinstance(value, LibraryError):
        return External(value.name, "class")
    if natively.is_native(value):
        return type(value)
    return Unknown("the type of a value")


def is_instance(sim: Simulator, value: Value, kind: Value) -> bool | None:
    """`isinstance(value, kind)`, None where it cannot be known."""
    if isinstance(kind, tuple):
        return _any(sim.is_instance(value, part) for part in kind)
    if isinstance(value, Unknown) or isinstance(kind, Unknown):
        return None
    if isinstance(value, LibraryError):
        return _library_error_matches(value, kind)
    if isinstance(kind, TypeForm):
        union = isinstance(kind.origin, External) and kind.origin.name == "types.UnionType"
        return _any(sim.is_instance(value, part) for part in kind.args) if union else None
    if kind is None:
        return value is None
    if kind is type:
        return isinstance(value, Class | type) or (isinstance(value, External) and value.kind == "class")
    if kind is object:
        return True
    own = sim.class_of(value)
    if (
        isinstance(kind, Class)
        and kind.traits >= {"runtime", "protocol"}
        and not (isinstance(own, Class) and kind in own.mro)
    ):
        return fits_protocol(sim, value, kind)
    return None if isinstance(own, Unknown) and not isinstance(kind, Class) else sim.is_subclass(own, kind)


def is_subclass(sim: Simulator, cls: Value, kind: Value) -> bool | None:
    """`issubclass(cls, kind)`, None where it cannot be known."""
    if isinstance(kind, tuple):
        return _any(sim.is_subclass(cls, part) for part in kind)
    if isinstance(cls, Unknown) or isinstance(kind, Unknown):
        return None if not isinstance(kind, Class) else False
    if isinstance(cls, Class):
        if any(base is kind for base in cls.mro):
            return True
        if isinstance(kind, External):
            named = any(isinstance(base, External) and base.name == kind.name for base in cls.mro)
            return True if named else (None if lookup.derives_from_outside(cls) else False)
        return None if isinstance(kind, type) and lookup.derives_from_outside(cls) else False
    if isinstance(cls, External) or isinstance(kind, External):
        return _external_subclass(cls, kind)
    return isinstance(cls, type) and isinstance(kind, type) and issubclass(cls, kind)


def may_be_called(sim: Simulator, value: Value) -> bool:
    """Whether `callable(value)`, true where nobody knows."""
    if isinstance(value, Instance):
        return sim.special(value, "__call__") is not ABSENT
    uncallable = Module | Stream | Coroutine | Super | LibraryError
    return not isinstance(value, uncallable) and (not natively.is_native(value) or callable(value))


def _any(answers: Iterator[bool | None]) -> bool | None:
    result: bool | None = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            result = None
    return result


def _library_error_matches(error: LibraryError, kind: Value) -> bool:
    if isinstance(kind, External):
        return kind.name == error.name or kind.name in error.bases
    if isinstance(kind, type):
        return kind in (Exception, BaseException) or any(
            isinstance(b, type) and issubclass(b, kind) for b in error.bases
        )
    return False


def _external_subclass(cls: Value, kind: Value) -> bool | None:
    if isinstance(cls, External) and isinstance(kind, External):
        return True if cls.name == kind.name else None
    if isinstance(cls, type):
        assert isinstance(kind, External)
        return f"{cls.__module__}.{cls.__qualname__}" == kind.name
    return None if kind is not Class else False
