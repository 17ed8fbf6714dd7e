"""Attribute access: `value.name`, `value.name = x`, `del value.name`, and special methods."""

from __future__ import annotations

import dataclasses
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def type_name(value: Value) -> str:
    """The name of a value's type, as CPython's messages spell it."""
    if isinstance(value, Instance):
        return value.type.name
    if isinstance(value, Class):
        metaclass = value.metaclass
        return metaclass.name if isinstance(metaclass, Class) else "type"
    if isinstance(value, ExternalInstance):
        return value.type.name.rpartition(".")[2]
    names = {Module: "module", Function: "function", Bound: "method", NativeMethod: "builtin_function_or_method",
             Builtin: "builtin_function_or_method", Super: "super", Coroutine: "coroutine"}  # fmt: skip
    if isinstance(value, Stream):
        return "async_generator" if value.asynchronous else "generator"
    if isinstance(value, Wrapped):
        return value.kind
    return names.get(type(value)) or type(value).__name__


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
                return NativeMethod(base, name)
        else:
            return Unknown(f"{name} of a class outside the backend")
    return ABSENT


def get(sim: Simulator, value: Value, name: str) -> Value:
    """`value.name`; ABSENT where there is no such attribute. Never raises for a missing one."""
    handler = _READERS.get(type(value))
    if handler is not None:
        return handler(sim, value, name)
    if isinstance(value, PurePosixPath):
        return paths.attribute(sim, value, name)
    return _native(value, name)


def _native(value: Value, name: str) -> Value:
    if isinstance(value, LibraryError):
        return Unknown("an attribute of a library's exception")
    if isinstance(value, BaseException) and name in ("args", "name", "path", "msg", "code", "value", "errno"):
        return getattr(value, name, ABSENT)
    try:
        found = getattr(value, name)
    except AttributeError:
        return ABSENT
    except Exception:
        return Unknown("an attribute that CPython refuses here")
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
        "__doc__": None,
        "__dict__": value.attributes,
        "__defaults__": value.defaults or None,
    }
    if name in standard:
        return standard[name]
    if name == "__get__":
        return Builtin("__get__", lambda world, args, kwargs: Bound(value, args[0]) if args[0] is not None else value)
    if name in ("__call__",):
        return value
    return Unknown(name) if name.startswith("__") and hasattr(type_name, name) else ABSENT


def _bound(sim: Simulator, value: Bound, name: str) -> Value:
    if name == "__self__":
        return value.subject
    if name == "__func__":
        return value.function
    return get(sim, value.function, name)


def bind(sim: Simulator, found: Value, instance: Value, cls: Class | None) -> Value:
    """The descriptor protocol, for a value found on a class."""
    if isinstance(found, Function | Builtin):
        return Bound(found, instance) if instance is not ABSENT else found
    if isinstance(found, NativeMethod) and isinstance(found.subject, type):
        return found if instance is ABSENT else _native_of(instance, found)
    if isinstance(found, Wrapped):
        if found.kind == "staticmethod":
            return found.function
        if found.kind == "classmethod":
            return Bound(found.function, cls)
        if instance is ABSENT:
            return found
        return sim.call(found.function, [instance], {})
    if isinstance(found, Instance) and class_lookup(found.type, "__get__") is not ABSENT:
        return sim.call(sim.special(found, "__get__"), [None if instance is ABSENT else instance, cls], {})
    return found


def _native_of(instance: Value, found: NativeMethod) -> Value:
    if isinstance(instance, Instance) and instance.native is not None:
        return NativeMethod(instance.native, found.name)
    return Bound(found, instance)


def _is_data_descriptor(found: Value) -> bool:
    if isinstance(found, Wrapped):
        return found.kind == "property"
    return isinstance(found, Instance) and class_lookup(found.type, "__set__") is not ABSENT


