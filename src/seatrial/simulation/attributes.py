"""Attribute access: `value.name`, `value.name = x`, `del value.name`, and special methods."""

from __future__ import annotations

import abc
import ast
import enum
import inspect
import types
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

from seatrial.libraries import shadows
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
    LibraryError,
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
from seatrial.simulation import paths
from seatrial.simulation.std_typing import form_name, real_base
from seatrial.simulation.wording import reworded

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

Handler = TypeVar("Handler")


def type_name(value: Value) -> str:
    """The name of a value's type, as CPython's messages spell it."""
    if isinstance(value, Instance):
        return value.type.name
    if isinstance(value, Class):
        metaclass = value.metaclass
        return metaclass.name if isinstance(metaclass, Class) else "type"
    if isinstance(value, ExternalInstance):
        return value.type.name.rpartition(".")[2]
    if isinstance(value, Stream):
        return "async_generator" if value.asynchronous else "generator"
    if isinstance(value, Wrapped):
        return value.kind
    if isinstance(value, Builtin):
        return value.kind
    return type(value).__name__


def handler_of(value: Value, table: Mapping[type, Handler]) -> Handler | None:
    """What a table has for a value whose Python type is only another spelling of one in it."""
    base = type(value).__base__
    return table.get(base) if base is not None else None


def among(cls: Value, order: tuple[Value, ...]) -> bool:
    """Whether a class is one of these, by identity: unknown ones refuse to be compared."""
    return any(one is cls for one in order)


def derives_from_outside(cls: Class) -> bool:
    """Whether something in a class's ancestry was not played, so that its attributes cannot be listed."""
    return any(isinstance(base, Unknown | External | TypeForm | ExternalInstance) for base in cls.mro)


def class_lookup(cls: Class, name: str) -> Value:
    """A name along the method resolution order, unbound; ABSENT where no played class has it."""
    for base in cls.mro:
        if isinstance(base, Class):
            if name in base.namespace:
                return base.namespace[name]
        elif isinstance(base, type):
            if base is not object and name in base.__dict__ and name not in ("__dict__", "__weakref__", "__module__"):
                raw = base.__dict__[name]
                return raw if isinstance(raw, Function) else NativeMethod(base, name)
        else:
            return Unknown(f"{name} of a class outside the backend")
    return ABSENT


def get(sim: Simulator, value: Value, name: str) -> Value:
    """`value.name`; ABSENT where there is no such attribute. Never raises for a missing one."""
    handler = _READERS.get(type(value)) or (_instance if isinstance(value, Instance) else handler_of(value, _READERS))
    if handler is not None:
        return handler(sim, value, name)
    if isinstance(value, PurePosixPath):
        return paths.attribute(sim, value, name)
    if isinstance(value, type) and issubclass(value, PurePosixPath):
        found = paths.class_attribute(sim, name)
        if found is not ABSENT:
            return found
    return _native(sim, value, name)


def _native(sim: Simulator, value: Value, name: str) -> Value:
    if isinstance(value, LibraryError):
        return Unknown("an attribute of a library's exception")
    if isinstance(value, BaseException) and name in ("args", "name", "path", "msg", "code", "value", "errno"):
        return getattr(value, name, ABSENT)
    try:
        found = getattr(value, name)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the program sees
        raised = sim.taken_from_host(error)
        if raised is not None:
            return ABSENT if isinstance(error, AttributeError) else sim.player.propagate(raised)
        if isinstance(error, ValueError):  # a property of the standard library refuses: the port of a URL
            return sim.player.fail(error)
        return ABSENT if isinstance(error, AttributeError) else Unknown("an attribute that CPython refuses here")
    if type(found).__module__.startswith("seatrial."):
        return found
    if isinstance(value, type) and name in (
        "__name__",
        "__qualname__",
        "__module__",
        "__doc__",
        "__mro__",
        "__bases__",
    ):
        return found
    return NativeMethod(value, name) if callable(found) else found


