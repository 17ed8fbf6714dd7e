"""The import graph as a drawing (SVG) and as a Mermaid diagram."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from seatrial.report.layers import Layers, layered

_WIDTH, _HEIGHT, _GAP, _ROW_GAP, _LAYER_GAP, _MARGIN = 168, 26, 14, 12, 46, 16
_ACROSS, _ACROSS_MANY = 8, 20  # modules beside one another; a fuller layer goes on in a further row
_LABEL = 22  # characters of a module's name that fit
_MANY = 150  # modules from which on a drawing shows only the edges of those that are looked at
_MERMAID = 120  # modules that a Mermaid diagram can still show


def svg(imports: Mapping[str, Any]) -> str:
    """The whole graph: what the start reached is filled, circles are red, imports not executed are dashed."""
    edges = [(it["importer"], it["imported"], it["executed"]) for it in imports["edges"]]
    modules = dict.fromkeys(
        [*imports["modules"], *imports["unreached"], *(it[0] for it in edges), *(it[1] for it in edges)]
    )
    layers = layered(modules, ((importer, imported) for importer, imported, executed in edges if executed))
    layers = layers if len(layers.rows) > 1 else layered(modules, ((it[0], it[1]) for it in edges))
    places = _places(layers)
    reached = frozenset(imports["modules"])
    width = max((x for x, _ in places.values()), default=0) + _WIDTH + _MARGIN
    height = max((y for _, y in places.values()), default=0) + _HEIGHT + _MARGIN
    many = " many" if len(modules) > _MANY else ""
    return "".join(
        [
            f'<svg class="graph{many}" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
            ' xmlns="http://www.w3.org/2000/svg" aria-hidden="true" focusable="false"><g class="edges">',
            *_edges(edges, places, layers.circle),
            '</g><g class="modules">',
            *(_module(name, *places[name], name in reached, layers.circle.get(name, 0)) for name in places),
            "</g></svg>",
        ]
    )


def _places(layers: Layers) -> dict[str, tuple[int, int]]:
    """The upper left corner of each module, in pixels; rows are centred on the widest one."""
    most = _ACROSS if sum(map(len, layers.rows)) <= _MANY else _ACROSS_MANY
    across = max((min(len(row), most) for row in layers.rows), default=0)
    found: dict[str, tuple[int, int]] = {}
    y = _MARGIN
    for row in layers.rows:
        for start in range(0, len(row), most):
            part = row[start : start + most]
            left = _MARGIN + (across - len(part)) * (_WIDTH + _GAP) // 2
            found |= {name: (left + index * (_WIDTH + _GAP), y) for index, name in enumerate(part)}
            y += _HEIGHT + _ROW_GAP
        y += _LAYER_GAP - _ROW_GAP
    return found


def _edges(
    edges: Iterable[tuple[str, str, bool]], places: Mapping[str, tuple[int, int]], circle: Mapping[str, int]
) -> Iterator[str]:
    number = {name: index for index, name in enumerate(places)}
    for importer, imported, executed in dict.fromkeys(edges):
        if importer == imported:
            continue
        (x1, y1), (x2, y2) = places[importer], places[imported]
        down = y2 > y1
        y1, y2 = (y1 + _HEIGHT, y2) if down else (y1, y2 + _HEIGHT) if y2 < y1 else (y1 + _HEIGHT, y2 + _HEIGHT)
        bend = max(abs(y2 - y1) // 2, 24) * (1 if down or y1 == y2 else -1)
        x1, x2 = x1 + _WIDTH // 2, x2 + _WIDTH // 2
        back = bend if y1 == y2 else -bend
        kind = "c" if circle.get(importer) and circle.get(importer) == circle.get(imported) and executed else ""
        kind = kind or ("e" if executed else "d")
        path = f"M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 + back} {x2} {y2}"
        yield f'<path class="{kind}" data-a="{number[importer]}" data-b="{number[imported]}" d="{path}"/>'


def _module(name: str, x: int, y: int, reached: bool, circle: int) -> str:
    kinds = ["m", "reached" if reached else "left", *(["circle"] if circle else [])]
    said = f"{name}: {'loaded by the start' if reached else 'not loaded by the start'}"
    said += f", part of circle {circle}" if circle else ""
    label = name if len(name) <= _LABEL else f"…{name[-_LABEL + 1 :]}"
    return (
        f'<g class="{" ".join(kinds)}" data-n="{escape(name)}" transform="translate({x} {y})">'
        f'<title>{escape(said)}</title><rect width="{_WIDTH}" height="{_HEIGHT}" rx="5"/>'
        f'<text x="{_WIDTH // 2}" y="17">{escape(label)}</text></g>'
    )


def mermaid(imports: Mapping[str, Any]) -> str:
    """The graph as a Mermaid flowchart; of a very large one what the start reached, up to a bound."""
    names = [*imports["modules"], *imports["unreached"]][:_MERMAID]
    known = {name: f"m{index}" for index, name in enumerate(names)}
    left = [it for it in names if it in set(imports["unreached"])]
    circles = {module for cycle in imports["cycles"] for module in cycle}
    lines = ["flowchart TD", *(f'  {key}["{name}"]' for name, key in known.items())]
    for edge in imports["edges"]:
        if edge["importer"] in known and edge["imported"] in known:
            arrow = "-->" if edge["executed"] else "-.->"
            lines.append(f"  {known[edge['importer']]} {arrow} {known[edge['imported']]}")
    lines = list(dict.fromkeys(lines))
    lines += ["  classDef circle stroke:#c00,stroke-width:3px", "  classDef left stroke-dasharray:4"]
    lines += [f"  class {known[name]} circle" for name in names if name in circles]
    lines += [f"  class {known[name]} left" for name in left]
    return "\n".join(lines)


def adjacency(imports: Mapping[str, Any]) -> str:
    """One line for each module: what it imports, an import that the start does not execute in brackets."""
    lines = []
    for name in [*imports["modules"], *imports["unreached"]]:
        pairs = [(it["imported"], it["executed"]) for it in imports["edges"] if it["importer"] == name]
        targets = dict.fromkeys(target if executed else f"({target})" for target, executed in pairs)
        lines.append(f"{name} -> {', '.join(targets)}" if targets else name)
    return "\n".join(lines)
