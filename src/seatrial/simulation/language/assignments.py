"""Playing assignments and `del`: targets are bound in the order in which CPython binds them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from seatrial.libraries.values import ABSENT, Class, Function, Instance, Undecided, Unknown, Value, Wrapped
from seatrial.simulation.language.calls import call
from seatrial.simulation.language.iteration import iterate
from seatrial.simulation.language.lookup import class_lookup, type_name
from seatrial.simulation.language.names import assign, delete, private
from seatrial.simulation.language.operators import binary
from seatrial.simulation.language.signals import Statements
from seatrial.simulation.language.spreading import lacks
from seatrial.simulation.language.storing import put
from seatrial.simulation.language.subscripts import delete_item, store_item, subscript
from seatrial.simulation.player import Player
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def _assign(player: Player, node: ast.Assign) -> Value:
    value = player.evaluate(node.value)
    for target in node.targets:
        assign_target(player.sim, target, value)
    return None


def _annotated(player: Player, node: ast.AnnAssign) -> Value:
    sim = player.sim
    if node.value is not None:
        value = player.evaluate(node.value)
        assign_target(sim, node.target, value)
    frame = player.frame
    if not node.simple or (frame.cell is not None and not frame.is_class and frame.function != "<module>"):
        return None
    if sim.python >= (3, 14) and not sim.has_future(frame.module):
        return None  # evaluated when somebody asks
    annotation = sim.annotation(node.annotation)
    if isinstance(node.target, ast.Name):
        frame.namespace.setdefault("__annotations__", {})[node.target.id] = annotation
    return None


def _augmented(player: Player, node: ast.AugAssign) -> Value:
    sim = player.sim
    target = node.target
    if isinstance(target, ast.Name):
        load = ast.copy_location(ast.Name(target.id, ast.Load()), target)
        value = binary(sim, node.op, player.evaluate(load), player.evaluate(node.value), inplace=True)
        assign(sim, target.id, value)
        return None
    subject = player.evaluate(target.value)
    if isinstance(target, ast.Attribute):
        name = private(player.frame, target.attr)
        old = sim.get(subject, name)
        if old is ABSENT:
            old = sim.attribute_error(subject, name)
        value = binary(sim, node.op, old, player.evaluate(node.value), inplace=True)
        _put(sim, subject, name, value)
        return None
    key = player.evaluate(target.slice)
    value = binary(sim, node.op, subscript(sim, subject, key), player.evaluate(node.value), inplace=True)
    store_item(sim, subject, key, value)
    return None


def _put(sim: Simulator, subject: Value, name: str, value: Value) -> None:
    error = put(sim, subject, name, value)
    if error is not None:
        sim.player.fail(error, RaisedByCode("attribute"))


def assign_target(sim: Simulator, target: ast.expr, value: Value) -> None:
    """Bind one assignment target, unpacking where it is a tuple or a list."""
    if isinstance(target, ast.Name):
        assign(sim, target.id, value)
    elif isinstance(target, ast.Attribute):
        subject = sim.player.evaluate(target.value)
        sim.player.frame.line = target.lineno
        _put(sim, subject, private(sim.player.frame, target.attr), value)
    elif isinstance(target, ast.Subscript):
        subject = sim.player.evaluate(target.value)
        store_item(sim, subject, sim.player.evaluate(target.slice), value)
    elif isinstance(target, ast.Starred):
        assign_target(sim, target.value, value)
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(sim, target, value)


def _unpack(sim: Simulator, target: ast.Tuple | ast.List, value: Value) -> None:
    count = len(target.elts)
    star = next((i for i, item in enumerate(target.elts) if isinstance(item, ast.Starred)), None)
    sim.player.frame.line = target.lineno
    items = _items_to_unpack(sim, value)
    if items is not None:
        items = _checked(sim, items, count, star)
    if items is None:
        items = [Unknown("an unpacked item") for _ in range(count)]
    elif star is not None:
        after = count - star - 1
        middle = items[star : len(items) - after]
        items = [*items[:star], middle, *items[len(items) - after :]] if after else [*items[:star], middle]
    for part, item in zip(target.elts, items, strict=True):
        assign_target(sim, part, item)


def _items_to_unpack(sim: Simulator, value: Value) -> list[Value] | None:
    try:
        source = iterate_for_unpacking(sim, value)
    except Undecided:
        return None
    try:
        return list(source)
    except Undecided:
        return None


def iterate_for_unpacking(sim: Simulator, value: Value) -> Iterator[Value]:
    """As `iterate`, with the message that unpacking gives."""
    if lacks(sim, value, "__iter__", "__getitem__"):
        text = f"cannot unpack non-iterable {type_name(value)} object"
        sim.player.fail(TypeError(text), RaisedByCode("operator"))
        raise Undecided("not iterable")
    return iterate(sim, value)


def _checked(sim: Simulator, items: list[Value], count: int, star: int | None) -> list[Value] | None:
    needed = count - (star is not None)
    if len(items) < needed:
        least = "at least " if star is not None else ""
        text = f"not enough values to unpack (expected {least}{needed}, got {len(items)})"
    elif star is None and len(items) > count:
        got = f", got {len(items)}" if sim.python >= (3, 14) else ""
        text = f"too many values to unpack (expected {count}{got})"
    else:
        return items
    sim.player.fail(ValueError(text), RaisedByCode("operator"))
    return None


def _delete(player: Player, node: ast.Delete) -> Value:
    for target in node.targets:
        _delete_target(player.sim, target)
    return None


def _delete_target(sim: Simulator, target: ast.expr) -> None:
    if isinstance(target, ast.Name):
        delete(sim, target.id, target)
    elif isinstance(target, ast.Attribute):
        _delete_attribute(sim, sim.player.evaluate(target.value), private(sim.player.frame, target.attr))
    elif isinstance(target, ast.Subscript):
        subject = sim.player.evaluate(target.value)
        delete_item(sim, subject, sim.player.evaluate(target.slice))
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            _delete_target(sim, part)


def _delete_attribute(sim: Simulator, subject: Value, name: str) -> None:
    if isinstance(subject, Instance) and _deleted_by_class(sim, subject, name):
        return
    held = getattr(subject, "namespace", None)
    if held is None:
        held = getattr(subject, "attributes", None)
    if isinstance(held, dict) and held.pop(name, ABSENT) is ABSENT and isinstance(subject, Instance | Class):
        text = name if sim.python < (3, 11) else f"{type_name(subject)!r} object has no attribute {name!r}"
        sim.player.fail(AttributeError(text), RaisedByCode("attribute"))


def _deleted_by_class(sim: Simulator, subject: Instance, name: str) -> bool:
    """Whether the class has its own way of deleting an attribute, which has been gone."""
    hook = class_lookup(subject.type, "__delattr__")
    if isinstance(hook, Function):
        call(sim, hook, [subject, name], {})
        return True
    found = class_lookup(subject.type, name)
    if isinstance(found, Wrapped) and found.kind == "property":
        if found.deleter is None:
            text = f"property {name!r} of {subject.type.name!r} object has no deleter"
            text = text if sim.python >= (3, 11) else f"can't delete attribute {name!r}"
            sim.player.fail(AttributeError(text), RaisedByCode("attribute"))
        else:
            call(sim, found.deleter, [subject], {})
        return True
    if isinstance(found, Instance) and class_lookup(found.type, "__delete__") is not ABSENT:
        call(sim, sim.special(found, "__delete__"), [subject], {})
        return True
    return False


ASSIGNMENTS: Statements = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
}
