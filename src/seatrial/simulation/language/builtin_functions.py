"""The built-in functions, as the simulated program sees them."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Builtin,
    Class,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    NativeMethod,
    Stream,
    TypeForm,
    Undecided,
    Unknown,
    Value,
)
from seatrial.simulation.language.arguments import unexpected
from seatrial.simulation.language.attribute_errors import missing
from seatrial.simulation.language.builtin_arguments import COUNTED, Run, counted, refused
from seatrial.simulation.language.iteration import iterate
from seatrial.simulation.language.lookup import type_name
from seatrial.simulation.language.natively import OPAQUE, is_native
from seatrial.simulation.language.storing import put
from seatrial.simulation.language.typing_forms import check_problem
from seatrial.simulation.language.wording import reworded
from seatrial.simulation.paths import opened
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

FUNCTIONS: dict[str, Run] = {}

_PURE = (
    "abs", "all", "any", "ascii", "bin", "chr", "divmod", "format", "hex", "max", "min", "oct", "ord", "pow", "repr",
    "round", "sorted", "sum",
)  # fmt: skip
_SINCE = {  # what is newer than the oldest release that is played
    "aiter": (3, 10), "anext": (3, 10), "EncodingWarning": (3, 10), "ExceptionGroup": (3, 11),
    "BaseExceptionGroup": (3, 11), "PythonFinalizationError": (3, 13), "_IncompleteInputError": (3, 13),
}  # fmt: skip
_OF_OPEN = ("file", "mode", "buffering", "encoding", "errors", "newline", "closefd", "opener")
_PRINTS = frozenset({"sep", "end", "file", "flush"})


def builtin(name: str) -> Callable[[Run], Run]:
    """Register a built-in function by name."""

    def register(run: Run) -> Run:
        FUNCTIONS[name] = counted(name, run) if name in COUNTED else run
        return run

    return register


def _pure(name: str) -> Run:
    function = getattr(builtins, name)

    def run(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
        if any(isinstance(arg, OPAQUE) for arg in args):
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
            return refused(sim, f"print() got an unexpected keyword argument {key!r}")
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
    if isinstance(value, OPAQUE):
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
    return isinstance(value, (type, Class, TypeForm, Builtin, *OPAQUE))


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
    if held.pop(args[1], ABSENT) is ABSENT and not isinstance(args[0], OPAQUE):
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
    if not isinstance(function, OPAQUE) and not sim.may_be_called(function):
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
    if isinstance(value, OPAQUE):
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
        return refused(sim, f"{type_name(value)!r} object is not an async {noun}")
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


@builtin("exit")
def _exit(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return sim.player.fail(SystemExit(*args[:1]), RaisedByCode("raise"))


FUNCTIONS["quit"] = _exit


@builtin("open")
def _open(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    key = next((key for key in kwargs if key not in _OF_OPEN), None)
    if key is not None:
        text = f"open() got an unexpected keyword argument {unexpected(key, _OF_OPEN, sim.python)}"
        return sim.player.fail(reworded(TypeError(text), sim.python), RaisedByCode("call"))
    path = args[0] if args else kwargs.get("file")
    mode = args[1] if len(args) > 1 else kwargs.get("mode", "r")
    if isinstance(path, str | PurePosixPath) and isinstance(mode, str) and "r" in mode:
        return opened(sim, path, [mode], kwargs)
    return Unknown("an open file")


@builtin("__import__")
def _dunder_import(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    from seatrial.simulation.language.imports import import_module

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
