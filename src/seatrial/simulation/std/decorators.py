"""`functools`, `abc`, `typing` and other decorators of the standard library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seatrial.libraries.values import ABSENT, Bound, Builtin, Class, External, Function, Module, Unknown, Value, Wrapped
from seatrial.simulation.language.hosts import named_tuple, typed_tuple
from seatrial.simulation.language.natively import is_native
from seatrial.simulation.std.table import FUNCTIONS, argument, function
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_ASSIGNED = ("__module__", "__name__", "__qualname__", "__doc__")


def _identity(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[0]


for _name in ("typing.overload", "typing.final", "typing.no_type_check", "atexit.register",
              "typing_extensions.final", "typing_extensions.override", "typing.override",
              "contextlib.ContextDecorator", "asyncio.coroutine", "types.coroutine"):  # fmt: skip
    FUNCTIONS[_name] = _identity


@function("typing.runtime_checkable", "typing_extensions.runtime_checkable", "typing.runtime")
def _runtime_checkable(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    cls = args[0]
    if isinstance(cls, Class) and "protocol" not in cls.traits:
        text = f"@runtime_checkable can be only applied to protocol classes, got {cls!r}"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    if isinstance(cls, Class):
        cls.traits |= {"runtime"}
    return cls


@function("typing.dataclass_transform")
def _transform(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Builtin("dataclass_transform", lambda world, inner, more: inner[0])


@function("typing.cast")
def _cast(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[1]


@function("typing.get_type_hints")
def _get_type_hints(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    subject = argument(args, kwargs, 0, "obj")
    if isinstance(subject, Class):
        hints: dict[str, Value] = {}
        for base in reversed(subject.mro):
            if isinstance(base, Class):
                hints.update(_resolved(sim, base.home, base.namespace.get("__annotations__")))
        return hints
    if isinstance(subject, Function):
        return _resolved(sim, subject.module, subject.attributes.get("__annotations__"))
    if subject is None or isinstance(subject, bool | int | float | str | bytes):
        text = f"{subject!r} is not a module, class, method, or function."
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    return Unknown("type hints")


def _resolved(sim: Simulator, home: Module | None, annotations: Value) -> dict[str, Value]:
    if not isinstance(annotations, dict):
        return {}
    return {key: sim.resolve(home, item) for key, item in annotations.items()}


@function("typing.NewType")
def _new_type(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    attributes = {"__supertype__": args[1], "__name__": args[0]}
    kind = "NewType" if sim.python >= (3, 10) else "function"
    return Builtin(str(args[0]), lambda w, inner, k: inner[0], attributes, kind)


@function("typing.TypeVar")
def _type_var(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if len(args) == 2:
        return sim.player.fail(TypeError("A single constraint is not allowed"), RaisedByCode("call"))
    if kwargs.get("covariant") is True and kwargs.get("contravariant") is True:
        return sim.player.fail(ValueError("Bivariant types are not supported."), RaisedByCode("call"))
    return _variable(sim, "TypeVar", args, kwargs)


@function("typing.ParamSpec")
def _param_spec(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return _variable(sim, "ParamSpec", args, kwargs)


@function("typing.TypeVarTuple")
def _type_var_tuple(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return _variable(sim, "TypeVarTuple", args, kwargs)


def _variable(sim: Simulator, kind: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    name = argument(args, kwargs, 0, "name")
    if sim.python >= (3, 12) and is_native(name) and not isinstance(name, str):
        text = f"{kind.lower()}() argument 'name' must be str, not {sim.type_name(name)}"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    return External(
        f"typing.{kind}.{name if isinstance(name, str) else '?'}", "class", "default" if "default" in kwargs else ""
    )


@function("collections.namedtuple")
def _namedtuple(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return named_tuple(sim, args, kwargs, str(sim.player.frame.module.namespace.get("__name__")))


@function("typing.NamedTuple")
def _typed_tuple(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return typed_tuple(sim, args, str(sim.player.frame.module.namespace.get("__name__")))


# -- functools -----------------------------------------------------------------------------------------------------


@function("functools.wraps")
def _wraps(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    wrapped = argument(args, kwargs, 0, "wrapped")
    return Builtin("functools.wraps", lambda w, inner, k: update_wrapper(sim, [inner[0], wrapped], {}))


@function("functools.update_wrapper")
def update_wrapper(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`functools.update_wrapper(wrapper, wrapped)`."""
    wrapper, wrapped = args[0], args[1]
    for name in _ASSIGNED:
        found = sim.get(wrapped, name)
        if found is not ABSENT and not isinstance(wrapper, Unknown):
            sim.set_attribute(wrapper, name, found)
    if isinstance(wrapper, Function | Builtin):
        own = sim.get(wrapped, "__dict__")
        wrapper.attributes.update(own if isinstance(own, dict) else {})
        wrapper.attributes["__wrapped__"] = wrapped
    return wrapper


