"""Making classes: bases, metaclass, method resolution order, and what `type.__new__` does with a class body.

Source: `__build_class__` in Python/bltinmodule.c and `type_new` in Objects/typeobject.c of CPython 3.8 to 3.14.
"""

from __future__ import annotations

import abc
import types
from typing import TYPE_CHECKING, Any, cast

from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Builtin,
    Class,
    Coroutine,
    External,
    Function,
    Instance,
    Module,
    NativeMethod,
    Stream,
    TypeForm,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.simulation.language.attributes import get, special
from seatrial.simulation.language.hosts import enum_namespace, is_enum_metaclass, make_enum, make_named_tuple
from seatrial.simulation.language.lookup import among, bind, class_lookup, derives_from_outside, handler_of, type_name
from seatrial.simulation.language.natively import natively
from seatrial.simulation.language.typing_forms import real_base
from seatrial.simulation.player import Raised
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_TRANSPARENT = {  # bases that add no attribute of their own
    "abc.ABC": "abstract",
    "typing.Generic": "generic",
    "typing.Protocol": "protocol",
    "typing_extensions.Protocol": "protocol",
    "typing_extensions.Generic": "generic",
}
_NAMED_TUPLES = frozenset({"typing.NamedTuple", "typing_extensions.NamedTuple"})
_TYPED_DICTS = frozenset({"typing.TypedDict", "typing_extensions.TypedDict"})
_HOST_TYPES: dict[type, type] = {
    Function: types.FunctionType,
    Module: types.ModuleType,
    Bound: types.MethodType,
    Stream: types.GeneratorType,
    Coroutine: types.CoroutineType,
    Builtin: types.BuiltinFunctionType,
    NativeMethod: types.BuiltinFunctionType,
}


def resolve_bases(sim: Simulator, bases: list[Value]) -> tuple[list[Value], frozenset[str]]:
    """The bases as classes (`__mro_entries__`, parametrised types), and the traits they bring."""
    known: list[Value] = []
    traits: set[str] = set()
    for base in bases:
        known.extend(_resolved(sim, base, bases, traits))
    return known, frozenset(traits)


def _resolved(sim: Simulator, base: Value, bases: list[Value], traits: set[str]) -> list[Value]:
    if isinstance(base, TypeForm):
        traits.add("generic")
        base = base.origin
    base = real_base(base)
    if isinstance(base, Unknown) and isinstance(base.hint, Class):
        base = base.hint
    if isinstance(base, Builtin) and (base.kind == "type" or base.kind.startswith("functools.")):
        base = External(base.name, "class")
    if isinstance(base, External) and base.name in _TRANSPARENT:
        traits.update({_TRANSPARENT[base.name], "generic"} if "typing" in base.name else {"abstract"})
        return []
    if isinstance(base, Instance):
        entries = special(sim, base, "__mro_entries__")
        if entries is not ABSENT:
            found = sim.call(entries, [tuple(bases)], {})
            return list(found) if isinstance(found, tuple) else [Unknown("a base class")]
    return [base]


def winner(sim: Simulator, metaclass: Value, bases: list[Value]) -> Value:
    """The most derived metaclass; ABSENT after the TypeError of a conflict that nothing catches."""
    if metaclass is None:
        metaclass = metaclass_of(bases[0]) if bases else type
    if isinstance(metaclass, Function | Builtin | Instance | Bound):
        return metaclass  # any callable may stand for a metaclass
    for base in bases:
        other = metaclass_of(base)
        if not isinstance(metaclass, Class | type) or not isinstance(other, Class | type):
            return Unknown("the metaclass of a class outside the backend")
        if _derives(metaclass, other):
            continue
        if not _derives(other, metaclass):
            text = (
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the "
                "metaclasses of all its bases"
            )
            sim.player.fail(TypeError(text), RaisedByCode("call"))
            return ABSENT
        metaclass = other
    return metaclass


def metaclass_of(base: Value) -> Value:
    """The type of a base class, which need not be a class at all."""
    if isinstance(base, Class):
        return base.metaclass
    if isinstance(base, Instance):
        return base.type
    if isinstance(base, type):
        return type(base)
    return (
        _HOST_TYPES.get(type(base))
        or handler_of(base, _HOST_TYPES)
        or (Unknown("a metaclass") if _is_outside(base) else type(base))
    )


def _is_outside(value: Value) -> bool:
    return type(value).__module__.startswith("seatrial.")


def _derives(cls: Value, other: Value) -> bool:
    return any(base is other for base in order_of(cls))


def order_of(cls: Value) -> tuple[Value, ...]:
    """The method resolution order of any class."""
    if isinstance(cls, Class):
        return cls.mro
    return tuple(cls.__mro__) if isinstance(cls, type) else (cls,)


