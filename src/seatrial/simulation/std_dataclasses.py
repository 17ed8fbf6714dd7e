"""`dataclasses`, as Lib/dataclasses.py of CPython 3.8 to 3.14 does it. The fields are CPython's own `Field` objects."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from dataclasses import MISSING, Field
from typing import TYPE_CHECKING, Any

from seatrial.libraries.values import (
    ABSENT,
    Builtin,
    Class,
    External,
    Function,
    Instance,
    TypeForm,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.simulation.annotations import evaluated_annotations
from seatrial.simulation.arguments import bind_arguments, unexpected
from seatrial.simulation.attributes import class_lookup, put_plainly
from seatrial.simulation.operators import natively
from seatrial.simulation.std_table import function
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_FIELDS = "__dataclass_fields__"
_SINCE = {"match_args": (3, 10), "kw_only": (3, 10), "slots": (3, 10), "weakref_slot": (3, 11)}
_OPTIONS = {"init", "repr", "eq", "order", "unsafe_hash", "frozen", *_SINCE}
_ORDER = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


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


def _is_required(field: Any) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _is_stored(field: Any) -> bool:
    return bool(field._field_type != "_FIELD_InitVar")


class _Default:
    """The default of a field, made anew for each object where it has a factory."""

    def __init__(self, field: Any) -> None:
        self.field = field

    def make(self, sim: Simulator) -> Value:
        """The value for one object."""
        return (
            self.field.default
            if self.field.default_factory is MISSING
            else sim.call(self.field.default_factory, [], {})
        )


def _add_methods(sim: Simulator, cls: Class, options: dict[str, Value], fields: dict[str, Any]) -> None:
    names = cls.namespace
    if options.get("init") is not False and "__init__" not in names:
        names["__init__"] = _initialiser(sim, cls, fields)
    if options.get("repr") is not False and "__repr__" not in names:
        names["__repr__"] = Builtin("__repr__", _text_of(sim, fields), kind="function", binds=True)
    if options.get("eq") is not False and "__eq__" not in names:
        names["__eq__"] = Builtin("__eq__", _comparison(sim, cls, fields, "=="), kind="function", binds=True)
    if options.get("order") is True:
        for name, symbol in _ORDER.items():
            names[name] = Builtin(name, _comparison(sim, cls, fields, symbol), kind="function", binds=True)


def _initialiser(sim: Simulator, cls: Class, fields: dict[str, Any]) -> Value:
    template = _template(sim, cls, [field for field in fields.values() if field.init])

    def run(world: object, given: list[Value], kwargs: dict[str, Value]) -> Value:
        names = bind_arguments(template, given, kwargs, sim.python)
        if isinstance(names, TypeError):
            return sim.player.fail(names, RaisedByCode("call"))
        instance = names.pop("self")
        initial: list[Value] = []
        for field in fields.values():
            value = names.get(field.name, _Default(field)) if field.init or not _is_required(field) else ABSENT
            if value is ABSENT or (not field.init and field.default_factory is MISSING):
                continue
            value = value.make(sim) if isinstance(value, _Default) else value
            if _is_stored(field):
                _store(sim, cls, instance, field.name, value)
            else:
                initial.append(value)
        hook = class_lookup(cls, "__post_init__")
        if hook is not ABSENT:
            sim.call(sim.get(instance, "__post_init__"), initial, {})
        return None

    return Builtin(f"{cls.qualname}.__init__", run, {"__name__": "__init__"}, kind="function", binds=True)


def _store(sim: Simulator, cls: Class, instance: Instance, name: str, value: Value) -> None:
    error = put_plainly(sim, instance, name, value) if "frozen" in cls.traits else sim.put(instance, name, value)
    if error is not None:
        sim.player.fail(error, RaisedByCode("attribute"))


def _template(sim: Simulator, cls: Class, used: list[Any]) -> Function:
    """A function with the parameters that the fields ask for."""
    plain = [f for f in used if f.kw_only is not True]
    keywords = [f for f in used if f.kw_only is True]
    args = ast.arguments(
        posonlyargs=[],
        args=[ast.arg("self"), *(ast.arg(f.name) for f in plain)],
        kwonlyargs=[ast.arg(f.name) for f in keywords],
        kw_defaults=[],
        defaults=[],
        vararg=None,
        kwarg=None,
    )
    node = ast.Lambda(args=args, body=ast.Constant(None), lineno=1, col_offset=0)
    home = cls.home if cls.home is not None else sim.player.frame.module
    defaults = tuple(_Default(f) for f in plain if not _is_required(f))
    optional: dict[str, Value] = {f.name: _Default(f) for f in keywords if not _is_required(f)}
    return Function(node, home, None, "__init__", f"{cls.qualname}.__init__", defaults, optional)


def _text_of(sim: Simulator, fields: dict[str, Any]) -> Any:
    shown = [field.name for field in fields.values() if field.repr and _is_stored(field)]

    def text(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        parts = []
        for name in shown:
            value = sim.get(args[0], name)
            parts.append(f"{name}={sim.attribute_error(args[0], name) if value is ABSENT else value!r}")
        return f"{sim.get(sim.class_of(args[0]), '__qualname__')}({', '.join(parts)})"

    return text


def _comparison(sim: Simulator, cls: Class, fields: dict[str, Any], symbol: str) -> Any:
    compared = [field.name for field in fields.values() if field.compare and _is_stored(field)]

    def run(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        left, right = args
        if not isinstance(left, Instance) or sim.class_of(right) is not left.type:
            return NotImplemented
        ours, theirs = ([sim.get(side, name) for name in compared] for side in (left, right))
        tests = {"==": tuple.__eq__, "<": tuple.__lt__, "<=": tuple.__le__, ">": tuple.__gt__, ">=": tuple.__ge__}
        return natively(sim, lambda: tests[symbol](tuple(ours), tuple(theirs)), "operator")

    return run


def _add_frozen(sim: Simulator, cls: Class, options: dict[str, Value], fields: dict[str, Any]) -> Exception | None:
    if options.get("frozen") is not True:
        return None
    for name, verb in (("__setattr__", "assign to"), ("__delattr__", "delete")):
        if name in cls.namespace:
            return TypeError(f"Cannot overwrite attribute {name} in class {cls.name}")
        cls.namespace[name] = Builtin(name, _refusing(sim, cls, fields, name, verb), kind="function", binds=True)
    cls.traits |= {"frozen"}
    return None


def _refusing(sim: Simulator, cls: Class, fields: dict[str, Any], method: str, verb: str) -> Any:
    def run(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        instance, name = args[0], args[1]
        if instance.type is cls or name in fields:
            error = dataclasses.FrozenInstanceError(f"cannot {verb} field {name!r}")
            return sim.player.fail(error, RaisedByCode("attribute"))
        following = sim.above(cls, instance, method)
        return sim.call(following, args[1:], {})

    return run


def _add_hash(sim: Simulator, cls: Class, options: dict[str, Value], fields: dict[str, Any]) -> Exception | None:
    names = cls.namespace
    explicit = "__hash__" in names and not (names["__hash__"] is None and _hash_was_implied(cls))
    unsafe, eq, frozen = (options.get(key) is True for key in ("unsafe_hash", "eq", "frozen"))
    eq = options.get("eq") is not False
    if unsafe and explicit:
        return TypeError(f"Cannot overwrite attribute __hash__ in class {cls.name}")
    if unsafe or (eq and frozen and not explicit):
        used = [f.name for f in fields.values() if _is_stored(f) and (f.compare if f.hash is None else f.hash)]
        names["__hash__"] = Builtin("__hash__", _hashing(sim, used), kind="function", binds=True)
    elif eq and not explicit:
        names["__hash__"] = None
    return None


def _hash_was_implied(cls: Class) -> bool:
    own = cls.namespace.get("__eq__")
    return isinstance(own, Function | Wrapped) or own is None or isinstance(own, Builtin)


def _hashing(sim: Simulator, names: list[str]) -> Any:
    def run(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        return natively(sim, lambda: hash(tuple(sim.get(args[0], name) for name in names)), "call")

    return run


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