def _unknown(sim: Simulator, value: Unknown, name: str) -> Value:
    if isinstance(value.hint, Function | Class | Instance):
        found = get(sim, value.hint, name)
        if found is not ABSENT:
            return found
    return Unknown(f"{name} of {value.why}")


def _module(sim: Simulator, value: Module, name: str) -> Value:
    if value.kind is not None:
        return _module_of_kind(sim, value, value.kind, name)
    found = value.namespace.get(name, ABSENT)
    if found is not ABSENT:
        return found
    if name == "__dict__":
        return value.namespace
    if not value.first_party:
        return sim.external_attribute(value, name)
    hook = value.namespace.get("__getattr__", ABSENT)
    if hook is ABSENT:
        return ABSENT
    return sim.call_hook(hook, [name])


def _module_of_kind(sim: Simulator, value: Module, kind: Class, name: str) -> Value:
    """An attribute of a module to which the program gave a class: `sys.modules[__name__].__class__ = X`."""
    found = class_lookup(kind, name)
    if found is not ABSENT and _is_data_descriptor(found):
        return bind(sim, found, value, kind)
    if name in value.namespace:
        return value.namespace[name]
    if name in ("__class__", "__dict__"):
        return kind if name == "__class__" else value.namespace
    if found is not ABSENT and not isinstance(found, NativeMethod):
        return bind(sim, found, value, kind)
    for hook, args in (
        (class_lookup(kind, "__getattr__"), [value, name]),
        (value.namespace.get("__getattr__"), [name]),
    ):
        if isinstance(hook, Function):
            return sim.call_hook(hook, args)
    return ABSENT


def _external(sim: Simulator, value: External, name: str) -> Value:
    if name in ("__name__", "__qualname__"):
        return value.name.rpartition(".")[2]
    return sim.library_attribute(value, name)


def _external_instance(sim: Simulator, value: ExternalInstance, name: str) -> Value:
    if name in value.attributes:
        return value.attributes[name]
    if name == "__class__":
        return value.type
    return sim.library_attribute(value, name)


def _function(sim: Simulator, value: Function, name: str) -> Value:
    if name in value.attributes:
        return value.attributes[name]
    standard = {
        "__name__": value.name,
        "__qualname__": value.qualname,
        "__module__": value.module.namespace.get("__name__"),
        "__doc__": docstring(sim, value.node) if name == "__doc__" else None,
        "__dict__": value.attributes,
        "__defaults__": value.defaults or None,
    }
    if name in standard:
        return standard[name]
    if name == "__get__":
        return Builtin("__get__", lambda world, args, kwargs: Bound(value, args[0]) if args[0] is not None else value)
    if name == "__call__":
        return value
    return Unknown(name) if name.startswith("__") and hasattr(type_name, name) else ABSENT


def docstring(sim: Simulator, node: ast.AST) -> str | None:
    """The docstring of a definition; since 3.13 the compiler takes its indentation away."""
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant):
        return None
    text = first.value.value
    if not isinstance(text, str):
        return None
    return inspect.cleandoc(text) if sim.python >= (3, 13) else text


def _bound(sim: Simulator, value: Bound, name: str) -> Value:
    if name == "__self__":
        return value.subject
    if name == "__func__":
        return value.function
    return get(sim, value.function, name)


def bind(sim: Simulator, found: Value, instance: Value, cls: Class | None) -> Value:
    """The descriptor protocol, for a value found on a class."""
    if isinstance(found, Function) or (isinstance(found, Builtin) and found.binds):
        return Bound(found, instance) if instance is not ABSENT else found
    if isinstance(found, NativeMethod) and isinstance(found.subject, type):
        return _bind_native(found, instance, cls)
    if isinstance(found, Wrapped):
        if found.kind == "staticmethod":
            return found.function
        if found.kind == "classmethod":
            return Bound(found.function, cls)
        if instance is ABSENT:
            return found
        if found.kind == "cached_property" and isinstance(instance, Instance):
            made = sim.call(found.function, [instance], {})
            instance.attributes.setdefault(getattr(found.function, "name", "?"), made)
            return made
        return sim.call(found.function, [instance], {})
    if isinstance(found, Instance) and class_lookup(found.type, "__get__") is not ABSENT:
        return sim.call(sim.special(found, "__get__"), [None if instance is ABSENT else instance, cls], {})
    return found


