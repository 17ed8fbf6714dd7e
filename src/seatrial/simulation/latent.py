"""What the start does not reach: imports inside functions of loaded modules, and modules that nothing loads.

Played after the start, in the state that it left, so that these faults never decide its outcome.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from seatrial.issue import Stage
from seatrial.libraries.values import Module
from seatrial.project.syntax.nodes import children, walk
from seatrial.simulation.language.imports import find_and_load
from seatrial.simulation.player import Active, OutOfBudget, Raised, Suspended
from seatrial.simulation.simulator import Simulator
from seatrial.simulation.timeline import Reach


def play_rest(sim: Simulator, modules: Iterable[tuple[str, Path]]) -> None:
    """Play the imports in functions of what is loaded, then the modules given that are not, then theirs."""
    sim.player.stage = Stage.REQUEST
    sim.player.stack.clear()
    sim.player.guards.clear()
    sim.player.maybe = 0
    sim.player.steps = 0
    try:
        loaded = [module for module in sim.modules.values() if isinstance(module, Module) and module.first_party]
        _play_functions(sim, loaded, Reach.REQUEST)
        before = {id(module) for module in loaded}
        files = {module.origin for module in loaded}
        sim.player.latent = Reach.UNREACHED
        for name, path in modules:
            if path not in files and name not in sim.modules:
                _quietly(sim, name)
        fresh = [m for m in sim.modules.values() if isinstance(m, Module) and m.first_party and id(m) not in before]
        _play_functions(sim, fresh, Reach.UNREACHED)
    except OutOfBudget:
        return


def _quietly(sim: Simulator, name: str) -> None:
    try:
        find_and_load(sim, name)
    except (Raised, Suspended):
        return
    finally:
        sim.player.stack.clear()
        sim.player.guards.clear()
        sim.player.maybe = 0


def _play_functions(sim: Simulator, modules: list[Module], reach: Reach) -> None:
    for module in modules:
        tree = sim.tree_of(module)
        if tree is None or module.missing:
            continue
        sim.player.latent = reach
        for node in _imports_in_functions(tree):
            _play_one(sim, module, node)


def _play_one(sim: Simulator, module: Module, node: ast.stmt) -> None:
    scratch = Module(module.name, dict(module.namespace), module.origin, True, loading=False)
    active = Active(scratch, "<function>", scratch.namespace, None, 0)
    sim.player.stack.append(active)
    try:
        sim.player.execute([node])
    except (Raised, Suspended):
        pass
    finally:
        sim.player.stack.clear()
        sim.player.guards.clear()
        sim.player.maybe = 0


def _imports_in_functions(tree: ast.Module) -> Iterator[ast.stmt]:
    """Import statements inside functions, those in a `try` with handlers and those for type checkers left out."""
    waiting: list[tuple[ast.AST, bool]] = [(node, False) for node in tree.body]
    while waiting:
        node, inside = waiting.pop()
        if isinstance(node, ast.Try) and node.handlers:
            continue
        if isinstance(node, ast.If) and _is_for_types(node.test):
            continue
        if inside and isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        deeper = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        waiting += [(child, deeper) for child in children(node) if isinstance(child, ast.stmt | ast.ExceptHandler)]


def _is_for_types(test: ast.expr) -> bool:
    names = (
        it.id if isinstance(it, ast.Name) else it.attr if isinstance(it, ast.Attribute) else "" for it in walk(test)
    )
    return "TYPE_CHECKING" in names
