"""Playing definitions: `def`, `class`, and the function objects that a `lambda` makes too."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seatrial.libraries.values import ABSENT, Function, Owner, Unknown, Value
from seatrial.simulation.language.attributes import docstring
from seatrial.simulation.language.calls import call
from seatrial.simulation.language.classes import make_class, prepared, resolve_bases, winner
from seatrial.simulation.language.generics import type_parameters
from seatrial.simulation.language.names import assign
from seatrial.simulation.language.signals import Statements
from seatrial.simulation.language.spreading import unpacked
from seatrial.simulation.language.typing_forms import class_problem
from seatrial.simulation.player import Active, Player
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

Defaults = tuple[tuple[Value, ...], dict[str, Value]]


def default_values(player: Player, args: ast.arguments) -> Defaults:
    """The defaults of parameters, by position and by keyword: evaluated where the function is made."""
    positional = tuple(player.evaluate(default) for default in args.defaults)
    keywords = {
        arg.arg: player.evaluate(default)
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
        if default is not None
    }
    return positional, keywords


def make_function(
    player: Player, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str, defaults: Defaults
) -> Function:
    """A function object."""
    frame = player.frame
    made = Function(node, frame.module, frame.cell, name, qualified(frame, name), *defaults)
    made.owner = frame.owner
    return made


def qualified(frame: Active, name: str) -> str:
    """`__qualname__` of something defined in a frame."""
    frame = frame.behind or frame
    if frame.function == "<module>":
        return name
    if frame.is_class:
        return f"{frame.namespace.get('__qualname__', frame.function)}.{name}"
    return f"{frame.qualname}.<locals>.{name}"


def _function(player: Player, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Value:
    sim = player.sim
    decorators = [(player.evaluate(d), d) for d in node.decorator_list]
    player.frame.line = node.lineno
    defaults = default_values(player, node.args)
    with type_parameters(player, node):
        made = make_function(player, node, node.name, defaults)
        if sim.python < (3, 14):
            made.attributes["__annotations__"] = _annotations(sim, node)
    assign(sim, node.name, _decorated(player, made, decorators))
    return None


def _annotations(sim: Simulator, node: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, Value]:
    args = node.args
    listed = [*args.posonlyargs, *args.args, *([args.vararg] if args.vararg else []), *args.kwonlyargs]
    listed += [args.kwarg] if args.kwarg else []
    found = {arg.arg: sim.annotation(arg.annotation) for arg in listed if arg.annotation is not None}
    if node.returns is not None:
        found["return"] = sim.annotation(node.returns)
    return found


def _decorated(player: Player, value: Value, decorators: list[tuple[Value, ast.expr]]) -> Value:
    for decorator, node in reversed(decorators):
        player.frame.line = node.lineno
        player.sim.statement = node
        value = call(player.sim, decorator, [value], {})
    return value


def _class(player: Player, node: ast.ClassDef) -> Value:
    sim = player.sim
    decorators = [(player.evaluate(d), d) for d in node.decorator_list]
    player.frame.line = node.lineno
    player.frame.line = _class_line(sim, node)
    with type_parameters(player, node):
        made = _made_class(player, node)
    assign(sim, node.name, _decorated(player, made, decorators))
    return None


def _made_class(player: Player, node: ast.ClassDef) -> Value:
    sim = player.sim
    bases, keywords = _class_arguments(player, node)
    player.frame.line = _class_line(sim, node)
    known, traits = resolve_bases(sim, bases)
    traits |= {"generic"} if getattr(node, "type_params", None) else frozenset()
    metaclass = winner(sim, keywords.get("metaclass"), known)
    if metaclass is ABSENT:
        return Unknown("a class that is not there")
    problem = class_problem(bases, known, traits)
    if problem is not None:
        return sim.player.fail(problem, RaisedByCode("call"))
    given = {key: value for key, value in keywords.items() if key != "metaclass"}
    owner = Owner(node.name)
    namespace = _class_body(player, node, prepared(sim, metaclass, node.name, known, given), owner)
    player.frame.line = _class_line(sim, node)
    if len(known) != len(bases) or any(a is not b for a, b in zip(known, bases, strict=False)):
        namespace.setdefault("__orig_bases__", tuple(bases))
    made = make_class(sim, node.name, known, keywords, namespace, traits)
    owner.cls = owner.cls if owner.cls is not None else made
    return made


def _class_line(sim: Simulator, node: ast.ClassDef) -> int:
    return node.decorator_list[0].lineno if node.decorator_list and sim.python < (3, 9) else node.lineno


def _class_arguments(player: Player, node: ast.ClassDef) -> tuple[list[Value], dict[str, Value]]:
    bases: list[Value] = []
    keywords: dict[str, Value] = {}
    for base in node.bases:
        if isinstance(base, ast.Starred):
            bases.extend(unpacked(player.sim, player.evaluate(base.value)) or [Unknown("a base class")])
        else:
            bases.append(player.evaluate(base))
    for keyword in node.keywords:
        value = player.evaluate(keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, dict):
            keywords.update(value)
    return bases, keywords


def _class_body(player: Player, node: ast.ClassDef, namespace: dict[str, Value], owner: Owner) -> dict[str, Value]:
    frame = player.frame
    namespace["__module__"] = frame.module.namespace.get("__name__")
    namespace["__qualname__"] = qualified(frame, node.name)
    text = docstring(player.sim, node)
    if text is not None:
        namespace["__doc__"] = text
    active = Active(frame.module, node.name, namespace, frame.cell, player.maybe, line=node.lineno)
    active.is_class, active.node, active.owner = True, node, owner
    active.qualname = str(namespace["__qualname__"])
    player.stack.append(active)
    try:
        player.execute(node.body)
    finally:
        player.stack.pop()
    dict.__setitem__(namespace, "__seatrial_node__", node)
    dict.__setitem__(namespace, "__seatrial_owner__", owner)
    return namespace


DEFINITIONS: Statements = {
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
}