def _bind_native(found: NativeMethod, instance: Value, cls: Class | None) -> Value:
    """A name that a built-in base has, for an object of a played class or for the class."""
    raw = found.subject.__dict__[found.name]
    if isinstance(raw, classmethod | staticmethod) or type(raw).__name__ == "classmethod_descriptor":
        return Bound(found, cls) if not isinstance(raw, staticmethod) else found
    if instance is ABSENT or found.name == "__new__":
        return found if callable(raw) else raw
    if callable(raw):
        return Bound(found, instance)
    try:
        return raw.__get__(instance, type(instance)) if hasattr(raw, "__get__") else raw
    except AttributeError:
        return ABSENT
    except Exception:  # noqa: BLE001 - whatever it is, it is what the program sees
        return Unknown(f"{found.name} of a subclass of {found.subject.__name__}")


def _is_data_descriptor(found: Value) -> bool:
    if isinstance(found, Wrapped):
        return found.kind == "property"
    if isinstance(found, NativeMethod) and isinstance(found.subject, type):
        return hasattr(type(found.subject.__dict__.get(found.name)), "__set__")
    return isinstance(found, Instance) and class_lookup(found.type, "__set__") is not ABSENT


def _instance(sim: Simulator, value: Instance, name: str) -> Value:
    own = class_lookup(value.type, "__getattribute__")
    if isinstance(own, Function):
        return sim.call_hook(Bound(own, value), [name])
    if not _has_getattr(value.type):
        return plain(sim, value, name)
    found = sim.catching(lambda: plain(sim, value, name), AttributeError)  # also that of a property
    if found is not ABSENT and not isinstance(found, Unknown):
        return found
    hook = class_lookup(value.type, "__getattr__")
    if isinstance(hook, Function):
        return sim.call_hook(Bound(hook, value), [name])
    return found


def plain(sim: Simulator, value: Instance, name: str) -> Value:
    """`object.__getattribute__(value, name)`; ABSENT where there is no such attribute."""
    cls = value.type
    found = class_lookup(cls, name)
    if found is not ABSENT and _is_data_descriptor(found):
        return bind(sim, found, value, cls)
    if name in value.attributes:
        return value.attributes[name]
    if name == "__class__":
        return cls
    if name == "__dict__":
        return value.attributes
    if found is not ABSENT:
        return bind(sim, found, value, cls)
    return Bound(NativeMethod(object, name), value) if callable(getattr(object, name, None)) else ABSENT


def _has_getattr(cls: Class) -> bool:
    return isinstance(class_lookup(cls, "__getattr__"), Function)


def is_exception_class(cls: Value) -> bool:
    """Whether a class derives from BaseException."""
    if isinstance(cls, Class):
        return any(isinstance(base, type) and issubclass(base, BaseException) for base in cls.mro)
    return isinstance(cls, type) and issubclass(cls, BaseException)


