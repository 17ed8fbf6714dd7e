"""What `typing` refuses at run time: forms with the wrong number of arguments, forms that are called or asked about.

Source: Lib/typing.py of CPython 3.11 to 3.14 (`_type_check`, `_SpecialForm`, `_SpecialGenericAlias`,
`_generic_class_getitem`, `_generic_init_subclass`).
"""

from __future__ import annotations

import ast
import collections
import collections.abc
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatrial.libraries.values import ABSENT, Class, External, TypeForm, Undecided, Unknown, Value

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_MODULES = ("typing.", "typing_extensions.")
_BARE = frozenset({"NoReturn", "Never", "Self", "LiteralString", "TypeAlias"})  # forms without arguments
_SINGLE = {  # forms of one argument, with what they say to more
    "Optional": "requires a single type.",
    "ClassVar": "accepts only single type.",
    "Final": "accepts only single type.",
    "TypeGuard": "accepts only single type.",
    "TypeIs": "accepts only single type.",
    "Unpack": "accepts only single type.",
    "Required": "accepts only a single type.",
    "NotRequired": "accepts only a single type.",
    "ReadOnly": "accepts only a single type.",
}
_UNNAMED = frozenset({"Required", "NotRequired", "ReadOnly"})  # these messages leave the module out
_FORMS = frozenset({*_SINGLE, "Union", "Literal", "Concatenate"})
_ALIASES: dict[str, type] = {
    "List": list, "Set": set, "FrozenSet": frozenset, "Tuple": tuple, "Dict": dict, "Type": type,
    "DefaultDict": collections.defaultdict, "OrderedDict": collections.OrderedDict, "Counter": collections.Counter,
    "ChainMap": collections.ChainMap, "Deque": collections.deque, "AbstractSet": collections.abc.Set,
    "ContextManager": contextlib.AbstractContextManager, "AsyncContextManager": contextlib.AbstractAsyncContextManager,
    **{name: getattr(collections.abc, name) for name in (
        "Awaitable", "Coroutine", "AsyncIterable", "AsyncIterator", "Iterable", "Iterator", "Reversible", "Container",
        "Collection", "MutableSet", "Mapping", "MutableMapping", "Sequence", "MutableSequence", "MappingView",
        "KeysView", "ItemsView", "ValuesView", "Generator", "AsyncGenerator", "Hashable", "Sized",
    )},
}  # fmt: skip
_TWO = frozenset({"Dict", "DefaultDict", "OrderedDict", "ChainMap", "Mapping", "MutableMapping", "ItemsView"})
_COUNTS = {
    **{name: 2 if name in _TWO else 1 for name in _ALIASES},
    "Coroutine": 3, "Generator": 3, "AsyncGenerator": 2, "Pattern": 1, "Match": 1, "Hashable": 0, "Sized": 0,
}  # fmt: skip
_NOT_COUNTED = frozenset({"Tuple"})
_OPTIONAL = {"Generator": 2, "AsyncGenerator": 1, "ContextManager": 1, "AsyncContextManager": 1}  # defaults, from 3.13
_NOT_MADE = frozenset({"List", "Set", "FrozenSet", "Tuple", "Dict", "Type"})  # `List()` is refused
VARIABLES = ("typing.TypeVar.", "typing.ParamSpec.", "typing.TypeVarTuple.")


def form_name(value: Value) -> str:
    """The name of a form of `typing`; "" for anything else."""
    if isinstance(value, External) and value.name.startswith(_MODULES):
        module, _, name = value.name.rpartition(".")
        return name if module in ("typing", "typing_extensions") else ""
    return ""


def real_base(value: Value) -> Value:
    """The class that `List`, `Mapping` and their kind stand for among bases; the value itself where it is none."""
    return _ALIASES.get(form_name(value), value)


def subscript_problem(sim: Simulator, value: Value, key: Value) -> BaseException | None:
    """What `value[key]` raises, for a form of `typing`."""
    name = form_name(value)
    params = key if isinstance(key, tuple) else (key,)
    if not name or any(isinstance(part, Unknown) for part in params):
        return None
    text = _wrong_form(sim, name, key, params)
    if text:
        return TypeError(text)
    return _bad_reference(params) if name in _FORMS - {"Literal"} or name in _COUNTS else None


def _wrong_form(sim: Simulator, name: str, key: Value, params: tuple[Value, ...]) -> str:
    """The text of the TypeError; "" where the arguments fit."""
    if name in _BARE:
        return f"typing.{name} is not subscriptable"
    if name in _SINGLE:
        own = name if name in _UNNAMED else f"typing.{name}"
        return _no_type(key, f"{own} {_SINGLE[name]}", special=name in ("ClassVar", "Final", *_UNNAMED))
    if name == "Union":
        text = "" if params else "Cannot take a Union of no types."
        return text or _first(params, "Union[arg, ...]: each arg must be a type.")
    if name == "Annotated":
        few = "Annotated[...] should be used with at least two arguments (a type and an annotation)."
        return few if len(params) < 2 else ""
    if name == "Callable":
        wrong = not isinstance(key, tuple) or len(params) != 2
        return "Callable must be used as Callable[[arg, ...], result]." if wrong else ""
    if name in ("Generic", "Protocol"):
        return _wrong_variables(name, params)
    return _wrong_count(sim, name, params) if name in _COUNTS and name not in _NOT_COUNTED else ""


