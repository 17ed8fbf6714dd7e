"""Attribute access: `value.name`, `value.name = x`, `del value.name`, and special methods."""

from __future__ import annotations

import abc
import ast
import inspect
import types
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

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
    Unknown,
    Value,
    Wrapped,
)
from seatrial.simulation import paths
from seatrial.simulation.language.lookup import (
    among,
    bind,
    bind_native,
    class_lookup,
    handler_of,
    is_data_descriptor,
    type_name,
)
from seatrial.simulation.language.typing_forms import real_base

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


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
    if found is not ABSENT and is_data_descriptor(found):
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
    if found is not ABSENT and is_data_descriptor(found):
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
        if found is not ABSENT and is_data_descriptor(found):
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
                return found if name in ("__new__", "__prepare__") else bind_native(found, subject, cls)
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
    if name in ("__name__", "__qualname__"):
        return value.name.rpartition(".")[2]
    return Unknown(f"{name} of a built-in function") if hasattr(len, name) else ABSENT


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
    if name in ("__name__", "__qualname__"):
        return value.name
    found = getattr(value.subject, value.name, None)
    return Unknown(f"{name} of a built-in method") if found is None or hasattr(found, name) else ABSENT


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