def _class(sim: Simulator, value: Class, name: str) -> Value:
    if name in ("__name__", "__qualname__", "__module__", "__bases__", "__mro__", "__dict__"):
        return {
            "__name__": value.name,
            "__qualname__": value.qualname,
            "__module__": value.module,
            "__bases__": value.bases,
            "__mro__": value.mro,
            "__dict__": value.namespace,
        }[name]
    if name == "__class__":
        return value.metaclass
    meta = value.metaclass
    if isinstance(meta, Class):
        found = class_lookup(meta, name)
        if found is not ABSENT and _is_data_descriptor(found):
            return bind(sim, found, value, meta)
    found = class_lookup(value, name)
    if found is not ABSENT:
        return bind(sim, found, ABSENT, value)
    if isinstance(meta, Class):
        found = class_lookup(meta, name)
        if found is not ABSENT:
            return bind(sim, found, value, meta)
        hook = class_lookup(meta, "__getattr__")
        if isinstance(hook, Function):
            return sim.call_hook(Bound(hook, value), [name])
    natives = _native_metaclasses(meta)
    if not natives:
        return Unknown(f"{name} by a metaclass outside the backend")
    return NativeMethod(value, name) if any(hasattr(native, name) for native in natives) else ABSENT


def _native_metaclasses(meta: Value) -> list[type]:
    """The metaclasses of Python's own that a class is made by; none where one of the others is not known."""
    if isinstance(meta, type):
        return [meta]
    made = [kind for kind in meta.mro if not isinstance(kind, Class)] if isinstance(meta, Class) else [None]
    known = all(kind in (type, object, abc.ABCMeta) for kind in made)
    return [kind for kind in made if isinstance(kind, type)] if known else []


def _super(sim: Simulator, value: Super, name: str) -> Value:
    subject = value.subject
    cls = subject.type if isinstance(subject, Instance) else subject
    if isinstance(value.owner, type):
        return _native_super(value.owner, subject, name)
    if not isinstance(cls, Class):
        return Unknown(f"super().{name}")
    if not among(value.owner, cls.mro):
        cls = cls.metaclass
        if not isinstance(cls, Class) or not among(value.owner, cls.mro):
            return Unknown(f"super().{name}")
    rest = cls.mro[cls.mro.index(value.owner) + 1 :]
    for base in rest:
        if isinstance(base, Class):
            if name in base.namespace:
                own = subject if cls is not subject else ABSENT
                return bind(sim, base.namespace[name], own, cls)
        elif isinstance(base, type):
            if name in base.__dict__:
                found = NativeMethod(base, name)
                return found if name in ("__new__", "__prepare__") else _bind_native(found, subject, cls)
        else:
            return Unknown(f"super().{name} outside the backend")
    return ABSENT


def _native_super(owner: type, subject: Value, name: str) -> Value:
    """`super()` in a method of a real class."""
    mro = subject.__mro__ if isinstance(subject, type) else type(subject).__mro__
    for base in mro[mro.index(owner) + 1 :] if owner in mro else ():
        if name in base.__dict__:
            raw = base.__dict__[name]
            if isinstance(raw, Function):
                return Bound(raw, subject)
            found = NativeMethod(base, name)
            return found if name == "__new__" or not callable(raw) else Bound(found, subject)
    return ABSENT


def _builtin(sim: Simulator, value: Builtin, name: str) -> Value:
    if name in value.attributes:
        return value.attributes[name]
    return value.name.rpartition(".")[2] if name in ("__name__", "__qualname__") else ABSENT


