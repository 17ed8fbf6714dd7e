"""The built-in functions, as the simulated program sees them."""

from __future__ import annotations

import builtins
import collections
import enum
import itertools
import types
from collections.abc import Callable
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Builtin,
    Class,
    Coroutine,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    NativeMethod,
    Stream,
    Super,
    TypeForm,
    Undecided,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.simulation.attributes import among, missing, put, type_name
from seatrial.simulation.classes import order_of, resolve_bases, type_new, winner
from seatrial.simulation.natives import hosted
from seatrial.simulation.operators import LARGEST, is_native, iterate
from seatrial.simulation.paths import opened
from seatrial.simulation.std_typing import check_problem
from seatrial.simulation.timeline import RaisedByCode
from seatrial.simulation.wording import ABOUT_THE_NUMBER, reworded

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

Run = Callable[["Simulator", list[Value], dict[str, Value]], Value]
FUNCTIONS: dict[str, Run] = {}

_PURE = (
    "abs", "all", "any", "ascii", "bin", "chr", "divmod", "format", "hex", "max", "min", "oct", "ord", "pow", "repr",
    "round", "sorted", "sum",
)  # fmt: skip
_COUNTED = frozenset(
    {"callable", "delattr", "dir", "getattr", "globals", "hasattr", "hash", "id", "isinstance", "issubclass"}
    | {"iter", "len", "locals", "next", "setattr", "vars", "__import__", "aiter", "anext"}
)
_COUNTED_TYPES = frozenset(
    {"list", "tuple", "set", "frozenset", "dict", "reversed", "filter", "map", "zip", "enumerate"}
    | {"super", "classmethod", "staticmethod", "property", "object"}
)
_NAMING = frozenset({"getattr", "hasattr", "setattr", "delattr"})
_SINCE = {  # what is newer than the oldest release that is played
    "aiter": (3, 10), "anext": (3, 10), "EncodingWarning": (3, 10), "ExceptionGroup": (3, 11),
    "BaseExceptionGroup": (3, 11), "PythonFinalizationError": (3, 13), "_IncompleteInputError": (3, 13),
}  # fmt: skip
_PRINTS = frozenset({"sep", "end", "file", "flush"})
CALLING_TYPES = (
    collections.defaultdict, itertools.accumulate, itertools.groupby, itertools.starmap, itertools.takewhile,
    itertools.dropwhile, itertools.filterfalse,
)  # fmt: skip
_OPAQUE = (Unknown, External, ExternalInstance)


def builtin(name: str) -> Callable[[Run], Run]:
    """Register a built-in function by name."""

    def register(run: Run) -> Run:
        FUNCTIONS[name] = _counted(name, run) if name in _COUNTED else run
        return run

    return register


