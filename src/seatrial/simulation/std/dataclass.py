"""`dataclasses`, as Lib/dataclasses.py of CPython 3.8 to 3.14 does it. The fields are CPython's own `Field` objects."""

from __future__ import annotations

import dataclasses
import inspect
import re
from dataclasses import MISSING, Field
from typing import TYPE_CHECKING, Any

from seatrial.libraries.values import ABSENT, Builtin, Class, External, Instance, TypeForm, Unknown, Value
from seatrial.simulation.language.annotations import evaluated_annotations
from seatrial.simulation.language.arguments import unexpected
from seatrial.simulation.language.lookup import class_lookup
from seatrial.simulation.language.natively import natively
from seatrial.simulation.std.dataclass_methods import (
    _ORDER,
    _add_frozen,
    _add_hash,
    _add_methods,
    _is_required,
    _is_stored,
)
from seatrial.simulation.std.table import function
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_FIELDS = "__dataclass_fields__"
_SINCE = {"match_args": (3, 10), "kw_only": (3, 10), "slots": (3, 10), "weakref_slot": (3, 11)}
_OF_OWN_MODULE = re.compile(r"\s*\w+(?!\s*\.)(?!\w)")  # an annotation in quotes that names no other module
_OPTIONS = {"init", "repr", "eq", "order", "unsafe_hash", "frozen", *_SINCE}