def _instance(sim: Simulator, value: Instance, name: str) -> Value:
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
    if name == "args" and isinstance(value.native, tuple) and is_exception_class(cls):
        return value.native
    if found is not ABSENT and not (isinstance(found, Unknown) and _has_getattr(cls)):
        return bind(sim, found, value, cls)
    hook = class_lookup(cls, "__getattr__")
    if isinstance(hook, Function):
        return sim.call_hook(Bound(hook, value), [name])
    if found is not ABSENT:
        return found
    return ABSENT if not hasattr(object, name) else NativeMethod(object, name)


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
    if not isinstance(meta, type):
        return Unknown(f"{name} by a metaclass outside the backend")
    return NativeMethod(value, name) if hasattr(type, name) or hasattr(object, name) else ABSENT


def _super(sim: Simulator, value: Super, name: str) -> Value:
    subject = value.subject
    cls = subject.type if isinstance(subject, Instance) else subject
    if not isinstance(cls, Class) or value.owner not in cls.mro:
        return Unknown(f"super().{name}")
    rest = cls.mro[cls.mro.index(value.owner) + 1 :]
    for base in rest:
        if isinstance(base, Class):
            if name in base.namespace:
                return bind(sim, base.namespace[name], subject if isinstance(subject, Instance) else ABSENT, cls)
        elif isinstance(base, type):
            if name in base.__dict__:
                return Bound(NativeMethod(base, name), subject)
        else:
            return Unknown(f"super().{name} outside the backend")
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
    return get(sim, value.origin, name)


def _coroutine(sim: Simulator, value: Coroutine, name: str) -> Value:
    if name in ("close", "send", "throw"):
        return Unknown(f"coroutine.{name}")
    return Unknown(name) if name.startswith(("cr_", "__")) else ABSENT


_READERS = {
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
        if isinstance(found, NativeMethod) and is_exception_class(value.type):
            return Bound(found, value)
        if isinstance(found, NativeMethod):
            return ABSENT if value.native is None else NativeMethod(value.native, name)
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
    if isinstance(value, Class):
        if "enum" in value.traits and sim.python < (3, 12):
            return AttributeError(name)
        return AttributeError(f"type object {value.name!r} has no attribute {name!r}")
    if isinstance(value, type):
        return AttributeError(f"type object {value.__name__!r} has no attribute {name!r}")
    if isinstance(value, Super):
        return AttributeError(f"'super' object has no attribute {name!r}")
    return AttributeError(f"{type_name(value)!r} object has no attribute {name!r}")


def put(sim: Simulator, value: Value, name: str, item: Value) -> BaseException | None:
    """`value.name = item`. Returns the exception that CPython would raise, if any."""
    if isinstance(value, Instance):
        return _put_instance(sim, value, name, item)
    if isinstance(value, Module | Class):
        value.namespace[name] = item
    elif isinstance(value, Function | ExternalInstance | Builtin):
        value.attributes[name] = item
    elif isinstance(value, Unknown | External | TypeForm | LibraryError | BaseException):
        return None
    elif isinstance(value, Bound | NativeMethod | Stream | Coroutine):
        return AttributeError(f"{type_name(value)!r} object has no attribute {name!r}")
    else:
        return _put_native(value, name)
    return None


def _put_instance(sim: Simulator, value: Instance, name: str, item: Value) -> BaseException | None:
    found = class_lookup(value.type, name)
    if isinstance(found, Wrapped) and found.kind == "property":
        if found.setter is None:
            text = f"property {name!r} of {value.type.name!r} object has no setter"
            return AttributeError(text if sim.python >= (3, 11) else f"can't set attribute {name!r}")
        sim.call(found.setter, [value, item], {})
        return None
    if isinstance(found, Instance) and class_lookup(found.type, "__set__") is not ABSENT:
        sim.call(sim.special(found, "__set__"), [value, item], {})
        return None
    hook = class_lookup(value.type, "__setattr__")
    if isinstance(hook, Function):
        sim.call(hook, [value, name, item], {})
        return None
    if "frozen" in value.type.traits:
        return dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
    value.attributes[name] = item
    return None


def _put_native(value: Value, name: str) -> BaseException | None:
    try:
        setattr(value, name, None)
    except Undecided:
        return None
    except Exception as error:
        return error
    return None