def make_class(
    sim: Simulator,
    name: str,
    bases: list[Value],
    keywords: dict[str, Value],
    namespace: dict[str, Value],
    traits: frozenset[str] = frozenset(),
) -> Value:
    """`metaclass(name, bases, namespace, **keywords)`, as the class statement calls it."""
    given = dict(keywords)
    metaclass = winner(sim, given.pop("metaclass", None), bases)
    if metaclass is ABSENT:
        return Unknown("a class that is not there")
    if any(isinstance(base, External) and base.name in _NAMED_TUPLES for base in bases):
        return make_named_tuple(sim, name, namespace)
    if any(isinstance(base, External) and base.name in _TYPED_DICTS for base in bases) or _extends_typed_dict(bases):
        metaclass, traits, given = type, traits | {"typed dict"}, {}
        bases = [base for base in bases if isinstance(base, Class)]
    sim.traits = traits
    if metaclass is type or isinstance(metaclass, Unknown | External) or metaclass is abc.ABCMeta:
        return type_new(sim, metaclass, name, tuple(bases), namespace, given)
    if is_enum_metaclass(metaclass):
        return make_enum(sim, metaclass, name, bases, namespace, given)
    if isinstance(metaclass, type) and not issubclass(metaclass, type):
        return natively(sim, lambda: cast(Any, metaclass)(name, tuple(bases), namespace, **given), "call")
    return sim.call(metaclass, [name, tuple(bases), namespace], given)


def _extends_typed_dict(bases: list[Value]) -> bool:
    return any(isinstance(base, Class) and "typed dict" in base.traits for base in bases)


def type_new(
    sim: Simulator,
    metaclass: Value,
    name: Value,
    bases: tuple[Value, ...],
    namespace: Value,
    keywords: dict[str, Value],
) -> Value:
    """`type.__new__(metaclass, name, bases, namespace, **keywords)`."""
    for position, (value, kind) in enumerate(((name, str), (bases, tuple), (namespace, dict)), 1):
        if isinstance(value, Unknown):
            return Unknown("a class made from unknown values")
        if not isinstance(value, kind):
            text = f"type.__new__() argument {position} must be {kind.__name__}, not {type_name(value)}"
            return sim.player.fail(TypeError(text), RaisedByCode("call"))
    names = dict(namespace)
    traits, sim.traits = sim.traits, frozenset()
    known, more = resolve_bases(sim, list(bases))
    problem = _bad_bases(known)
    if problem:
        return sim.player.fail(TypeError(problem), RaisedByCode("call"))
    cls = _new_class(sim, metaclass, str(name), tuple(known), names, traits | more)
    order = _linearise(cls)
    if order is None:
        return sim.player.fail(TypeError(_mro_text(known, sim.python)), RaisedByCode("call"))
    cls.mro = order
    slots = _slots_problem(cls, names)
    if slots is not None:
        return sim.player.fail(slots, RaisedByCode("call"))
    return _finish(sim, cls, keywords)


def _new_class(
    sim: Simulator, metaclass: Value, name: str, bases: tuple[Value, ...], names: dict[str, Value], own: frozenset[str]
) -> Class:
    home = sim.player.frame.module
    module = names.setdefault("__module__", home.namespace.get("__name__"))
    qualname = names.pop("__qualname__", name)
    node = names.pop("__seatrial_node__", None)
    owner = names.pop("__seatrial_owner__", None)
    traits = own | frozenset(
        t for base in bases if isinstance(base, Class) for t in base.traits - {"protocol", "frozen"}
    )
    if (isinstance(metaclass, type) and issubclass(metaclass, abc.ABCMeta)) or (
        isinstance(metaclass, Class) and among(abc.ABCMeta, metaclass.mro)
    ):
        traits |= {"abstract"}
    if any(isinstance(base, Class) and "protocol" in base.traits for base in bases):
        traits |= {"abstract"}
    cls = Class(
        name,
        qualname if isinstance(qualname, str) else name,
        module if isinstance(module, str) else "",
        bases,
        names,
        traits=traits,
        home=home,
        node=node,
    )
    cls.metaclass = metaclass
    if owner is not None:
        owner.cls = cls  # from here on `super()` and `__class__` work in its methods
    return cls


def _finish(sim: Simulator, cls: Class, keywords: dict[str, Value]) -> Value:
    """The rest of `type.__new__`: implicit wrappers, `__set_name__`, `__init_subclass__`."""
    sim.classes.append(cls)
    names = cls.namespace
    if isinstance(names.get("__new__"), Function):
        names["__new__"] = Wrapped("staticmethod", names["__new__"])
    for hook in ("__init_subclass__", "__class_getitem__"):
        if isinstance(names.get(hook), Function):
            names[hook] = Wrapped("classmethod", names[hook])
    if "__eq__" in names and "__hash__" not in names:
        names["__hash__"] = None
    if not _set_names(sim, cls):
        return Unknown(f"the class {cls.name}", cls)
    _init_subclass(sim, cls, keywords)
    return sim.class_made(cls, keywords)


