"""Making objects: `type.__call__`, `object.__new__`, `object.__init__`, and what keeps a class from having objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.libraries.shadows import solid_base
from seatrial.libraries.values import (
    ABSENT,
    Class,
    ExternalInstance,
    Function,
    Instance,
    NativeMethod,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.simulation.language.lookup import among, bind, class_lookup, derives_from_outside, type_name
from seatrial.simulation.language.natively import natively
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def instantiate(sim: Simulator, cls: Class, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    """`type.__call__(cls, *args, **kwargs)`: `__new__`, and `__init__` where that gave an object of the class."""
    made = sim.construct_by_library(cls, args, kwargs)
    if made is not ABSENT:
        return made
    if "typed dict" in cls.traits:
        return natively(sim, lambda: dict(*args, **kwargs), "call")
    new = class_lookup(cls, "__new__")
    if isinstance(new, Wrapped | Function):
        function = new.function if isinstance(new, Wrapped) else new
        made = sim.call(function, [cls, *args], dict(kwargs), partial)
    else:
        made = new_object(sim, cls, args, kwargs, partial)
    if isinstance(made, Unknown):
        return Unknown(made.why, made.hint or cls)
    if isinstance(made, Class):
        return _init_class(sim, made, args, kwargs, partial) if among(cls, getattr(made.metaclass, "mro", ())) else made
    if not isinstance(made, Instance) or not among(cls, made.type.mro):
        return made
    return _init(sim, made, args, kwargs, partial)


def new_object(sim: Simulator, cls: Class, args: list[Value], kwargs: dict[str, Value], partial: bool = False) -> Value:
    """`__new__` of the built-in base of a class: `object.__new__(cls, ...)`, `int.__new__(cls, ...)`, ..."""
    base = solid_base(cls)
    if issubclass(base, type):
        return sim.type_new(cls, args, kwargs)
    if base is not object:
        takes_all = base.__init__ is not object.__init__ and issubclass(
            base, BaseException | list | dict | set | bytearray
        )
        plain = () if takes_all and not issubclass(base, BaseException) else tuple(args)
        return natively(sim, lambda: _with_keywords(sim, cls, base, plain, {} if takes_all else kwargs), "call")
    if (args or kwargs) and not partial and not derives_from_outside(cls):
        if class_lookup(cls, "__new__") is not ABSENT:
            text = "object.__new__() takes exactly one argument (the type to instantiate)"
            return sim.player.fail(TypeError(text), RaisedByCode("call"))
        if class_lookup(cls, "__init__") is ABSENT:
            return sim.player.fail(TypeError(f"{cls.name}() takes no arguments"), RaisedByCode("call"))
    problem = _abstract_problem(sim, cls)
    return Instance(cls, sim) if problem is None else sim.player.fail(problem, RaisedByCode("call"))


def _with_keywords(sim: Simulator, cls: Class, base: type, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    if not kwargs:
        return Instance(cls, sim, None, *args)
    from seatrial.libraries.shadows import shadow_of

    made: Value = base.__new__(shadow_of(cls), *args, **kwargs)
    made.type, made.world, made.attributes = cls, sim, {}
    return made


def _abstract_problem(sim: Simulator, cls: Class) -> TypeError | None:
    if "protocol" in cls.traits:
        return TypeError("Protocols cannot be instantiated")
    missing = abstract_methods(cls) if "abstract" in cls.traits else []
    return TypeError(_abstract_text(sim, cls, missing)) if missing else None


def _init(sim: Simulator, made: Instance, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    cls = made.type
    init = class_lookup(cls, "__init__")
    if isinstance(init, Unknown):
        made.attributes.update(kwargs)
        return made
    if isinstance(init, NativeMethod):
        answer = base_init(sim, init.subject, made, args, kwargs)
        return Unknown("an object that could not be made", cls) if isinstance(answer, Unknown) else made
    if init is ABSENT:
        return made
    answer = sim.call(bind(sim, init, made, cls), args, kwargs, partial)
    if answer is not None and not isinstance(answer, Unknown | ExternalInstance):
        text = f"__init__() should return None, not {type_name(answer)!r}"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    return made


def _init_class(sim: Simulator, made: Class, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
    init = class_lookup(made.metaclass, "__init__")
    if isinstance(init, Function | Wrapped):
        sim.call(bind(sim, init, made, made.metaclass), args, kwargs, partial)
    return made


def base_init(sim: Simulator, base: type, made: Instance, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`base.__init__(made, ...)` of a built-in class."""
    if base is object:
        return _object_init(sim, made.type, args, kwargs)
    return natively(sim, lambda: base.__init__(made, *args, **kwargs), "call")  # type: ignore[misc]


def _object_init(sim: Simulator, cls: Class, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not (args or kwargs) or derives_from_outside(cls):
        return None
    if class_lookup(cls, "__init__") is not ABSENT:
        text = "object.__init__() takes exactly one argument (the instance to initialize)"
    elif class_lookup(cls, "__new__") is ABSENT:
        text = f"{cls.name}.__init__() takes exactly one argument (the instance to initialize)"
    else:
        return None
    return sim.player.fail(TypeError(text), RaisedByCode("call"))


def abstract_methods(cls: Class) -> list[str]:
    """The names that are still abstract, sorted as CPython lists them."""
    names: dict[str, None] = {}
    for base in cls.mro:
        if isinstance(base, Class):
            names.update(dict.fromkeys(key for key, item in base.namespace.items() if _is_abstract(item)))
        elif isinstance(base, type):
            names.update(dict.fromkeys(getattr(base, "__abstractmethods__", ())))
    return sorted(name for name in names if _still_abstract(class_lookup(cls, name)))


def _still_abstract(found: Value) -> bool:
    if isinstance(found, NativeMethod) and isinstance(found.subject, type):
        return bool(getattr(found.subject.__dict__.get(found.name), "__isabstractmethod__", False))
    return _is_abstract(found)


def _is_abstract(item: Value) -> bool:
    if isinstance(item, Wrapped):
        return any(_is_abstract(part) for part in (item.function, item.setter, item.deleter))
    return isinstance(item, Function) and item.attributes.get("__isabstractmethod__") is True


def _abstract_text(sim: Simulator, cls: Class, missing: list[str]) -> str:
    many = "s" if len(missing) > 1 else ""
    if sim.python >= (3, 12):
        listed = ", ".join(f"'{name}'" for name in missing)
        return (
            f"Can't instantiate abstract class {cls.name} without an implementation for abstract method{many} {listed}"
        )
    many = many if sim.python >= (3, 9) else "s"
    return f"Can't instantiate abstract class {cls.name} with abstract method{many} {', '.join(missing)}"
