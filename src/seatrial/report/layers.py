"""Where each module of an import graph is drawn: in layers, so that every import outside a circle leads down.

The layer of a module is the longest way to it from a module that nothing imports; the modules of a circle share one.
Inside a layer, modules stand near those that import them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seatrial.report.import_graph import components

Edges = Iterable[tuple[str, str]]
_SWEEPS = 3


@dataclass(frozen=True, slots=True)
class Layers:
    """Rows of modules from the top down, and the number of the circle that a module is part of."""

    rows: tuple[tuple[str, ...], ...]
    circle: Mapping[str, int]


def layered(modules: Iterable[str], edges: Edges) -> Layers:
    """Lay modules out. Edges run from the importer to what it imports."""
    graph: dict[str, list[str]] = {module: [] for module in modules}
    for importer, imported in dict.fromkeys(edges):
        if importer in graph and imported in graph and importer != imported:
            graph[importer].append(imported)
    parts = components(graph)
    part_of = {module: number for number, part in enumerate(parts) for module in part}
    depth = _depths(graph, parts, part_of)
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for module in sorted(graph):
        rows[depth[module]].append(module)
    circles = [part for part in parts if len(part) > 1]
    numbers = {module: number for number, part in enumerate(reversed(circles), 1) for module in part}
    return Layers(tuple(map(tuple, _untangled(rows, graph))), numbers)


def _depths(graph: Mapping[str, list[str]], parts: list[list[str]], part_of: Mapping[str, int]) -> dict[str, int]:
    """The layer of each module. Parts come with what they lead to first, so they are walked from the end."""
    depth = [0] * len(parts)
    for number in range(len(parts) - 1, -1, -1):
        for module in parts[number]:
            for imported in graph[module]:
                other = part_of[imported]
                if other != number:
                    depth[other] = max(depth[other], depth[number] + 1)
    return {module: depth[number] for module, number in part_of.items()}


def _untangled(rows: list[list[str]], graph: Mapping[str, list[str]]) -> list[list[str]]:
    """Each row in the order of the middle of its neighbours' places, swept down and up a few times."""
    importers: dict[str, list[str]] = {module: [] for module in graph}
    for importer, imported in ((a, b) for a, many in graph.items() for b in many):
        importers[imported].append(importer)
    for sweep in range(_SWEEPS):
        towards: Mapping[str, list[str]] = graph if sweep % 2 else importers
        place = {module: index / max(len(row), 1) for row in rows for index, module in enumerate(row)}
        for row in reversed(rows) if sweep % 2 else rows:
            row.sort(key=lambda module: (_middle(towards[module], place, place[module]), module))
            place.update({module: index / len(row) for index, module in enumerate(row)})
    return rows


def _middle(neighbours: list[str], place: Mapping[str, float], own: float) -> float:
    return sum(place[it] for it in neighbours) / len(neighbours) if neighbours else own