def _wrapped(sim: Simulator, value: Wrapped, name: str) -> Value:
    if value.kind == "property":
        if name in ("setter", "deleter", "getter"):
            field = {"setter": "setter", "deleter": "deleter", "getter": "function"}[name]

            def replace(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
                parts = {"function": value.function, "setter": value.setter, "deleter": value.deleter}
                parts[field] = args[0]
                return Wrapped("property", **parts)

            return Builtin(name, replace)
        return {"fget": value.function, "fset": value.setter, "fdel": value.deleter}.get(name, ABSENT)
    if name == "__func__":
        return value.function
    return get(sim, value.function, name)


def _native_method(sim: Simulator, value: NativeMethod, name: str) -> Value:
    return value.name if name in ("__name__", "__qualname__") else Unknown(f"{name} of a built-in method")


def _stream(sim: Simulator, value: Stream, name: str) -> Value:
    return sim.stream_method(value, name)


def _type_form(sim: Simulator, value: TypeForm, name: str) -> Value:
    if name == "__origin__":
        return value.origin
    if name == "__args__":
        return value.args
    return get(sim, real_base(value.origin), name)


def _coroutine(sim: Simulator, value: Coroutine, name: str) -> Value:
    return Unknown(f"coroutine.{name}") if hasattr(types.CoroutineType, name) else ABSENT


_Reader = Callable[[Any, Any, str], Value]
_READERS: dict[type, _Reader] = {
    Unknown: _unknown,
    Module: _module,
    External: _external,
    ExternalInstance: _external_instance,
    Function: _function,
    Bound: _bound,
    Instance: _instance,
    Class: _class,
    Super: _super,
    Builtin: _builtin,
    Wrapped: _wrapped,
    NativeMethod: _native_method,
    Stream: _stream,
    TypeForm: _type_form,
    Coroutine: _coroutine,
}


def special(sim: Simulator, value: Value, name: str) -> Value:
    """A special method, looked up on the type only; ABSENT where it has none."""
    if isinstance(value, Instance):
        found = class_lookup(value.type, name)
        if found is ABSENT or found is None:
            return found
        return bind(sim, found, value, value.type)
    if isinstance(value, Class):
        meta = value.metaclass
        if isinstance(meta, Class):
            found = class_lookup(meta, name)
            return ABSENT if found is ABSENT else bind(sim, found, value, meta)
        return ABSENT if isinstance(meta, type) else Unknown(name)
    if isinstance(value, ExternalInstance) and sim.standard.has_behaviour(value, name):
        return sim.library_attribute(value, name)
    if isinstance(value, Unknown | External | ExternalInstance | TypeForm):
        return Unknown(name)
    return ABSENT


def missing(sim: Simulator, value: Value, name: str) -> BaseException:
    """The AttributeError that CPython would raise, with its text."""
    if isinstance(value, Module):
        return AttributeError(sim.module_attribute_message(value, name))
    if isinstance(value, enum.EnumMeta) and sim.python < (3, 12):
        return AttributeError(name)
    if isinstance(value, Class):
        return AttributeError(f"type object {value.name!r} has no attribute {name!r}")
    if isinstance(value, type):
        return AttributeError(f"type object {value.__name__!r} has no attribute {name!r}")
    if isinstance(value, Super):
        return AttributeError(f"'super' object has no attribute {name!r}")
    if isinstance(value, TypeForm):
        origin = real_base(value.origin)
        return AttributeError(name) if form_name(origin) else missing(sim, origin, name)
    if isinstance(value, Instance) and sim.python >= (3, 13) and _is_empty_slot(value.type, name):
        return AttributeError(f"'{value.type.module}.{value.type.qualname}' object has no attribute {name!r}")
    return AttributeError(f"{type_name(value)!r} object has no attribute {name!r}")


def _is_empty_slot(cls: Class, name: str) -> bool:
    for base in cls.mro:
        listed = base.namespace.get("__slots__") if isinstance(base, Class) else None
        names = [listed] if isinstance(listed, str) else listed
        if not isinstance(base, Class) or not isinstance(names, list | tuple | set | dict):
            continue
        if any(isinstance(slot, str) and _mangled(base.name, slot) == name for slot in names):
            return True
    return False


def put(sim: Simulator, value: Value, name: str, item: Value) -> BaseException | None:
    """`value.name = item`. Returns the exception that CPython would raise, if any."""
    if isinstance(value, Instance):
        return _put_instance(sim, value, name, item)
    if isinstance(value, Class):
        return _put_class(sim, value, name, item)
    if isinstance(value, Module):
        if name == "__class__" and isinstance(item, Class):
            value.kind = item
            return None
        found = class_lookup(value.kind, name) if value.kind is not None else ABSENT
        if value.kind is not None and isinstance(found, Wrapped) and found.kind == "property":
            if found.setter is None:
                return AttributeError(_no_setter(sim, name, value.kind.name))
            sim.call(found.setter, [value, item], {})
            return None
        value.namespace[name] = item
    elif isinstance(value, Function | ExternalInstance | Builtin):
        value.attributes[name] = item
    elif isinstance(value, Unknown | External | TypeForm | LibraryError | BaseException):
        return None
    elif isinstance(value, Bound | NativeMethod | Stream | Coroutine):
        return AttributeError(f"{type_name(value)!r} object has no attribute {name!r}")
    else:
        return _put_native(sim, value, name, item)
    return None


def _put_class(sim: Simulator, value: Class, name: str, item: Value) -> BaseException | None:
    if isinstance(value.metaclass, Class):
        hook = class_lookup(value.metaclass, "__setattr__")
        if isinstance(hook, Function | Builtin):
            sim.call(hook, [value, name, item], {})
            return None
        found = class_lookup(value.metaclass, name)
        if isinstance(found, Wrapped) and found.kind == "property" and found.setter is not None:
            sim.call(found.setter, [value, item], {})
            return None
    value.namespace[name] = item
    for other in sim.classes:
        if among(value, other.mro):
            shadows.update(other, name)
    return None


def _put_instance(sim: Simulator, value: Instance, name: str, item: Value) -> BaseException | None:
    hook = class_lookup(value.type, "__setattr__")
    if isinstance(hook, Function | Builtin):
        sim.call(hook, [value, name, item], {})
        return None
    return put_plainly(sim, value, name, item)


def put_plainly(sim: Simulator, value: Value, name: str, item: Value) -> BaseException | None:
    """`object.__setattr__(value, name, item)`."""
    if not isinstance(value, Instance):
        return put(sim, value, name, item)
    found = class_lookup(value.type, name)
    if isinstance(found, Wrapped) and found.kind == "property":
        if found.setter is None:
            return AttributeError(_no_setter(sim, name, value.type.name))
        sim.call(found.setter, [value, item], {})
        return None
    if isinstance(found, Instance) and class_lookup(found.type, "__set__") is not ABSENT:
        sim.call(sim.special(found, "__set__"), [value, item], {})
        return None
    if isinstance(found, NativeMethod) and _is_data_descriptor(found):
        return _put_native(sim, value, name, item)
    problem = _no_room(sim, value, name)
    if problem:
        return AttributeError(problem)
    value.attributes[name] = item
    return None


def _no_setter(sim: Simulator, name: str, owner: str) -> str:
    if sim.python >= (3, 11):
        return f"property {name!r} of {owner!r} object has no setter"
    return f"can't set attribute {name!r}" if sim.python >= (3, 10) else "can't set attribute"


def _no_room(sim: Simulator, value: Instance, name: str) -> str:
    """The message where `__slots__` leave no room for an attribute."""
    allowed: set[str] = set()
    for base in value.type.mro:
        if not isinstance(base, Class):
            if base is object:
                continue
            return ""
        slots = base.namespace.get("__slots__")
        listed = [slots] if isinstance(slots, str) else slots
        if not isinstance(listed, list | tuple | dict | set) or any(not isinstance(slot, str) for slot in listed):
            return ""
        allowed.update(_mangled(base.name, slot) for slot in listed)
    if name in allowed or "__dict__" in allowed or "enum" in value.type.traits:
        return ""
    if class_lookup(value.type, name) is not ABSENT:
        return f"{value.type.name!r} object attribute {name!r} is read-only"
    tail = " and no __dict__ for setting new attributes" if sim.python >= (3, 13) else ""
    return f"{value.type.name!r} object has no attribute {name!r}{tail}"


def _mangled(owner: str, name: str) -> str:
    return f"_{owner.lstrip('_')}{name}" if name.startswith("__") and not name.endswith("__") else name


def _put_native(sim: Simulator, value: Value, name: str, item: Value = None) -> BaseException | None:
    try:
        setattr(value, name, item)
    except Undecided:
        return None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the program sees
        return reworded(error, sim.python)
    return None
