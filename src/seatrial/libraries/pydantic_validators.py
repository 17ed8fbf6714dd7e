"""pydantic's field validators: functions of the backend that see, change or refuse a value.

Source: pydantic 2.14, `functional_validators.field_validator` and `deprecated.class_validators.validator`.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.pydantic_decorators import check_function, check_use, remember
from seatrial.libraries.values import Builtin, Class, Function, Unknown, Value, Wrapped
from seatrial.libraries.world import World

_MARK = "__seatrial_validates__"


@dataclass(frozen=True, slots=True)
class Validator:
    """One validator: the fields it is for ("*" for all) and when it runs."""

    function: Function
    fields: tuple[str, ...]
    mode: str
    is_static: bool


def mark(world: World, call: LibraryCall) -> Value:
    """`@field_validator("a", "b", mode="after")`: the function again, with what it is for."""
    check_use(world, call)
    fields = tuple(field for field in call.args if isinstance(field, str))
    mode = call.kwargs.get("mode", "before" if call.kwargs.get("pre") is True else "after")

    def decorate(_: World, inner: list[Value], __: dict[str, Value]) -> Value:
        check_function(world, call, inner[0])
        remember(call, inner[0])
        function = inner[0].function if isinstance(inner[0], Wrapped) else inner[0]
        if not isinstance(function, Function):
            return Unknown("a validator", function)
        function.attributes[_MARK] = (fields, mode if isinstance(mode, str) else "after")
        return inner[0] if isinstance(inner[0], Wrapped) else Wrapped("classmethod", function)

    return Builtin(call.callee.name, decorate)


def validators_of(cls: Class, field: str) -> list[Validator]:
    """The validators of one field, in the order in which they are defined, the base's first."""
    found: dict[str, Validator] = {}
    for base in reversed(cls.mro):
        for name, item in base.namespace.items() if isinstance(base, Class) else ():
            function = item.function if isinstance(item, Wrapped) else None
            marked = function.attributes.get(_MARK) if isinstance(function, Function) else None
            if isinstance(function, Function) and marked is not None and (field in marked[0] or "*" in marked[0]):
                found[name] = Validator(function, marked[0], marked[1], item.kind == "staticmethod")
    return list(found.values())


def run(world: World, cls: Class, validator: Validator, value: Value) -> tuple[Value, Value | None]:
    """(what the validator makes of a value, the ValueError or AssertionError that it raises instead)."""
    args = [value] if validator.is_static else [cls, value]
    takes = len(validator.function.node.args.args)
    if isinstance(validator.function.node, ast.Lambda):
        return Unknown("a validator"), None
    more = [Unknown("what a validator is told besides the value")] * max(0, takes - len(args))
    return world.outcome(lambda: world.call(validator.function, [*args, *more], {}), (ValueError, AssertionError))


LIBRARY = Library("pydantic", "pydantic", calls={"pydantic.field_validator": mark, "pydantic.validator": mark})