@function("dataclasses.dataclass")
def _dataclass(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    for key in kwargs:
        if key not in _OPTIONS or sim.python < _SINCE.get(key, (3, 0)):
            known = sorted(_OPTIONS, key=list(inspect.signature(dataclasses.dataclass).parameters).index)
            text = f"dataclass() got an unexpected keyword argument {unexpected(key, known, sim.python)}"
            return sim.player.fail(TypeError(text), RaisedByCode("call"))
    if args and args[0] is not None:
        return decorate(sim, args[0], kwargs)
    return Builtin("dataclass", lambda world, inner, _: decorate(sim, inner[0], kwargs), kind="function")


@function("dataclasses.field")
def _field(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if "kw_only" in kwargs and sim.python < (3, 10):
        text = "field() got an unexpected keyword argument 'kw_only'"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    plain = {key: value for key, value in kwargs.items() if key != "doc"}
    return natively(sim, lambda: dataclasses.field(*args, **plain), "call")


def decorate(sim: Simulator, cls: Value, options: dict[str, Value]) -> Value:
    """`dataclass(**options)(cls)`."""
    if not isinstance(cls, Class):
        return cls
    fields = _inherited(sim, cls, options)
    if fields is None or not _take_own(sim, cls, options, fields):
        return Unknown(f"the dataclass {cls.name}", cls)
    names = cls.namespace
    names[_FIELDS] = fields
    problem = _option_problem(cls, options) or _order_problem(sim, fields)
    if problem is not None:
        return sim.player.fail(problem, RaisedByCode("call"))
    _add_methods(sim, cls, options, fields)
    problem = _add_frozen(sim, cls, options, fields) or _add_hash(sim, cls, options, fields)
    if problem is not None:
        return sim.player.fail(problem, RaisedByCode("call"))
    if options.get("match_args", True) is not False and sim.python >= (3, 10):
        names.setdefault("__match_args__", tuple(f.name for f in fields.values() if f.init and not f.kw_only))
    return _with_slots(sim, cls, fields) if options.get("slots") is True else cls


def _inherited(sim: Simulator, cls: Class, options: dict[str, Value]) -> dict[str, Any] | None:
    fields: dict[str, Any] = {}
    frozen: bool | None = None
    for base in reversed(cls.mro[1:]):
        own = base.namespace.get(_FIELDS) if isinstance(base, Class) else None
        if isinstance(own, dict) and isinstance(base, Class):
            fields.update(own)
            frozen = bool(frozen) or "frozen" in base.traits
    wanted = options.get("frozen") is True
    if frozen is not None and frozen is not wanted:
        text = (
            "cannot inherit non-frozen dataclass from a frozen one"
            if frozen
            else "cannot inherit frozen dataclass from a non-frozen one"
        )
        sim.player.fail(TypeError(text), RaisedByCode("call"))
        return None
    return fields


def _take_own(sim: Simulator, cls: Class, options: dict[str, Value], fields: dict[str, Any]) -> bool:
    annotations = cls.namespace.get("__annotations__")
    annotations = annotations if isinstance(annotations, dict) else _put_off(sim, cls)
    keyword_only = options.get("kw_only") is True
    for name, annotation in annotations.items():
        if isinstance(annotation, str) and cls.module not in sim.modules and _OF_OWN_MODULE.match(annotation):
            sim.player.fail(AttributeError("'NoneType' object has no attribute '__dict__'"), RaisedByCode("call"))
            return False
        kind = _kind(annotation)
        if kind == "KW_ONLY" and sim.python >= (3, 10):
            keyword_only = True
            continue
        made = _own_field(sim, cls, name, annotation, kind, keyword_only)
        if made is None:
            return False
        if kind == "ClassVar":
            continue
        fields[name] = made
    for name, value in cls.namespace.items():
        if isinstance(value, Field) and name not in annotations:
            text = f"{name!r} is a field but has no type annotation"
            sim.player.fail(TypeError(text), RaisedByCode("call"))
            return False
    return True


def _put_off(sim: Simulator, cls: Class) -> dict[str, Value]:
    """From Python 3.14 on a class has its annotations when they are asked for, which dataclasses does."""
    return evaluated_annotations(sim, cls) if sim.python >= (3, 14) else {}


def _kind(annotation: Value) -> str:
    if annotation is dataclasses.KW_ONLY:
        return "KW_ONLY"
    if isinstance(annotation, str):
        head = annotation.partition("[")[0].rpartition(".")[2]
        return head if head in ("ClassVar", "InitVar", "KW_ONLY") else ""
    origin = annotation.origin if isinstance(annotation, TypeForm) else annotation
    name = origin.name.rpartition(".")[2] if isinstance(origin, External) else ""
    return name if name in ("ClassVar", "InitVar") else ""


def _own_field(sim: Simulator, cls: Class, name: str, annotation: Value, kind: str, keyword_only: bool) -> Any:
    given = class_lookup(cls, name)
    default = MISSING if given is ABSENT or _is_slot(cls, name) else given
    made: Any = default if isinstance(default, Field) else dataclasses.field(default=default)
    made.name, made.type = name, annotation
    if made.kw_only is MISSING:
        made.kw_only = keyword_only
    made._field_type = f"_FIELD_{kind}"
    text = ""
    if kind and made.default_factory is not MISSING:
        text = f"field {name} cannot have a default factory"
        error: Exception = TypeError(text)
    elif not kind and _is_mutable(sim, made.default):
        text = f"mutable default {_shown(sim, made.default)} for field {name} is not allowed: use default_factory"
        error = ValueError(text)
    if text:
        sim.player.fail(error, RaisedByCode("call"))
        return None
    if isinstance(cls.namespace.get(name), Field):
        if made.default is MISSING:
            del cls.namespace[name]
        else:
            cls.namespace[name] = made.default
    return made


def _is_slot(cls: Class, name: str) -> bool:
    slots = cls.namespace.get("__slots__", ())
    return isinstance(slots, tuple | list) and name in slots and name not in cls.namespace


def _shown(sim: Simulator, value: Value) -> str:
    return repr(value.type if isinstance(value, Instance) else sim.class_of(value))


def _is_mutable(sim: Simulator, value: Value) -> bool:
    if sim.python < (3, 11):
        return isinstance(value, list | dict | set)
    if isinstance(value, Instance):
        return class_lookup(value.type, "__hash__") is None
    return type(value).__hash__ is None


def _option_problem(cls: Class, options: dict[str, Value]) -> Exception | None:
    if options.get("order") is True and options.get("eq") is False:
        return ValueError("eq must be true if order is true")
    if options.get("order") is True:
        for name in _ORDER:
            if name in cls.namespace:
                text = f"Cannot overwrite attribute {name} in class {cls.name}. Consider using functools.total_ordering"
                return TypeError(text)
    if options.get("slots") is True and "__slots__" in cls.namespace:
        return TypeError(f"{cls.name} already specifies __slots__")
    if options.get("weakref_slot") is True and options.get("slots") is not True:
        return TypeError("weakref_slot is True but slots is False")
    return None


def _order_problem(sim: Simulator, fields: dict[str, Any]) -> Exception | None:
    seen = ""
    for field in fields.values():
        if field.kw_only is True or not field.init:
            continue
        if not _is_required(field):
            seen = field.name
        elif seen:
            tail = f" {seen!r}" if sim.python >= (3, 13) else ""
            return TypeError(f"non-default argument {field.name!r} follows default argument{tail}")
    return None


def _with_slots(sim: Simulator, cls: Class, fields: dict[str, Any]) -> Value:
    """The class anew, with `__slots__`: functions that call `super()` still belong to the old one."""
    names = dict(cls.namespace)
    inherited = {f for base in cls.mro[1:] if isinstance(base, Class) for f in base.namespace.get("__slots__", ())}
    own = [field.name for field in fields.values() if _is_stored(field)]
    for name in own:
        names.pop(name, None)
    names["__slots__"] = tuple(name for name in own if name not in inherited)
    made = Class(
        cls.name, cls.qualname, cls.module, cls.bases, names, cls.mro, cls.metaclass, cls.node, cls.home, cls.traits
    )
    made.mro = (made, *cls.mro[1:])
    sim.classes.append(made)
    return made


# -- functions over dataclasses ------------------------------------------------------------------------------------


def _fields_of(sim: Simulator, value: Value) -> dict[str, Any] | None:
    cls = value.type if isinstance(value, Instance) else value
    found = class_lookup(cls, _FIELDS) if isinstance(cls, Class) else None
    return found if isinstance(found, dict) else None


@function("dataclasses.fields")
def _fields(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found = _fields_of(sim, args[0])
    if found is None:
        if isinstance(args[0], Unknown):
            return Unknown("fields")
        return sim.player.fail(TypeError("must be called with a dataclass type or instance"), RaisedByCode("call"))
    return tuple(field for field in found.values() if _is_stored(field))


@function("dataclasses.is_dataclass")
def _is_dataclass(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return (
        Unknown("whether it is a dataclass") if isinstance(args[0], Unknown) else _fields_of(sim, args[0]) is not None
    )


@function("dataclasses.asdict")
def _asdict(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not isinstance(args[0], Instance) or kwargs:
        return Unknown("a dataclass as a dict")
    if _fields_of(sim, args[0]) is None:
        text = "asdict() should be called on dataclass instances"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    return _plain(sim, args[0])


def _plain(sim: Simulator, value: Value) -> Value:
    fields = _fields_of(sim, value) if isinstance(value, Instance) else None
    if fields is not None:
        return {f.name: _plain(sim, sim.get(value, f.name)) for f in fields.values() if _is_stored(f)}
    if type(value) in (list, tuple):
        return type(value)(_plain(sim, item) for item in value)
    if type(value) is dict:
        return {_plain(sim, key): _plain(sim, item) for key, item in value.items()}
    return value


@function("dataclasses.replace")
def _replace(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    fields = _fields_of(sim, args[0]) if isinstance(args[0], Instance) else None
    if fields is None:
        if isinstance(args[0], Unknown):
            return Unknown("a replaced dataclass")
        text = "replace() should be called on dataclass instances"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    given = dict(kwargs)
    for field in fields.values():
        if not field.init:
            if field.name in given:
                text = f"field {field.name} is declared with init=False, it cannot be specified with replace()"
                error = TypeError if sim.python >= (3, 13) else ValueError
                return sim.player.fail(error(text), RaisedByCode("call"))
        elif field.name not in given and _is_stored(field):
            given[field.name] = sim.get(args[0], field.name)
    return sim.call(args[0].type, [], given)
