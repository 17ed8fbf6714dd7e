"""Reading, binding and unbinding names, by the scoping rules of the language."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seatrial.issue import Location
from seatrial.libraries.values import ABSENT, UNKNOWN_NAMES, Unknown, Value
from seatrial.simulation.language.lookup import mangled
from seatrial.simulation.language.natively import natively
from seatrial.simulation.language.scopes import Scope, binds, own_nodes, owner_of, scope_of
from seatrial.simulation.player import Active
from seatrial.simulation.timeline import UnboundName

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def _scope(frame: Active) -> Scope | None:
    node = frame.node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return scope_of(node)
    return None


def private(frame: Active, name: str) -> str:
    """A name as the class around the running code spells it."""
    if name[:2] != "__" or frame.owner is None:
        return name
    return mangled(frame.owner.name, name)


def load_name(sim: Simulator, name: str, node: ast.expr) -> Value:
    """The value of a name, or CPython's NameError."""
    frame = sim.player.frame
    if frame.is_class:
        name = private(frame, name)
        found = frame.namespace.get(name, ABSENT)
        if found is not ABSENT and name not in _class_globals(frame):
            return found
    if frame.behind is not None and frame.behind.is_class and name in frame.behind.namespace:
        own = frame.cell.names if frame.cell is not None else {}
        return own.get(name, frame.behind.namespace[name])
    owner = None if _is_class_name(frame, name) else owner_of(frame.cell, name)
    scope = _scope(frame)
    if owner is not None and not (scope is not None and name in scope.globals):
        found = owner.names.get(name, ABSENT)
        if found is not ABSENT:
            return found
        return _unbound_local(sim, name, node, local=owner is frame.cell and not frame.is_class)
    return _global(sim, name, node)


def _class_globals(frame: Active) -> tuple[str, ...]:
    node = frame.node
    if not isinstance(node, ast.ClassDef):
        return ()
    return tuple(n for child in node.body if isinstance(child, ast.Global) for n in child.names)


def _is_class_name(frame: Active, name: str) -> bool:
    """A name that a class body binds is looked up in the class and then globally, never in functions around it."""
    if not frame.is_class or frame.cell is None or not isinstance(frame.node, ast.ClassDef):
        return False
    return any(name in binds(child) for child in own_nodes(list(frame.node.body)))


def _global(sim: Simulator, name: str, node: ast.expr) -> Value:
    module = sim.player.frame.module
    name = private(sim.player.frame, name)
    found = module.namespace.get(name, ABSENT)
    if found is not ABSENT:
        return found
    found = sim.builtin(name)
    if found is not ABSENT:
        return found
    if UNKNOWN_NAMES in module.namespace:
        return Unknown(f"the name {name}, perhaps from a star import")
    sim.player.frame.line = node.lineno
    fault = UnboundName(name, False, bound_later(sim, name), sim.in_annotation)
    return sim.player.fail(NameError(f"name {name!r} is not defined", name=name), fault, node)


def _unbound_local(sim: Simulator, name: str, node: ast.expr, *, local: bool) -> Value:
    new = sim.python >= (3, 11)
    if local:
        text = f"cannot access local variable {name!r} where it is not associated with a value"
        text = text if new else f"local variable {name!r} referenced before assignment"
        error: NameError = UnboundLocalError(text)
    else:
        text = f"cannot access free variable {name!r} where it is not associated with a value in enclosing scope"
        error = NameError(text if new else f"free variable {name!r} referenced before assignment in enclosing scope")
    sim.player.frame.line = node.lineno
    return sim.player.fail(error, UnboundName(name, True, None, sim.in_annotation), node)


def bound_later(sim: Simulator, name: str) -> Location | None:
    """Where the module binds a name at its top level after the present line."""
    module = sim.player.frame.module
    tree = sim.tree_of(module)
    if tree is None:
        return None
    path = sim.player.relative(module.origin)
    for statement in tree.body:
        inner = (
            [statement]
            if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
            else ast.walk(statement)
        )
        for child in inner:
            if name in binds(child):
                return Location(path, getattr(child, "lineno", statement.lineno), getattr(child, "col_offset", 0) + 1)
    return None


def assign(sim: Simulator, name: str, value: Value) -> None:
    """`name = value` in the frame that runs now."""
    frame = sim.player.frame
    name = private(frame, name) if frame.is_class else name
    target = _target(sim, name)
    if sim.player.maybe > frame.maybe:
        old = target.get(name, ABSENT)
        if old is not ABSENT:
            value = sim.join(old, value)
    if type(target) is dict:
        target[name] = value
    else:
        natively(sim, lambda: target.__setitem__(name, value), "call")


def _target(sim: Simulator, name: str) -> dict[str, Value]:
    """The dictionary in which an assignment to a name lands."""
    frame = sim.player.frame
    if frame.is_class:
        if name in _class_globals(frame):
            return frame.module.namespace
        return frame.namespace
    if frame.cell is None:
        return frame.namespace
    scope = _scope(frame)
    if scope is not None and name in scope.globals:
        return frame.module.namespace
    owner = owner_of(frame.cell, name)
    if owner is not None:
        return owner.names
    return frame.module.namespace  # a walrus in a comprehension of the module


def unbind(sim: Simulator, name: str) -> None:
    """What the end of `except ... as name` does."""
    _target(sim, name).pop(name, None)


def delete(sim: Simulator, name: str, node: ast.expr) -> None:
    """`del name`."""
    name = private(sim.player.frame, name) if sim.player.frame.is_class else name
    target = _target(sim, name)
    if sim.player.maybe > sim.player.frame.maybe:
        return
    if target.pop(name, ABSENT) is ABSENT and UNKNOWN_NAMES not in target:
        load_missing(sim, name, node)


def load_missing(sim: Simulator, name: str, node: ast.expr) -> None:
    """The NameError of `del name` for a name that is not bound."""
    frame = sim.player.frame
    if frame.cell is not None and not frame.is_class and owner_of(frame.cell, name) is frame.cell:
        _unbound_local(sim, name, node, local=True)
        return
    error = NameError(f"name {name!r} is not defined", name=name)
    sim.player.fail(error, UnboundName(name, False, None), node)
