"""pydantic's decorators for validators and serializers: how they may be used, and for which functions and fields.

Source: pydantic 2.7 to 2.14, `functional_validators.py`, `functional_serializers.py`, `deprecated/class_validators.py`,
`_internal/_decorators.py`, `_internal/_decorators_v1.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.libraries.behaviour import LibraryCall
from seatrial.libraries.callables import Parameter, signature
from seatrial.libraries.pydantic_types import is_v1, refuse_in_words
from seatrial.libraries.values import ABSENT, Builtin, Class, Function, Unknown, Value, Wrapped
from seatrial.libraries.world import World

_MARK = "__seatrial_decorated__"
_OLD, _NEW = "deprecated.class_validators", "functional_validators"
_SIMPLE = ("positional", "either")


def check_use(world: World, call: LibraryCall) -> bool:
    """The arguments of `@validator(...)` or `@field_validator(...)`; false once they are refused."""
    if is_v1(world):
        return True
    name = call.callee.name.rpartition(".")[2]
    module = _OLD if name == "validator" else _NEW
    world.bound(call)
    first = call.args[0] if call.args else None
    if isinstance(first, Function | Wrapped):
        return not _refuse_use(world, module, name, "bare", "without arguments")
    if any(not isinstance(one, str | Unknown) for one in call.args):
        return not _refuse_use(world, module, name, "separate string args", "should be strings")
    return True


def _refuse_use(world: World, module: str, name: str, *fragments: str) -> bool:
    """One of several wordings of the same refusal, of this decorator's."""
    quoted = f"`@{name}`"
    for fragment in fragments:
        for start in (f"{quoted} should be used with fields and keyword arguments, not {fragment}",
                      f"{quoted} fields should be passed as {fragment}",
                      f"The {quoted} decorator cannot be used {fragment}",
                      f"The provided field names to the {quoted} decorator {fragment}"):  # fmt: skip
            if refuse_in_words(world, module, start):
                return True
    return False


def check_function(world: World, call: LibraryCall, function: Value) -> bool:
    """What `@validator` and `@field_validator` are put on: a method of the class, not of its objects."""
    inner = function.function if isinstance(function, Wrapped) else function
    if is_v1(world) or not isinstance(inner, Function) or isinstance(function, Wrapped):
        return True
    names = [arg.arg for arg in (*inner.node.args.posonlyargs, *inner.node.args.args)]
    if names[:1] != ["self"]:
        return True
    name = call.callee.name.rpartition(".")[2]
    module = _OLD if name == "validator" else _NEW
    for text in (
        f"`@{name}` cannot be applied to instance methods",
        f"`@{name}` decorator cannot be applied to instance",
    ):
        if refuse_in_words(world, module, text):
            return False
    return True


def remember(call: LibraryCall, function: Value) -> None:
    """Mark a function with the decorator that was put on it, for when its class is made."""
    inner = function.function if isinstance(function, Wrapped) else function
    if isinstance(inner, Function):
        inner.attributes[_MARK] = call


def field_serializer(world: World, call: LibraryCall) -> Value:
    """`@field_serializer("a", "b")`."""
    if not call.args or not all(isinstance(one, str) for one in call.args):
        return ABSENT

    def apply(_: World, given: list[Value], __: dict[str, Value]) -> Value:
        remember(call, given[0])
        return given[0]

    return Builtin(call.callee.name, apply)


def root_validator(world: World, call: LibraryCall) -> Value:
    """`@root_validator(pre=False, skip_on_failure=False)`, with or without brackets."""
    if is_v1(world):
        return ABSENT
    pre, skip = call.kwargs.get("pre", False), call.kwargs.get("skip_on_failure", False)
    if pre is False and skip is False:
        refuse_in_words(world, _OLD, "If you use `@root_validator` with pre=False (the default) you MUST specify")
    if call.args:
        return call.args[0]
    return Builtin(call.callee.name, lambda _, given, __: given[0])