def _wrong_variables(name: str, params: tuple[Value, ...]) -> str:
    if not params:
        return f"Parameter list to {name}[...] cannot be empty"
    if any(is_variable(part) is False for part in params):
        return f"Parameters to {name}[...] must all be type variables or parameter specification variables."
    twice = any(left is right for place, left in enumerate(params) for right in params[:place])
    return f"Parameters to {name}[...] must all be unique" if twice else ""


def is_variable(value: Value) -> bool | None:
    """Whether a value is a type variable of some kind; None where that cannot be told."""
    if isinstance(value, External):
        return True if value.name.startswith(VARIABLES) else (False if value.kind == "class" else None)
    return None if isinstance(value, TypeForm | Unknown) else False


def _wrong_count(sim: Simulator, name: str, params: tuple[Value, ...]) -> str:
    text = _first(params, "Parameters to generic types must be types.")
    if text:
        return text
    most = _COUNTS[name]
    if name in ("ContextManager", "AsyncContextManager") and sim.python >= (3, 13):
        most = 2
    optional = _OPTIONAL.get(name, 0) if sim.python >= (3, 13) else 0
    if most - optional <= len(params) <= most:
        return ""
    if not most:
        return f"typing.{name} is not a generic class"
    expected = f"at least {most - optional}" if optional else str(most)
    word = "many" if len(params) > most else "few"
    return f"Too {word} arguments for typing.{name}; actual {len(params)}, expected {expected}"


def _first(params: tuple[Value, ...], message: str) -> str:
    return next(filter(None, (_no_type(part, message) for part in params)), "")


def _no_type(value: Value, message: str, *, special: bool = False) -> str:
    """What `_type_check` says of something that is no type."""
    name = form_name(value)
    if name in _FORMS and not (special and name in ("ClassVar", "Final")):
        return f"Plain typing.{name} is not valid as type argument"
    if name in ("Generic", "Protocol"):
        return f"Plain <class 'typing.{name}'> is not valid as type argument"
    if isinstance(value, TypeForm) and not special:
        origin = form_name(value.origin)
        if origin in ("ClassVar", "Final"):
            return f"{_spelt(value)} is not valid as type argument"
    if type(value) is tuple:
        return f"{message} Got {_shown(value):.100}."
    return ""


def _bad_reference(params: tuple[Value, ...]) -> BaseException | None:
    """The SyntaxError of a text that is no expression."""
    for part in params:
        if type(part) is str:
            try:
                ast.parse(part.strip(), mode="eval")
            except SyntaxError:
                return SyntaxError(f"Forward reference must be an expression -- got {part!r}")
    return None