def _set_names(sim: Simulator, cls: Class) -> bool:
    for key, item in list(cls.namespace.items()):
        if isinstance(item, Instance) and class_lookup(item.type, "__set_name__") is not ABSENT:
            hook = special(sim, item, "__set_name__")
            if not _call_set_name(sim, hook, cls, key, item):
                return False
        elif isinstance(item, Builtin) and "__set_name__" in item.attributes:
            sim.call(item.attributes["__set_name__"], [cls, key], {})
    return True


def _call_set_name(sim: Simulator, hook: Value, cls: Class, key: str, item: Value) -> bool:
    """Before 3.12 CPython wraps what a `__set_name__` raises."""
    if sim.python >= (3, 12):
        sim.call(hook, [cls, key], {})
        return True
    answer = sim.tried(lambda: sim.call(hook, [cls, key], {}))
    if not isinstance(answer, Raised):
        return True
    text = f"Error calling __set_name__ on {type_name(item)!r} instance {key!r} in {cls.name!r}"
    sim.player.fail(RuntimeError(text), answer.fault)
    return False


def _init_subclass(sim: Simulator, cls: Class, keywords: dict[str, Value]) -> None:
    for base in cls.mro[1:]:
        if not isinstance(base, Class):
            if isinstance(base, type):
                continue
            return
        hook = base.namespace.get("__init_subclass__")
        if hook is not None:
            sim.call(bind(sim, hook, ABSENT, cls), [], dict(keywords))
            return
    if keywords and not derives_from_outside(cls):
        sim.player.fail(TypeError(f"{cls.name}.__init_subclass__() takes no keyword arguments"), RaisedByCode("call"))


def _bad_bases(bases: list[Value]) -> str:
    for base in bases:
        if isinstance(base, Class | Unknown | External) or _is_outside(base):
            continue
        if not isinstance(base, type):
            return "bases must be types"
        if not _is_acceptable(base):
            return f"type '{_spelt(base)}' is not an acceptable base type"
    return _layout_conflict(bases)


def _spelt(kind: type) -> str:
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _is_acceptable(base: type) -> bool:
    return bool(base.__flags__ & (1 << 10))  # Py_TPFLAGS_BASETYPE


def _layout_conflict(bases: list[Value]) -> str:
    solid = [_solid(base) for base in bases]
    for left in solid:
        for right in solid:
            if not issubclass(left, right) and not issubclass(right, left):
                try:
                    type("_", (left, right), {})
                except TypeError as error:
                    return str(error) if "lay-out" in str(error) else ""
    return ""


def _solid(base: Value) -> type:
    for one in order_of(base):
        if isinstance(one, type):
            return one
    return object


def _linearise(cls: Class) -> tuple[Value, ...] | None:
    """C3, as CPython orders the bases; None where no order exists."""
    tails = [list(order_of(base)) for base in cls.bases] + [list(cls.bases)]
    order: list[Value] = [cls]
    while any(tails):
        for tail in tails:
            if tail and not any(tail[0] is other for rest in tails for other in rest[1:]):
                head = tail[0]
                break
        else:
            return None
        order.append(head)
        for tail in tails:
            if tail and tail[0] is head:
                tail.pop(0)
    if object not in [item for item in order if isinstance(item, type)]:
        order.append(object)
    return tuple(order)


def _mro_text(bases: list[Value], python: tuple[int, int]) -> str:
    names = ", ".join(b.name if isinstance(b, Class) else getattr(b, "__name__", "?") for b in bases)
    duplicates = [b for i, b in enumerate(bases) if any(b is c for c in bases[:i])]
    if duplicates:
        first = duplicates[0]
        return f"duplicate base class {first.name if isinstance(first, Class) else first.__name__}"
    space = " " if python >= (3, 13) else "\n"
    return f"Cannot create a consistent method resolution{space}order (MRO) for bases {names}"


def _slots_problem(cls: Class, names: dict[str, Value]) -> BaseException | None:
    slots = names.get("__slots__")
    listed = [slots] if isinstance(slots, str) else slots
    if not isinstance(listed, list | tuple | dict):
        return None
    for slot in listed:
        if isinstance(slot, Unknown):
            return None
        if not isinstance(slot, str):
            return TypeError(f"__slots__ items must be strings, not {type_name(slot)!r}")
        if not slot.isidentifier():
            return TypeError("__slots__ must be identifiers")
        if slot in names and slot not in ("__qualname__", "__classcell__"):
            return ValueError(f"{slot!r} in __slots__ conflicts with class variable")
    return None


def prepared(
    sim: Simulator, metaclass: Value, name: str, bases: list[Value], keywords: dict[str, Value]
) -> dict[str, Value]:
    """The namespace in which a class body runs: what `__prepare__` of the metaclass gives."""
    if is_enum_metaclass(metaclass):
        return enum_namespace(sim, metaclass, name, bases, keywords)
    if not isinstance(metaclass, Class):
        return {}
    hook = class_lookup(metaclass, "__prepare__")
    if not isinstance(hook, Wrapped | Function):
        return {}
    made = sim.call(get(sim, metaclass, "__prepare__"), [name, tuple(bases)], keywords)
    return made if isinstance(made, dict) else {}