def _counted(name: str, run: Run) -> Run:
    """The function, but for arguments of a number or of names that the real one refuses before it looks at them."""

    def checked(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
        refusal = _refusal(name, len(args), tuple(kwargs))
        if not refusal and name in _NAMING and len(args) > 1 and not isinstance(args[1], str | Unknown):
            refusal = f"attribute name must be string, not {type_name(args[1])!r}"
        return _refused(sim, refusal) if refusal else run(sim, args, kwargs)

    return checked


def _refused(sim: Simulator, text: str) -> Value:
    return sim.player.fail(reworded(TypeError(text), sim.python), RaisedByCode("call"))


@cache
def _refusal(name: str, number: int, keywords: tuple[str, ...]) -> str:
    """What the real function says to so many arguments, here tried with objects that are good for nothing else."""
    inert = object()
    try:
        getattr(builtins, name)(*[inert] * number, **dict.fromkeys(keywords, inert))
    except TypeError as error:
        return str(error) if ABOUT_THE_NUMBER.match(str(error)) else ""
    except RuntimeError:  # super() here is in no method
        return ""
    return ""


def _pure(name: str) -> Run:
    function = getattr(builtins, name)

    def run(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
        if any(isinstance(arg, _OPAQUE) for arg in args):
            raise Undecided(f"{name} of an unknown value")
        if name == "pow" and any(isinstance(a, int) and abs(a) > 10_000 for a in args):
            raise Undecided("a power too large to compute")
        kwargs = {key: sim.to_native(value) if key == "key" else value for key, value in kwargs.items()}
        return function(*args, **kwargs)

    return run


for _name in _PURE:
    FUNCTIONS[_name] = _pure(_name)


def builtin_namespace(python: tuple[int, int]) -> dict[str, Value]:
    """All built-in names of a release, as values of the simulated program."""
    names: dict[str, Value] = {}
    for name in dir(builtins):
        if python < _SINCE.get(name, (3, 0)):
            continue
        value = getattr(builtins, name)
        if isinstance(value, type) or name in ("None", "True", "False", "Ellipsis", "NotImplemented", "__debug__"):
            names[name] = value
        elif name in FUNCTIONS:
            names[name] = Builtin(name, cast(Any, FUNCTIONS[name]))
        else:
            names[name] = Unknown(f"the built-in {name}")
    names["__name__"] = "builtins"
    return names


@builtin("print")
def _print(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    for key in kwargs:
        if key not in _PRINTS:
            return _refused(sim, f"print() got an unexpected keyword argument {key!r}")
    for arg in args:
        if isinstance(arg, Instance):
            method = sim.special(arg, "__str__")
            if isinstance(method, Bound):
                sim.call(method, [], {})
    return None


@builtin("len")
def _len(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    if isinstance(value, Class):
        method = sim.special(value, "__len__")
        if method is not ABSENT:
            return sim.call(method, [], {})
    if isinstance(value, _OPAQUE):
        raise Undecided("the length of an unknown value")
    return len(*args, **kwargs)


@builtin("isinstance")
def _isinstance(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not _is_class_info(args[1]):
        text = "isinstance() arg 2 must be a type, a tuple of types, or a union"
        text = text if sim.python >= (3, 10) else "isinstance() arg 2 must be a type or tuple of types"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    problem = check_problem(args[1], "isinstance")
    if problem is not None:
        return sim.player.fail(problem, RaisedByCode("call"))
    answer = sim.is_instance(args[0], args[1])
    return Unknown("isinstance of an unknown value") if answer is None else answer


def _is_class_info(value: Value) -> bool:
    if isinstance(value, tuple):
        return all(_is_class_info(part) for part in value)
    return isinstance(value, (type, Class, TypeForm, Builtin, *_OPAQUE))


@builtin("issubclass")
def _issubclass(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not isinstance(args[0], type | Class | External | Unknown | TypeForm):
        return sim.player.fail(TypeError("issubclass() arg 1 must be a class"), RaisedByCode("call"))
    if not _is_class_info(args[1]):
        text = "issubclass() arg 2 must be a class, a tuple of classes, or a union"
        text = text if sim.python >= (3, 10) else "issubclass() arg 2 must be a class or tuple of classes"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    problem = check_problem(args[1], "issubclass")
    if problem is not None:
        return sim.player.fail(problem, RaisedByCode("call"))
    answer = sim.is_subclass(args[0], args[1])
    return Unknown("issubclass of an unknown class") if answer is None else answer


@builtin("callable")
def _callable(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    if isinstance(value, Unknown | ExternalInstance):
        raise Undecided("whether an unknown value can be called")
    if isinstance(value, External):
        return True if value.kind in ("class", "def") else Unknown("whether a library's value can be called")
    if isinstance(value, Instance):
        return sim.special(value, "__call__") is not ABSENT
    return isinstance(value, Function | Class | Bound | Builtin | NativeMethod | type | TypeForm)


@builtin("getattr")
def _getattr(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not isinstance(args[1], str):
        return Unknown("an attribute by an unknown name")
    found = sim.get_or_catch(args[0], args[1]) if len(args) > 2 else sim.get(args[0], args[1])
    if found is not ABSENT:
        return found
    return args[2] if len(args) > 2 else sim.attribute_error(args[0], args[1])


@builtin("hasattr")
def _hasattr(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not isinstance(args[1], str):
        return Unknown("an attribute by an unknown name")
    found = sim.get_or_catch(args[0], args[1])
    if isinstance(found, Unknown) and not isinstance(args[0], Instance | Module | Class):
        return Unknown("whether an unknown value has an attribute")
    return found is not ABSENT


@builtin("setattr")
def _setattr(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    subject, name, value = args
    if isinstance(name, str):
        error = put(sim, subject, name, value)
        if error is not None:
            sim.player.fail(error, RaisedByCode("attribute"))
    return None


@builtin("delattr")
def _delattr(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    held = getattr(args[0], "namespace", None) or getattr(args[0], "attributes", None) or {}
    if held.pop(args[1], ABSENT) is ABSENT and not isinstance(args[0], _OPAQUE):
        sim.player.fail(missing(sim, args[0], args[1]), RaisedByCode("attribute"))
    return None


@builtin("iter")
def _iter(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    if len(args) > 1:
        return _iter_until(sim, value, args[1])
    if isinstance(value, Instance):
        method = sim.special(value, "__iter__")
        return sim.call(method, [], {}) if method is not ABSENT else iter(list(iterate(sim, value)))
    return value if isinstance(value, Stream) else iterate(sim, value)


def _iter_until(sim: Simulator, function: Value, sentinel: Value) -> Value:
    if not isinstance(function, _OPAQUE) and not sim.may_be_called(function):
        odd = sim.python == (3, 12)
        text = "iter(object, sentinel): object must be callable" if odd else "iter(v, w): v must be callable"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    return iter(sim.to_native(function), sentinel)


@builtin("next")
def _next(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    if isinstance(value, Instance) and sim.special(value, "__next__") is not ABSENT:
        if len(args) == 1:
            return sim.call(sim.special(value, "__next__"), [], {})
        item = sim.catching(lambda: sim.call(sim.special(value, "__next__"), [], {}), StopIteration)
        return args[1] if item is ABSENT else item
    if isinstance(value, Stream):
        item = value.advance(None, None)
        if item is not ABSENT:
            return item
        return args[1] if len(args) > 1 else sim.player.fail(StopIteration(), RaisedByCode("call"))
    if isinstance(value, _OPAQUE):
        raise Undecided("next of an unknown value")
    if not hasattr(value, "__next__"):
        return sim.player.fail(TypeError(f"{type_name(value)!r} object is not an iterator"), RaisedByCode("call"))
    return next(*args)


@builtin("aiter")
def _aiter(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return _asynchronous(sim, args[0], "__aiter__", "iterable")


@builtin("anext")
def _anext(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if len(args) > 1:
        raise Undecided("anext with a default")
    return _asynchronous(sim, args[0], "__anext__", "iterator")


def _asynchronous(sim: Simulator, value: Value, name: str, noun: str) -> Value:
    method = sim.special_or_attribute(value, name)
    if method is ABSENT:
        return _refused(sim, f"{type_name(value)!r} object is not an async {noun}")
    return sim.call(method, [], {})


@builtin("hash")
def _hash(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    hash(args[0])
    return Unknown("a hash")


@builtin("id")
def _id(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Unknown("an address")


@builtin("globals")
def _globals(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return sim.player.frame.module.namespace


@builtin("locals")
def _locals(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    frame = sim.player.frame
    return dict(frame.cell.names) if frame.cell is not None and not frame.is_class else frame.namespace


@builtin("vars")
def _vars(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not args:
        return _locals(sim, args, kwargs)
    found = sim.get(args[0], "__dict__")
    if found is ABSENT and (is_native(args[0]) or isinstance(args[0], Builtin | NativeMethod)):
        return sim.player.fail(TypeError("vars() argument must have __dict__ attribute"), RaisedByCode("call"))
    return Unknown("vars") if found is ABSENT else found


@builtin("dir")
def _dir(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    subject = args[0] if args else sim.player.frame
    if isinstance(subject, Module) and subject.first_party:
        hook = subject.namespace.get("__dir__")
        if hook is not None:
            listed = sim.call(hook, [], {})
            return sorted(listed) if isinstance(listed, list) else Unknown("dir")
    if isinstance(subject, Module) or subject is sim.player.frame:
        namespace = subject.namespace
        return sorted({*namespace, "__builtins__"})
    return Unknown("dir")


@builtin("super")
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


@builtin("property")
def _property(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    parts = [*args, None, None, None][:3]
    return Wrapped("property", kwargs.get("fget", parts[0]), kwargs.get("fset", parts[1]), kwargs.get("fdel", parts[2]))


@builtin("staticmethod")
def _staticmethod(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Wrapped("staticmethod", args[0])


@builtin("classmethod")
def _classmethod(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Wrapped("classmethod", args[0])


@builtin("type")
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


@builtin("exit")
def _exit(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return sim.player.fail(SystemExit(*args[:1]), RaisedByCode("raise"))


FUNCTIONS["quit"] = _exit


@builtin("object")
def _object(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return object() if not args else sim.player.fail(TypeError("object() takes no arguments"), RaisedByCode("call"))


@builtin("open")
def _open(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    path = args[0] if args else kwargs.get("file")
    mode = args[1] if len(args) > 1 else kwargs.get("mode", "r")
    if isinstance(path, str | PurePosixPath) and isinstance(mode, str) and "r" in mode:
        return opened(sim, path, [mode], kwargs)
    return Unknown("an open file")


@builtin("__import__")
def _dunder_import(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    from seatrial.simulation.imports import import_module

    name = args[0] if args else kwargs["name"]
    fromlist = kwargs.get("fromlist", args[3] if len(args) > 3 else ())
    level = kwargs.get("level", args[4] if len(args) > 4 else 0)
    if isinstance(name, Unknown) or not isinstance(level, int):
        raise Undecided("an import by an unknown name")
    if not isinstance(name, str):
        return sim.player.fail(TypeError("module name must be a string"), RaisedByCode("call"))
    if not name and not level:
        return sim.player.fail(ValueError("Empty module name"), RaisedByCode("call"))
    return import_module(sim, name, level, tuple(x for x in fromlist or () if isinstance(x, str)))


@builtin("exec")
def _exec(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return sim.run_text(args, "exec")


@builtin("eval")
def _eval(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return sim.run_text(args, "eval")


def call_type(sim: Simulator, kind: type, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Call a built-in type."""
    if (
        (len(args) != 1 or kwargs or kind in (map, filter))
        and kind.__name__ in _COUNTED_TYPES
        and kind.__module__ == "builtins"
    ):
        refusal = _refusal(kind.__name__, len(args), tuple(kwargs))
        if refusal:
            return _refused(sim, refusal)
    run = FUNCTIONS.get(kind.__name__) if kind in (type, super, property, staticmethod, classmethod, object) else None
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
    if any(isinstance(arg, Unknown | External | ExternalInstance) for arg in args):
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
