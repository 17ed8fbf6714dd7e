"""Type parameters and `type` statements (PEP 695, CPython 3.12 on)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seatrial.libraries.values import Builtin, Cell, Class, External, Instance, Unknown, Value, Wrapped
from seatrial.simulation.language.names import assign
from seatrial.simulation.player import Active, Player


@contextmanager
def type_parameters(player: Player, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[None]:
    """The scope between a definition and what surrounds it, in which its type parameters have names."""
    params = getattr(node, "type_params", None)
    if not params:
        yield
        return
    player.stack.append(_scope(player, params, f"<generic parameters of {node.name}>", node.lineno))
    try:
        yield
    finally:
        player.stack.pop()


def _scope(player: Player, params: list[Any], function: str, line: int) -> Active:
    frame = player.frame
    names: dict[str, Value] = {param.name: External(f"typing.TypeVar.{param.name}", "class") for param in params}
    active = Active(
        frame.module, function, frame.module.namespace, Cell(names, frozenset(names), frame.cell), player.maybe
    )
    active.line, active.owner, active.subject = line, frame.owner, frame.subject
    # What is defined in it is named as if it were not there.
    active.qualname = frame.qualname
    active.behind = frame
    return active


def play_type_alias(player: Player, node: Any) -> Value:
    """`type X = ...`: the value is evaluated when somebody asks for it."""
    sim, name = player.sim, node.name.id
    scope = _scope(player, node.type_params or [], name, node.lineno)
    known: list[Value] = []

    def value(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        if not known:
            player.stack.append(scope)
            try:
                known.append(player.evaluate(node.value))
            finally:
                player.stack.pop()
        return known[0]

    methods: dict[str, Value] = {
        "__name__": name,
        "__value__": Wrapped("property", Builtin("__value__", value)),
        "__repr__": Builtin("__repr__", lambda world, args, kwargs: name, binds=True),
        "__getitem__": Builtin("__getitem__", lambda world, args, kwargs: Unknown("a type alias"), binds=True),
        "__or__": Builtin("__or__", lambda world, args, kwargs: Unknown("a union"), binds=True),
        "__ror__": Builtin("__ror__", lambda world, args, kwargs: Unknown("a union"), binds=True),
    }
    cls = Class("typing.TypeAliasType", "TypeAliasType", "typing", (), methods, mro=())
    cls.mro = (cls, object)
    assign(sim, name, Instance(cls, sim))
    return None