def check_functions(world: World, cls: Class) -> bool:
    """The parameters of the validators that a class defines; true once one is refused."""
    for call, function, wrapped in _decorated(cls):
        name = call.callee.name.rpartition(".")[2]
        found = signature(world, function)
        if found is None:
            continue
        own = (
            found.parameters
            if isinstance(wrapped, Wrapped) and wrapped.kind == "staticmethod"
            else found.parameters[1:]
        )
        checks = {"validator": _old_signature, "field_validator": _new_signature, "computed_field": _computed}
        check = checks.get(name)
        if check is not None and check(world, cls, call, function, own):
            return True
    return False


def _decorated(cls: Class) -> Iterator[tuple[LibraryCall, Function, Value]]:
    for item in cls.namespace.values():
        inner = item.function if isinstance(item, Wrapped) else item
        found = inner.attributes.get(_MARK) if isinstance(inner, Function) else None
        if isinstance(found, LibraryCall):
            yield found, inner, item


def computed_field(world: World, call: LibraryCall) -> Value:
    """`@computed_field`, with or without brackets."""

    def apply(_: World, given: list[Value], __: dict[str, Value]) -> Value:
        remember(call, given[0])
        return given[0] if isinstance(given[0], Wrapped) else Wrapped("property", given[0])

    return apply(world, call.args, {}) if call.args else Builtin(call.callee.name, apply)


def _computed(world: World, cls: Class, call: LibraryCall, function: Function, own: tuple[Parameter, ...]) -> bool:
    found = signature(world, function)
    if found is None or found.returns is not ABSENT or "return_type" in call.kwargs:
        return False
    text = "Computed field is missing return type annotation"
    return refuse_in_words(world, "_internal._generate_schema", text, subject=function.name)


def _old_signature(world: World, cls: Class, call: LibraryCall, function: Function, own: tuple[Parameter, ...]) -> bool:
    if any(one.name in ("field", "config") and one.kind in ("either", "keyword") for one in own):
        text = "The `field` and `config` parameters are not available in Pydantic V2"
        return refuse_in_words(world, "_internal._decorators_v1", text, subject=function.name)
    return False


def _new_signature(world: World, cls: Class, call: LibraryCall, function: Function, own: tuple[Parameter, ...]) -> bool:
    mode = call.kwargs.get("mode", "after")
    needed = [one for i, one in enumerate(own) if one.kind in _SIMPLE and (one.default is ABSENT or i == 0)]
    if mode not in ("before", "after", "plain") or len(needed) in (1, 2) or any(one.kind == "rest" for one in own):
        return False
    bound = f"<bound method {cls.name}.{function.name} of {cls!r}>"
    shape = f"({', '.join(_shown(one) for one in own)})"
    fragment = "Unrecognized {} validator function signature for {} with `mode={}`: {}"
    if refuse_in_words(world, "_internal._decorators", fragment, "field", bound, mode, shape, subject=function.name):
        return True
    fragment = "Unrecognized field_validator function signature for {} with `mode={}`:{}"
    return refuse_in_words(world, "_internal._decorators", fragment, bound, mode, shape, subject=function.name)


def _shown(parameter: Parameter) -> str:
    return parameter.name if parameter.default is ABSENT else f"{parameter.name}={parameter.default!r}"


def check_fields(world: World, cls: Class, fields: set[str]) -> bool:
    """Validators and serializers for fields that the class does not have; true once one is refused."""
    for base in cls.mro:
        for call, function, _ in _decorated(base) if isinstance(base, Class) else ():
            named = [one for one in call.args if isinstance(one, str)]
            if call.kwargs.get("check_fields") is False or "*" in named or all(one in fields for one in named):
                continue
            text, where = "Decorators defined with incorrect fields: {}.{}", f"{base.module}.{base.qualname}:0"
            name = function.name
            return refuse_in_words(world, "_internal._generate_schema", text, where, name, subject=name)
    return False
