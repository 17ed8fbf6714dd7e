"""The import graph: the circles first, then the picture, then the same as text."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.report.blocks import Block, Chapter, Code, Folded, Mark, Picture, Prose, Source
from seatrial.report.dossier import Dossier
from seatrial.report.picture import adjacency, mermaid, svg


def chapter(dossier: Dossier) -> Chapter:
    """What imports what, and what the start reached."""
    imports = dossier.audit["imports"]
    reached, left = len(imports["modules"]), len(imports["unreached"])
    if not reached + left:
        return Chapter("imports", "Import graph", (Prose(("No module could be followed.",)),))
    executed = sum(1 for edge in imports["edges"] if edge["executed"])
    lead = f"The start loads {reached} of {reached + left} modules by {executed} imports."
    blocks: list[Block] = [Prose((lead,)), *_circles(imports["cycles"])]
    blocks.append(Picture(svg(imports), mermaid(imports), f"Import graph of {reached + left} modules"))
    blocks.append(Folded("The graph as text", (Source(adjacency(imports), "text", "the import graph"),)))
    return Chapter("imports", "Import graph", tuple(blocks))


def _circles(cycles: list[list[str]]) -> Iterator[Block]:
    if not cycles:
        yield Prose((Mark("no circle", "good"), " The imports that the start executes form no circle."))
    for number, cycle in enumerate(cycles, 1):
        yield Prose((Mark(f"circle {number}", "warn"), " ", Code(" → ".join([*cycle, cycle[0]]))))
