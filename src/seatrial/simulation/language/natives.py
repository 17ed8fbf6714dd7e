"""Calling the methods of built-in types, by CPython itself wherever nothing of the program is asked on the way."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

from seatrial.libraries.values import ABSENT, Bound, Builtin, Class, Function, Instance, NativeMethod, Unknown, Value
from seatrial.simulation.language.natively import LARGEST, natively
from seatrial.simulation.language.objects import base_init, new_object
from seatrial.simulation.language.storing import put_plainly
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_UNSURE = {"__sizeof__", "__reduce__", "__reduce_ex__", "__getstate__", "__dir__", "__subclasshook__"}
_IMPURE: dict[type, set[str]] = {
    datetime.datetime: {"now", "utcnow", "today"},
    datetime.date: {"today"},
}
_TAKE_CALLABLES = {"sort", "sub", "subn"}
_LONG = ("format", "format_map", "ljust", "rjust", "center", "zfill", "expandtabs")


def native_method(
    sim: Simulator, value: NativeMethod, args: list[Value], kwargs: dict[str, Value], partial: bool
) -> Value:
    """Call a method of a built-in type or object."""
    subject, name = value.subject, value.name
    if partial or name in _UNSURE or _is_impure(subject, name):
        return Unknown(f"{name} of unknown arguments" if partial else name)
    if isinstance(subject, Class):
        return _type_method(sim, subject, name, args, kwargs)
    if isinstance(subject, type):
        answer = _of_type(sim, subject, name, args, kwargs)
        if answer is not ABSENT:
            return answer
    if isinstance(subject, str) and name in _LONG and _is_long(subject, name, args):
        return Unknown("a text too long to make")
    if name in _TAKE_CALLABLES:
        args = [hosted(sim, arg) for arg in args]
        kwargs = {key: hosted(sim, arg) for key, arg in kwargs.items()}
    return natively(sim, lambda: getattr(subject, name)(*args, **kwargs), "call", name)


def hosted(sim: Simulator, value: Value) -> Value:
    """A value as CPython can call it."""
    return sim.to_native(value) if isinstance(value, Function | Bound | Builtin | Class | NativeMethod) else value


def _is_impure(subject: Value, name: str) -> bool:
    kind = subject if isinstance(subject, type) else type(subject)
    return any(name in _IMPURE.get(base, ()) for base in kind.__mro__) if isinstance(subject, type) else False


def _is_long(subject: str, name: str, args: list[Value]) -> bool:
    if re.search(r"\d{6,}", subject) or any(isinstance(a, int) and a > LARGEST for a in args):
        return True
    return name.startswith("format") and re.search(r"\{[^{}]*[.\[]", subject) is not None


def _of_type(sim: Simulator, kind: type, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A method looked up on a built-in class, such as what `super()` of a class of the backend leads to."""
    first = args[0] if args else None
    if issubclass(kind, type) and name in ("__new__", "__init__", "__call__", "__prepare__"):
        return _of_metatype(sim, name, args, kwargs)
    if name == "__new__" and isinstance(first, Class):
        return new_object(sim, first, args[1:], kwargs)
    if kind is object or name in ("__init_subclass__", "__setattr__", "__getattribute__", "__delattr__"):
        return _object_method(sim, name, args, kwargs)
    if name == "__init__" and isinstance(first, Instance):
        return base_init(sim, kind, first, args[1:], kwargs)
    if isinstance(first, Class) and type(kind.__dict__.get(name)).__name__ in ("classmethod_descriptor", "classmethod"):
        return _class_method(sim, kind, name, first, args[1:], kwargs)
    return ABSENT


def _class_method(
    sim: Simulator, kind: type, name: str, cls: Class, args: list[Value], kwargs: dict[str, Value]
) -> Value:
    if name == "__class_getitem__":
        return sim.parametrised(cls, args[0] if args else None)
    made = natively(sim, lambda: getattr(kind, name)(*args, **kwargs), "call", name)
    return made if isinstance(made, Unknown) else sim.call(cls, [made], {})


def _of_metatype(sim: Simulator, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if name == "__prepare__":
        return {}
    if name == "__init__":
        return None
    if not args or not isinstance(args[0], Class):
        return Unknown(f"type.{name}")
    if name == "__call__":
        return sim.instantiate(args[0], args[1:], kwargs)
    return sim.type_new(args[0], args[1:], kwargs)


def _type_method(sim: Simulator, cls: Class, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if name == "__new__":
        return new_object(sim, args[0], args[1:], kwargs) if args and isinstance(args[0], Class) else Unknown(name)
    if name == "__call__":
        return sim.call(cls, args, kwargs)
    if name == "mro":
        return list(cls.mro)
    if name == "__subclasses__":
        return [c for c in sim.classes if any(base is cls for base in c.bases)]
    if name in ("__instancecheck__", "__subclasscheck__") and args:
        answer = sim.is_instance(args[0], cls) if name == "__instancecheck__" else sim.is_subclass(args[0], cls)
        return Unknown(name) if answer is None else answer
    if name == "register" and args:
        sim.registered.setdefault(id(cls), []).append(args[0])
        return args[0]
    if name == "__init__" and args and isinstance(args[0], Instance):
        return base_init(sim, object, args[0], args[1:], kwargs)
    return _object_method(sim, name, [*args] if args and isinstance(args[0], Instance) else [cls, *args], kwargs)


def _object_method(sim: Simulator, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    handler: Any = _OBJECT.get(name)
    if handler is not None:
        return handler(sim, args, kwargs)
    if args and isinstance(args[0], Instance) and hasattr(object, name):
        return natively(sim, lambda: getattr(object, name)(*args, **kwargs), "call", name)
    return Unknown(f"object.{name}")


def _new(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if args and isinstance(args[0], Class):
        return new_object(sim, args[0], args[1:], kwargs)
    return Unknown("object.__new__")


def _init(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return base_init(sim, object, args[0], args[1:], kwargs) if args and isinstance(args[0], Instance) else None


def _setattr(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if len(args) != 3 or not isinstance(args[1], str):
        return Unknown("object.__setattr__")
    error = put_plainly(sim, *args)
    return None if error is None else sim.player.fail(error, RaisedByCode("attribute"))


def _delattr(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    subject, name = args
    if isinstance(subject, Instance) and subject.attributes.pop(name, ABSENT) is ABSENT:
        return sim.attribute_error(subject, name)
    return None


def _getattribute(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if len(args) != 2 or not isinstance(args[1], str):
        return Unknown("object.__getattribute__")
    found = sim.get_plainly(args[0], args[1])
    return sim.plain_attribute_error(args[0], args[1]) if found is ABSENT else found


def _init_subclass(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not kwargs:
        return None
    name = args[0].name if args and isinstance(args[0], Class) else "object"
    text = f"{name}.__init_subclass__() takes no keyword arguments"
    return sim.player.fail(TypeError(text), RaisedByCode("call"))


_OBJECT = {
    "__new__": _new,
    "__init__": _init,
    "__setattr__": _setattr,
    "__delattr__": _delattr,
    "__getattribute__": _getattribute,
    "__init_subclass__": _init_subclass,
}
