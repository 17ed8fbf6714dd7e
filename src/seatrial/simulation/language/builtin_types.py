"""Calling a built-in type."""

from __future__ import annotations

import collections
import enum
import itertools
import types
from typing import TYPE_CHECKING

from seatrial.libraries.values import (
    ABSENT,
    Class,
    Coroutine,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    Super,
    Undecided,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.simulation.language.builtin_arguments import COUNTED_TYPES, Run, refusal_of, refused
from seatrial.simulation.language.classes import order_of, resolve_bases, type_new, winner
from seatrial.simulation.language.iteration import iterate
from seatrial.simulation.language.lookup import among, type_name
from seatrial.simulation.language.natively import LARGEST, OPAQUE, is_native
from seatrial.simulation.language.natives import hosted
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

CALLING_TYPES = (
    collections.defaultdict, itertools.accumulate, itertools.groupby, itertools.starmap, itertools.takewhile,
    itertools.dropwhile, itertools.filterfalse,
)  # fmt: skip


def _super(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if args and not isinstance(args[0], Class | type | Unknown | External):
        text = f"super() argument 1 must be a type, not {type_name(args[0])}"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    if len(args) == 1:
        return Unknown("a super object that is not bound")
    if len(args) == 2:
        return _checked_super(sim, args[0], args[1])
    frame = sim.player.frame
    text = ""
    if frame.subject is ABSENT or frame.is_class or frame.cell is None:
        text = "super(): no arguments"
    elif frame.owner is None:
        text = "super(): __class__ cell not found"
    elif frame.owner.cls is None:
        text = "super(): empty __class__ cell"
    if text:
        return sim.player.fail(RuntimeError(text), RaisedByCode("call"))
    return _checked_super(sim, frame.owner.cls, frame.subject)


def _checked_super(sim: Simulator, owner: Value, subject: Value) -> Value:
    """`super(owner, subject)`, which refuses an object of something else."""
    fits = isinstance(owner, Unknown) or isinstance(subject, Unknown)
    fits = fits or among(owner, order_of(subject)) or among(owner, order_of(sim.class_of(subject)))
    if fits:
        return Super(owner, subject)
    text = "super(type, obj): obj must be an instance or subtype of type"
    if sim.python >= (3, 13):
        text = (
            f"super(type, obj): obj ({_described(sim, subject)}) is not an instance or subtype of type "
            f"({_type_text(owner)})."
        )
    return sim.player.fail(TypeError(text), RaisedByCode("call"))


def _described(sim: Simulator, subject: Value) -> str:
    if isinstance(subject, Class | type):
        return f"type {_type_text(subject)}"
    return f"instance of {_type_text(sim.class_of(subject))}"


def _type_text(cls: Value) -> str:
    return str(cls.name if isinstance(cls, Class) else getattr(cls, "__name__", "?"))


def _property(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    parts = [*args, None, None, None][:3]
    return Wrapped("property", kwargs.get("fget", parts[0]), kwargs.get("fset", parts[1]), kwargs.get("fdel", parts[2]))


def _staticmethod(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Wrapped("staticmethod", args[0])


def _classmethod(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Wrapped("classmethod", args[0])


def _type(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if len(args) == 1:
        return sim.class_of(args[0])
    if len(args) == 4 and isinstance(args[0], Class):
        args = args[1:]
    if len(args) != 3:
        return sim.player.fail(TypeError("type() takes 1 or 3 arguments"), RaisedByCode("call"))
    name, bases, namespace = args
    if not isinstance(bases, tuple):
        return type_new(sim, type, name, bases, namespace, kwargs)
    known, traits = resolve_bases(sim, list(bases))
    metaclass = winner(sim, type, known) if isinstance(name, str) and isinstance(namespace, dict) else type
    if metaclass is not type and isinstance(metaclass, Class):
        return sim.call(metaclass, args, kwargs)
    sim.traits = traits
    return type_new(sim, metaclass, name, tuple(known), namespace, kwargs)


def _object(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return object() if not args else sim.player.fail(TypeError("object() takes no arguments"), RaisedByCode("call"))


_MADE_BY_US: dict[type, Run] = {
    super: _super,
    property: _property,
    staticmethod: _staticmethod,
    classmethod: _classmethod,
    type: _type,
    object: _object,
}


def call_type(sim: Simulator, kind: type, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Call a built-in type."""
    if (
        (len(args) != 1 or kwargs or kind in (map, filter))
        and kind.__name__ in COUNTED_TYPES
        and kind.__module__ == "builtins"
    ):
        refusal = refusal_of(kind.__name__, len(args), tuple(kwargs))
        if refusal:
            return refused(sim, refusal)
    run = _MADE_BY_US.get(kind)
    if run is not None:
        return run(sim, args, kwargs)
    if issubclass(kind, BaseException):
        return kind(*args, **kwargs)
    if issubclass(kind, types.ModuleType):
        return sim.make_module(args, kwargs)
    if issubclass(kind, enum.Enum) and len(args) + len(kwargs) > 1:
        kwargs = {"module": sim.player.frame.module.namespace.get("__name__"), **kwargs}
    if kind is str and len(args) == 1 and isinstance(args[0], ExternalInstance):
        return str(args[0])
    if any(isinstance(arg, OPAQUE) for arg in args):
        raise Undecided(f"{kind.__name__} of an unknown value")
    if kind in (map, filter) or kind in CALLING_TYPES:
        args = [
            hosted(sim, arg) if position == 0 or kind in CALLING_TYPES else arg for position, arg in enumerate(args)
        ]
    _refuse_huge(kind, args)
    if kind in (list, tuple, set, frozenset, dict, enumerate, zip, map, filter, reversed):
        args = [
            arg if callable(arg) or (kind is enumerate and place) else _as_iterable(sim, arg, kind is reversed)
            for place, arg in enumerate(args)
        ]
    if kind in (int, float, str, bool) and args and not is_native(args[0]) and len(args) == 1:
        return _convert(sim, kind, args[0])
    return kind(*args, **kwargs)


def _convert(sim: Simulator, kind: type, value: Value) -> Value:
    if kind is bool:
        return sim.truth(value)
    if kind is str:
        return str(value)
    method = sim.special(value, f"__{kind.__name__}__")
    if method is not ABSENT:
        return sim.call(method, [], {})
    nouns = {int: "a string, a bytes-like object or a real number", float: "a string or a real number"}
    text = f"{kind.__name__}() argument must be {nouns[kind]}, not {type_name(value)!r}"
    return sim.player.fail(TypeError(text), RaisedByCode("call"))


def _as_iterable(sim: Simulator, value: Value, backwards: bool = False) -> Value:
    if backwards and isinstance(value, Instance):
        return value
    return iterate(sim, value) if isinstance(value, Instance | Class | Function | Module | Coroutine) else value


def _refuse_huge(kind: type, args: list[Value]) -> None:
    for arg in args:
        if isinstance(arg, range) and len(arg) > LARGEST and kind is not range:
            raise Undecided("a collection too large to make")
        if kind in (bytes, bytearray) and isinstance(arg, int) and arg > LARGEST:
            raise Undecided("a collection too large to make")
