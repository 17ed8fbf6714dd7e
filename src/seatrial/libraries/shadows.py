"""The Python classes that stand for the classes of the backend, so that CPython's own operators work with their
objects.

A shadow has the operators that the played class defines, each playing the method; whatever else CPython does with it
(reflected operators, missing ones, the texts of TypeErrors) is CPython's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seatrial.libraries.values import ABSENT, Class, Instance, Undecided, Value

_ARITHMETIC = "add sub mul truediv floordiv mod pow lshift rshift or and xor matmul divmod".split()
OPERATORS = frozenset(
    [f"__{name}__" for name in _ARITHMETIC]
    + [f"__r{name}__" for name in _ARITHMETIC]
    + [f"__i{name}__" for name in _ARITHMETIC if name != "divmod"]
    + [
        f"__{name}__"
        for name in (
            "neg pos invert abs round trunc floor ceil int float complex index bool len length_hint contains getitem "
            "setitem delitem missing iter next reversed eq ne lt le gt ge hash str repr format bytes fspath sizeof"
        ).split()
    ]
)
_KEPT_WHEN_OPAQUE = frozenset({"__hash__", "__bool__"})


def make(kind: Class, given: tuple[Value, ...]) -> Any:
    """An object of the shadow of a played class, not yet filled in."""
    shadow = shadow_of(kind)
    base = solid_base(kind)
    return object.__new__(shadow) if base is object else base.__new__(shadow, *given)


def solid_base(kind: Class) -> type:
    """The built-in type whose layout the objects of a class have; `object` where there is none."""
    for base in kind.mro:
        if isinstance(base, type) and base is not object:
            made_by: object = base.__new__
            return base if made_by is not object.__new__ else object
    return object


def shadow_of(kind: Class) -> type:
    """The shadow of a played class, made when its first object is."""
    if kind.shadow is None:
        kind.shadow = _make_shadow(kind)
    return kind.shadow


def _make_shadow(kind: Class) -> type:
    body: dict[str, Any] = {"__module__": kind.module, "__qualname__": kind.qualname}
    for name in OPERATORS:
        found = operator_of(kind, name)
        if found is not ABSENT:
            body[name] = found
    if "__eq__" in body and "__hash__" not in body:
        body["__hash__"] = object.__hash__  # whether it may be hashed was decided when the class was made
    real = [base for base in kind.mro if isinstance(base, type) and base is not object]
    real = [base for base in real if not _is_covered(base, real)]
    try:
        made: Any = type(kind.name, (Instance, *real), body)
    except TypeError:
        made = _by_own_metaclass(kind.name, real, body)
    if getattr(made, "__abstractmethods__", None):
        made.__abstractmethods__ = frozenset()
    shadow: type = made
    return shadow


def _is_covered(base: type, others: list[type]) -> bool:
    return any(other is not base and issubclass(other, base) for other in others)


def _by_own_metaclass(name: str, real: list[type], body: dict[str, Any]) -> type:
    """A base with a metaclass of its own (`collections.abc`), else a class without the built-in bases."""
    for base in real:
        try:
            return type(base)(name, (Instance, *real), body)
        except TypeError:
            continue
    return type(name, (Instance,), body)


def operator_of(kind: Class, name: str) -> Any:
    """What a shadow has for one operator: a method that plays it, None where the class forbids it, or ABSENT."""
    for base in kind.mro:
        if isinstance(base, Class):
            if name in base.namespace:
                return None if base.namespace[name] is None else _played(name)
        elif isinstance(base, type):
            if base is not object and name in base.__dict__:
                return ABSENT
        elif name not in _KEPT_WHEN_OPAQUE:
            return _unknown(name)
    return ABSENT


def _played(name: str) -> Callable[..., Any]:
    def run(self: Instance, *args: Value) -> Any:
        return self.world.operate(self, name, args)

    return run


def _unknown(name: str) -> Callable[..., Any]:
    def run(self: Instance, *args: Value) -> Any:
        raise Undecided(f"{name} of an object of a class outside the backend")

    return run


def update(kind: Class, name: str) -> None:
    """A class gets an operator (or loses one) after objects of it were made."""
    if kind.shadow is None or name not in OPERATORS:
        return
    found = operator_of(kind, name)
    if found is not ABSENT:
        setattr(kind.shadow, name, found)
    elif name in kind.shadow.__dict__:
        delattr(kind.shadow, name)
