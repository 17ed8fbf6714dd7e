"""Annotations that nobody has evaluated yet: quoted ones, and all of them where evaluation is deferred."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from seatrial.libraries.values import ABSENT, Class, Function, Module, Unresolved, Value
from seatrial.simulation.language.loading import anonymous
from seatrial.simulation.player import Active
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def evaluated_annotations(sim: Simulator, owner: Function | Class) -> dict[str, Value]:
    """The annotations by name; of one that cannot be resolved, its text remains."""
    held = owner.attributes if isinstance(owner, Function) else owner.namespace
    found = held.get("__annotations__")
    if isinstance(found, dict):
        return {name: _resolved(sim, owner, item) for name, item in found.items()}
    return {name: _evaluated(sim, owner, node) for name, node in _written(owner)}


def _resolved(sim: Simulator, owner: Function | Class, item: Value) -> Value:
    if not isinstance(item, str):
        return item
    node = _parsed(item)
    return Unresolved(item) if node is None else _evaluated(sim, owner, node, item)


@lru_cache(maxsize=4096)  # `str` and `int | None` stand in a thousand places, and each is looked at many times
def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return None


def _evaluated(sim: Simulator, owner: Function | Class, node: ast.expr, text: str = "") -> Value:
    home = owner.module if isinstance(owner, Function) else owner.home
    text = text or ast.unparse(node)
    if home is None:
        return Unresolved(text)
    found = sim.catching(lambda: _in_frame(sim, owner, home, node), Exception)
    if found is ABSENT:
        return Unresolved(text, _lacking(sim, owner, home, node))
    return _resolved(sim, owner, found) if isinstance(found, str) and found != text else found


def _lacking(sim: Simulator, owner: Function | Class, home: Module, node: ast.expr) -> str:
    """The first name of an annotation that is not there."""
    names = sorted((n for n in ast.walk(node) if isinstance(n, ast.Name)), key=lambda n: (n.lineno, n.col_offset))
    for name in names:
        if sim.catching(lambda name=name: _in_frame(sim, owner, home, name), NameError) is ABSENT:  # type: ignore[misc]
            return name.id
    return ""


def _in_frame(sim: Simulator, owner: Function | Class, home: Module, node: ast.expr) -> Value:
    namespace = {**home.namespace, **owner.namespace} if isinstance(owner, Class) else home.namespace
    cell = owner.cell if isinstance(owner, Function) and sim.python >= (3, 14) else None
    sim.player.stack.append(Active(home, "<annotation>", namespace, cell, sim.player.maybe, line=node.lineno))
    try:
        return sim.evaluate_annotation(node)
    finally:
        sim.player.stack.pop()


def _written(owner: Function | Class) -> Iterator[tuple[str, ast.expr]]:
    node = owner.node
    if isinstance(node, ast.ClassDef):
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                yield statement.target.id, statement.annotation
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        spec = node.args
        listed = [*spec.posonlyargs, *spec.args, spec.vararg, *spec.kwonlyargs, spec.kwarg]
        yield from ((arg.arg, arg.annotation) for arg in listed if arg is not None and arg.annotation is not None)
        if node.returns is not None:
            yield "return", node.returns


def note_future(sim: Simulator, module: Module, names: tuple[str, ...]) -> None:
    """`from __future__ import ...`."""
    if "annotations" in names:
        sim.futures.add(id(module))


def annotation(sim: Simulator, node: ast.expr) -> Value:
    """What an annotation leaves behind: its value, or its text where it is not evaluated."""
    if id(sim.player.frame.module) in sim.futures:
        return ast.unparse(node)
    return sim.evaluate_annotation(node)


def has_future(sim: Simulator, module: Module) -> bool:
    """Whether the module says `from __future__ import annotations`."""
    return id(module) in sim.futures


def resolve(sim: Simulator, module: Module | None, annotation: Value) -> Value:
    """What an annotation that is a text stands for, in its module: the names in it are looked up now."""
    if not isinstance(annotation, str) or module is None:
        return type(None) if annotation is None else annotation
    try:
        node = ast.parse(annotation.strip(), mode="eval").body
    except SyntaxError:
        text = f"Forward reference must be an expression -- got {annotation!r}"
        return sim.player.fail(SyntaxError(text), RaisedByCode("call"))
    sim.player.stack.append(Active(anonymous(module), "<module>", module.namespace, None, sim.player.maybe))
    try:
        value = sim.evaluate_annotation(node)
    finally:
        sim.player.stack.pop()
    return sim.resolve(module, value) if isinstance(value, str) else value  # a text within a text


def evaluate_annotation(sim: Simulator, node: ast.expr) -> Value:
    """The value of an annotation."""
    before, sim.in_annotation = sim.in_annotation, True
    statement = sim.statement  # of an annotation that was kept as a text, the lines are no lines of the file
    try:
        return sim.player.evaluate(node)
    finally:
        sim.in_annotation, sim.statement = before, statement
