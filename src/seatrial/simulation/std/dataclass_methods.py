"""The methods that `@dataclass` adds to a class."""

from __future__ import annotations

import ast
import dataclasses
from dataclasses import MISSING
from typing import TYPE_CHECKING, Any

from seatrial.libraries.values import ABSENT, Builtin, Class, Function, Instance, Value, Wrapped
from seatrial.simulation.language.arguments import bind_arguments
from seatrial.simulation.language.lookup import class_lookup
from seatrial.simulation.language.natively import natively
from seatrial.simulation.language.storing import put_plainly
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_ORDER = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


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
