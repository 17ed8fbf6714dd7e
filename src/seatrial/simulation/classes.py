"""Making classes and objects: bases, method resolution order, metaclasses, `__new__` and `__init__`."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Class,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    NativeMethod,
    TypeForm,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.simulation.attributes import (
    bind,
    class_lookup,
    derives_from_outside,
    is_exception_class,
    special,
    type_name,
)
from seatrial.simulation.operators import natively
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_TRANSPARENT = {  # bases that add no attribute of their own
    "abc.ABC": "abstract",
    "typing.Generic": "generic",
    "typing.Protocol": "generic",
    "typing_extensions.Protocol": "generic",
    "typing_extensions.Generic": "generic",
}
_ENUMS = {f"enum.{name}": getattr(enum, name) for name in ("Enum", "IntEnum", "Flag", "IntFlag")}
if hasattr(enum, "StrEnum"):
    _ENUMS["enum.StrEnum"] = enum.StrEnum


def make_class(
    sim: Simulator,
    name: str,
    qualname: str,
    bases: list[Value],
    keywords: dict[str, Value],
    namespace: dict[str, Value],
    home: Module | None,
) -> Value:
    """`type(name, bases, namespace, **keywords)`, metaclass and hooks included."""
    metaclass = keywords.pop("metaclass", None)
    known, traits = _normal_bases(sim, bases)
    for base in known:
        problem = _bad_base(base)
        if problem:
            return sim.player.fail(TypeError(problem), RaisedByCode("call"))
    metaclass = _winner(metaclass, known)
    if metaclass is None:
        text = "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    if isinstance(metaclass, External) and metaclass.name == "abc.ABCMeta":
        traits, metaclass = traits | {"abstract"}, type
    traits |= frozenset(trait for base in known if isinstance(base, Class) for trait in base.traits)
    module = namespace.get("__module__")
    cls = Class(
        name, qualname, module if isinstance(module, str) else "", tuple(known), namespace, traits=traits, home=home
    )
    cls.metaclass = metaclass
    order = _linearise(cls)
    if order is None:
        return sim.player.fail(TypeError(_mro_text(known)), RaisedByCode("call"))
    cls.mro = order
    if isinstance(metaclass, Class):
        return _by_metaclass(sim, metaclass, cls, keywords)
    return finish_class(sim, cls, keywords)


def _by_metaclass(sim: Simulator, metaclass: Class, cls: Class, keywords: dict[str, Value]) -> Value:
    new = class_lookup(metaclass, "__new__")
    made: Value = cls
    if isinstance(new, Function | Wrapped):
        function = new.function if isinstance(new, Wrapped) else new
        sim.pending_class = cls
        made = sim.call(function, [metaclass, cls.name, cls.bases, cls.namespace], dict(keywords))
        sim.pending_class = None
    else:
        finish_class(sim, cls, keywords)
    init = class_lookup(metaclass, "__init__")
    if isinstance(init, Function) and isinstance(made, Class):
        sim.call(init, [made, cls.name, cls.bases, cls.namespace], dict(keywords))
    return made


def finish_class(sim: Simulator, cls: Class, keywords: dict[str, Value]) -> Value:
    """What `type.__new__` does after the class is there: `__set_name__`, `__init_subclass__`."""
    sim.classes.append(cls)
    for key, item in list(cls.namespace.items()):
        if isinstance(item, Function):
            item.owner = item.owner or cls
        elif isinstance(item, Wrapped):
            for function in (item.function, item.setter, item.deleter):
                if isinstance(function, Function):
                    function.owner = function.owner or cls
        elif isinstance(item, Instance) and class_lookup(item.type, "__set_name__") is not ABSENT:
            sim.call(special(sim, item, "__set_name__"), [cls, key], {})
    if isinstance(cls.namespace.get("__init_subclass__"), Function):
        cls.namespace["__init_subclass__"] = Wrapped("classmethod", cls.namespace["__init_subclass__"])
    if isinstance(cls.namespace.get("__class_getitem__"), Function):
        cls.namespace["__class_getitem__"] = Wrapped("classmethod", cls.namespace["__class_getitem__"])
    _init_subclass(sim, cls, keywords)
    return sim.class_made(cls, keywords)


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
        text = f"{cls.name}.__init_subclass__() takes no keyword arguments"
        sim.player.fail(TypeError(text), RaisedByCode("call"))


def _normal_bases(sim: Simulator, bases: list[Value]) -> tuple[list[Value], frozenset[str]]:
    known: list[Value] = []
    traits: set[str] = set()
    for base in bases:
        if isinstance(base, TypeForm):
            traits.add("generic")
            base = base.origin
        if isinstance(base, Unknown) and isinstance(base.hint, Class):
            base = base.hint
        if isinstance(base, External):
            if base.name in _TRANSPARENT:
                traits.add(_TRANSPARENT[base.name])
                continue
            base = _ENUMS.get(base.name) or sim.native_class(base) or base
        if isinstance(base, type) and issubclass(base, enum.Enum):
            traits.add("enum")
        known.append(base)
    return known, frozenset(traits)


def _bad_base(base: Value) -> str:
    if isinstance(base, bool | type(None) | type(Ellipsis)) or (isinstance(base, type) and base in (bool, type(None))):
        name = base.__name__ if isinstance(base, type) else type(base).__name__
        if isinstance(base, type):
            return f"type '{name}' is not an acceptable base type"
    if isinstance(base, Function):
        return "function() argument 'code' must be code, not str"
    if isinstance(base, Module):
        return "module() takes at most 2 arguments (3 given)"
    return ""


def _winner(metaclass: Value, bases: list[Value]) -> Value:
    """The most derived metaclass; None where there is none."""
    if any(not isinstance(base, Class | type) for base in bases) and metaclass is None:
        return Unknown("the metaclass of a class outside the backend")
    winner = type if metaclass is None else metaclass
    if not isinstance(winner, Class | type):
        return winner
    for base in bases:
        other = base.metaclass if isinstance(base, Class) else type(base)
        if not isinstance(other, Class | type) or _derives(winner, other):
            continue
        if not _derives(other, winner):
            return None
        winner = other
    return winner


def _derives(cls: Value, other: Value) -> bool:
    return other is type or any(base is other for base in _order_of(cls))


def _linearise(cls: Class) -> tuple[Value, ...] | None:
    """C3, as CPython orders the bases; None where no order exists."""
    tails = [list(_order_of(base)) for base in cls.bases] + [list(cls.bases)]
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


def _order_of(base: Value) -> tuple[Value, ...]:
    if isinstance(base, Class):
        return base.mro
    return tuple(base.__mro__) if isinstance(base, type) else (base,)


def _mro_text(bases: list[Value]) -> str:
    names = ", ".join(b.name if isinstance(b, Class) else getattr(b, "__name__", "?") for b in bases)
    duplicates = [b for i, b in enumerate(bases) if any(b is c for c in bases[:i])]
    if duplicates:
        return (
            f"duplicate base class {duplicates[0].name if isinstance(duplicates[0], Class) else duplicates[0].__name__}"
        )
    return f"Cannot create a consistent method resolution order (MRO) for bases {names}"


def bare_instance(sim: Simulator, cls: Class) -> Instance:
    """What `object.__new__(cls)` gives."""
    return Instance(cls, sim)


def abstract_methods(cls: Class) -> list[str]:
    """The names that are still abstract, sorted as CPython lists them."""
    names: dict[str, None] = {}
    for base in cls.mro:
        if isinstance(base, Class):
            names.update(dict.fromkeys(key for key, item in base.namespace.items() if _is_abstract(item)))
    return sorted(name for name in names if _is_abstract(class_lookup(cls, name)))


def _is_abstract(item: Value) -> bool:
    if isinstance(item, Wrapped):
        return any(_is_abstract(part) for part in (item.function, item.setter, item.deleter))
    return isinstance(item, Function) and item.attributes.get("__isabstractmethod__") is True


def instantiate(
    sim: Simulator, cls: Class, args: list[Value], kwargs: dict[str, Value], partial: bool, only_new: bool = False
) -> Value:
    """`cls(*args, **kwargs)`."""
    made = sim.construct_by_library(cls, args, kwargs)
    if made is not ABSENT:
        return made
    if "abstract" in cls.traits:
        missing = abstract_methods(cls)
        if missing:
            return sim.player.fail(TypeError(_abstract_text(sim, cls, missing)), RaisedByCode("call"))
    instance = _new(sim, cls, args, kwargs)
    if only_new or not isinstance(instance, Instance) or cls not in instance.type.mro:
        return instance
    return _init(sim, cls, instance, args, kwargs, partial)


def _new(sim: Simulator, cls: Class, args: list[Value], kwargs: dict[str, Value]) -> Value:
    new = class_lookup(cls, "__new__")
    if isinstance(new, Wrapped):
        new = new.function
    if isinstance(new, Function) and sim.constructing is not cls:
        previous, sim.constructing = sim.constructing, cls
        try:
            return sim.call(new, [cls, *args], dict(kwargs))
        finally:
            sim.constructing = previous
    instance = bare_instance(sim, cls)
    base = next((b for b in cls.mro if isinstance(b, type) and b is not object), None)
    if is_exception_class(cls):
        instance.native = tuple(args)
    elif base is not None and base in (int, str, float, bytes, tuple, frozenset, complex):
        made = natively(sim, lambda: base(*args, **kwargs), "call")
        if isinstance(made, Unknown):
            return made
        instance.native = made
    elif base in (dict, list, set):
        instance.native = base()
    return instance


def _init(
    sim: Simulator, cls: Class, instance: Instance, args: list[Value], kwargs: dict[str, Value], partial: bool
) -> Value:
    init = class_lookup(cls, "__init__")
    if isinstance(init, Unknown | NativeMethod) or (init is ABSENT and derives_from_outside(cls)):
        if isinstance(init, NativeMethod):
            sim.call(Bound(init, instance), args, {})
        else:
            instance.attributes.update(kwargs)
        return instance
    if init is ABSENT:
        overridden = isinstance(class_lookup(cls, "__new__"), Function | Wrapped)
        if (args or kwargs) and not overridden and instance.native is None and not partial:
            return sim.player.fail(TypeError(f"{cls.name}() takes no arguments"), RaisedByCode("call"))
        return instance
    answer = sim.player_call(bind(sim, init, instance, cls), args, kwargs, partial)
    if answer is not None and not isinstance(answer, Unknown | ExternalInstance):
        text = f"__init__() should return None, not {type_name(answer)!r}"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    return instance


def _abstract_text(sim: Simulator, cls: Class, missing: list[str]) -> str:
    many = "s" if len(missing) > 1 else ""
    if sim.python >= (3, 12):
        listed = ", ".join(f"'{name}'" for name in missing)
        return (
            f"Can't instantiate abstract class {cls.name} without an implementation for abstract method{many} {listed}"
        )
    return f"Can't instantiate abstract class {cls.name} with abstract method{many} {', '.join(missing)}"