def _shown(value: Value) -> str:
    """`repr` of what may stand in brackets."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_shown, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, TypeForm | External):
        return _spelt(value)
    return repr(value)


def _spelt(value: Value) -> str:
    """How `typing` spells a type in the text of a form (`_type_repr`)."""
    if isinstance(value, TypeForm):
        return f"{_spelt(value.origin)}[{', '.join(map(_spelt, value.args))}]"
    if isinstance(value, External):
        return f"~{value.name.rpartition('.')[2]}" if value.name.startswith(VARIABLES) else value.name
    if isinstance(value, Class):
        return f"{value.module}.{value.qualname}"
    if isinstance(value, type):
        return value.__qualname__ if value.__module__ == "builtins" else f"{value.__module__}.{value.__qualname__}"
    if value is None:
        return "NoneType"
    if value is ...:
        return "..."
    return f"ForwardRef({value!r})" if isinstance(value, str) else repr(value)


def call_problem(value: External) -> BaseException | None:
    """What calling a form of `typing` raises."""
    name = form_name(value)
    if name in _FORMS or name in _BARE:
        return TypeError(f"Cannot instantiate typing.{name}")
    if name == "Any":
        return TypeError("Any cannot be instantiated")
    if name in _NOT_MADE:
        return TypeError(f"Type {name} cannot be instantiated; use {name.lower()}() instead")
    return None


def check_problem(kind: Value, function: str) -> BaseException | None:
    """What `isinstance(value, kind)` (or `issubclass`: `function`) raises for what is no class."""
    if isinstance(kind, tuple):
        return next(filter(None, (check_problem(part, function) for part in kind)), None)
    if isinstance(kind, TypeForm):
        return _form_problem(kind, function)
    if isinstance(kind, Class):
        return _class_problem(kind)
    name = form_name(kind)
    if name in _FORMS or name in _BARE:
        return TypeError(f"typing.{name} cannot be used with {function}()")
    if name == "Any" and function == "isinstance":
        return TypeError("typing.Any cannot be used with isinstance()")
    return None


def _form_problem(kind: TypeForm, function: str) -> BaseException | None:
    name = form_name(kind.origin)
    if isinstance(kind.origin, type):
        return TypeError(f"{function}() argument 2 cannot be a parameterized generic")
    if name in _COUNTS or name in ("Literal", "Callable", "ClassVar", "Final", "Annotated"):
        return TypeError("Subscripted generics cannot be used with class and instance checks")
    if isinstance(kind.origin, Class):
        return TypeError("Subscripted generics cannot be used with class and instance checks")
    return None


def _class_problem(kind: Class) -> BaseException | None:
    if "typed dict" in kind.traits:
        return TypeError("TypedDict does not support instance and class checks")
    if "protocol" in kind.traits and "runtime" not in kind.traits:
        return TypeError("Instance and class checks can only be used with @runtime_checkable protocols")
    return None


# -- classes that are generic or protocols -----------------------------------------------------------------------------


def class_problem(bases: Sequence[Value], known: Sequence[Value], traits: frozenset[str]) -> BaseException | None:
    """What `__init_subclass__` of Generic and Protocol raises for a class with these bases, as written and resolved."""
    for base in bases:
        if form_name(base) in _FORMS | _BARE:
            return TypeError(f"Cannot subclass typing.{form_name(base)}")
    if any(form_name(base) == "Generic" for base in bases):
        return TypeError("Cannot inherit from plain Generic")
    if sum(isinstance(base, TypeForm) and form_name(base.origin) == "Generic" for base in bases) > 1:
        return TypeError("Cannot inherit from Generic[...] multiple times.")
    if "protocol" in traits:
        for base in known:
            if isinstance(base, Class) and "protocol" not in base.traits:
                return TypeError(f"Protocols can only inherit from other protocols, got {base!r}")
    return None


def parameters_of(cls: Class) -> tuple[Value, ...] | None:
    """The plain type variables of a generic class; None where they cannot be listed."""
    bases = cls.namespace.get("__orig_bases__")
    if not isinstance(bases, tuple) or getattr(cls.node, "type_params", None):
        return None
    found: list[Value] = []
    for base in bases:
        if not isinstance(base, TypeForm):
            continue
        if form_name(base.origin) in ("Generic", "Protocol"):
            found = list(base.args)
            break
        found += [part for part in base.args if is_variable(part) and not any(part is one for one in found)]
        if any(isinstance(part, TypeForm | Unknown | list) for part in base.args):
            return None
    plain = all(isinstance(one, External) and one.name.startswith("typing.TypeVar.") for one in found)
    return tuple(found) if plain else None


def generic_problem(cls: Class, key: Value, python: tuple[int, int]) -> BaseException | None:
    """What `cls[key]` raises for a generic class of the backend."""
    params = key if isinstance(key, tuple) else (key,)
    expected = parameters_of(cls)
    if expected is None or any(isinstance(part, Unknown) for part in params):
        return None
    if not expected:
        return TypeError(f"{cls!r} is not a generic class")
    if len(params) == len(expected) or _has_defaults(expected):
        return None
    word = "many" if len(params) > len(expected) else "few"
    least = "at least " if word == "few" and python >= (3, 13) else ""
    return TypeError(f"Too {word} arguments for {cls!r}; actual {len(params)}, expected {least}{len(expected)}")


def _has_defaults(variables: tuple[Value, ...]) -> bool:
    return any(isinstance(one, External) and one.alias == "default" for one in variables)


# -- protocols that are asked at run time ------------------------------------------------------------------------------

_OWN = frozenset({
    "__module__", "__qualname__", "__doc__", "__annotations__", "__orig_bases__", "__init__", "__class_getitem__",
    "__slots__", "__dict__", "__weakref__", "__match_args__", "__parameters__", "__hash__", "__init_subclass__",
})  # fmt: skip


def fits_protocol(sim: Simulator, value: Value, kind: Class) -> bool | None:
    """Whether an object has what a runtime protocol asks for; None where that cannot be known."""
    for name in protocol_members(kind):
        try:
            found = sim.get_or_catch(value, name)
        except Undecided:
            return None
        if isinstance(found, Unknown):
            return None
        if found is ABSENT:
            return False
    return True


def protocol_members(kind: Class) -> list[str]:
    """The names that a protocol asks for."""
    names: dict[str, None] = {}
    for base in kind.mro:
        if isinstance(base, Class) and "protocol" in base.traits:
            annotated = base.namespace.get("__annotations__")
            names.update(dict.fromkeys(annotated if isinstance(annotated, dict) else ()))
            names.update(dict.fromkeys(name for name in base.namespace if name not in _OWN))
    return list(names)
