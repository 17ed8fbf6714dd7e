"""Playing `import` and `from ... import ...`: what they bind; `imports` finds and loads the modules."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seatrial.libraries.values import UNKNOWN_NAMES, Value
from seatrial.simulation.language.imports import import_from, import_module
from seatrial.simulation.language.names import assign
from seatrial.simulation.language.signals import Statements
from seatrial.simulation.language.star_imports import star_names
from seatrial.simulation.player import Player

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def _import(player: Player, node: ast.Import) -> Value:
    sim = player.sim
    sim.statement = node
    for alias in node.names:
        sim.requested = alias.name
        module = import_module(sim, alias.name, 0, ())
        player.frame.line = node.lineno
        if alias.asname is None:
            assign(sim, alias.name.partition(".")[0], module)
            continue
        for part in alias.name.split(".")[1:]:
            module = import_from(sim, module, part)
        assign(sim, alias.asname, module)
    return None


def _import_from(player: Player, node: ast.ImportFrom) -> Value:
    sim = player.sim
    sim.statement, sim.requested = node, ""
    names = tuple(alias.name for alias in node.names)
    if node.module == "__future__" and node.level == 0:
        sim.note_future(player.frame.module, names)
    module = import_module(sim, node.module or "", node.level, names)
    player.frame.line = node.lineno
    sim.statement = node
    if names == ("*",):
        _bind_star(sim, module)
        return None
    for alias in node.names:
        assign(sim, alias.asname or alias.name, import_from(sim, module, alias.name))
    return None


def _bind_star(sim: Simulator, module: Value) -> None:
    names = star_names(sim, module)
    if names is None:
        sim.player.frame.module.namespace[UNKNOWN_NAMES] = True
        return
    for name, value in names:
        assign(sim, name, value)


IMPORTS: Statements = {
    ast.Import: _import,
    ast.ImportFrom: _import_from,
}