@function("functools.lru_cache", "functools.cache")
def _lru_cache(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    first = argument(args, kwargs, 0, "maxsize", 128)
    if isinstance(first, Function | Class | Bound | Builtin):
        return _cached(sim, first)
    if first is not None and not isinstance(first, int | Unknown):
        text = "Expected first argument to be an integer, a callable, or None"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    return Builtin("lru_cache", lambda w, inner, k: _cached(sim, inner[0]))


def _cached(sim: Simulator, wrapped: Value) -> Value:
    results: dict[Any, Value] = {}

    def run(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        key = (tuple(args), tuple(sorted(kwargs.items())))
        if key not in results:
            results[key] = sim.call(wrapped, args, kwargs)
        return results[key]

    def clear(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        results.clear()
        return None

    attributes: dict[str, Value] = {
        "cache_clear": Builtin("cache_clear", clear),
        "cache_info": Builtin("cache_info", lambda w, a, k: Unknown("what a cache holds")),
        "cache_parameters": Builtin("cache_parameters", lambda w, a, k: Unknown("the parameters of a cache")),
    }
    made = Builtin("lru_cache", run, attributes, kind="functools._lru_cache_wrapper", binds=True)
    return update_wrapper(sim, [made, wrapped], {})


@function("functools.partial")
def _partial(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not args:
        text = "type 'partial' takes at least one argument"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    first, rest = args[0], list(args[1:])
    if not sim.may_be_called(first):
        return sim.player.fail(TypeError("the first argument must be callable"), RaisedByCode("call"))

    def run(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        return sim.call(first, [*rest, *inner], {**kwargs, **more})

    attributes = {"func": first, "args": tuple(rest), "keywords": kwargs}
    return Builtin("functools.partial", run, attributes, kind="functools.partial")


@function("functools.partialmethod")
def _partialmethod(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    first, rest = args[0], list(args[1:])

    def run(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        return sim.call(first, [inner[0], *rest, *inner[1:]], {**kwargs, **more})

    return Builtin("functools.partialmethod", run, binds=True)


@function("functools.reduce")
def _reduce(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = list(sim.iterate(args[1]))
    if len(args) > 2:
        items.insert(0, args[2])
    if not items:
        kind = "iterable" if sim.python >= (3, 11) else "sequence"
        text = f"reduce() of empty {kind} with no initial value"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    total = items[0]
    for item in items[1:]:
        total = sim.call(args[0], [total, item], {})
    return total


@function("functools.cached_property")
def _cached_property(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Wrapped("cached_property", args[0])


@function("functools.total_ordering")
def _total_ordering(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    cls = args[0]
    if not isinstance(cls, Class):
        return cls
    roots = [name for name in ("__lt__", "__gt__", "__le__", "__ge__") if _defines(cls, name)]
    if not roots:
        text = "must define at least one ordering operation: < > <= >="
        return sim.player.fail(ValueError(text), RaisedByCode("call"))
    for name in ("__lt__", "__le__", "__gt__", "__ge__"):
        if name not in roots:
            cls.namespace[name] = Builtin(name, _derived(sim, name, roots[0]), binds=True)
    return cls


def _defines(cls: Class, name: str) -> bool:
    return any(isinstance(base, Class) and name in base.namespace for base in cls.mro)


def _derived(sim: Simulator, wanted: str, root: str) -> Any:
    """One ordering operator by way of another and `==`, as `functools` derives it."""
    strict, same_side = root in ("__lt__", "__gt__"), (wanted[2] == root[2])

    def run(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        left, right = args
        answer = sim.call(sim.special(left, root), [right], {})
        if answer is NotImplemented:
            return answer
        held = sim.truth(answer)
        if strict and same_side:
            return held or left == right
        if strict:
            return not held and (left != right if wanted in ("__lt__", "__gt__") else True)
        if same_side:
            return held and left != right
        return not held or (left == right if wanted in ("__le__", "__ge__") else False)

    return run


@function("functools.singledispatch", "functools.singledispatchmethod")
def _singledispatch(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    default = args[0]
    table: list[tuple[Value, Value]] = []
    method = isinstance(default, Function) and sim.player.frame.is_class

    def find(kind: Value) -> Value:
        order = kind.mro if isinstance(kind, Class) else getattr(kind, "__mro__", ())
        for base in order:
            for known, implementation in reversed(table):
                if known is base:
                    return implementation
        for known, implementation in reversed(table):
            if sim.is_subclass(kind, known) is True:
                return implementation
        return default

    def run(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        position = 1 if method else 0
        if len(inner) <= position:
            text = f"{sim.get(default, '__name__')} requires at least 1 positional argument"
            return sim.player.fail(TypeError(text), RaisedByCode("call"))
        return sim.call(find(sim.class_of(inner[position])), inner, more)

    def register(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        return _register(sim, table, inner)

    attributes: dict[str, Value] = {
        "register": Builtin("register", register),
        "dispatch": Builtin("dispatch", lambda w, a, k: find(a[0])),
    }
    made = Builtin("singledispatch", run, attributes, kind="function", binds=True)
    return update_wrapper(sim, [made, default], {})


def _register(sim: Simulator, table: list[tuple[Value, Value]], given: list[Value]) -> Value:
    kind = given[0]
    if len(given) > 1:
        table.append((kind, given[1]))
        return given[1]
    if isinstance(kind, Function):
        annotations = [value for key, value in sim.annotations(kind).items() if key != "return"]
        if not annotations:
            text = (
                f"Invalid first argument to `register()`: {kind!r}. Use either `@register(some_class)` or plain "
                "`@register` on an annotated function."
            )
            return sim.player.fail(TypeError(text), RaisedByCode("call"))
        table.append((annotations[0], kind))
        return kind
    return Builtin("register", lambda w, inner, k: _register(sim, table, [kind, inner[0]]))


# -- abc -----------------------------------------------------------------------------------------------------------


@function("abc.abstractmethod", "abc.abstractproperty", "abc.abstractclassmethod", "abc.abstractstaticmethod")
def _abstractmethod(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], Function | Builtin):
        args[0].attributes["__isabstractmethod__"] = True
    return args[0]


@function("types.DynamicClassAttribute", "enum.property")
def _dynamic(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Wrapped("property", args[0])
