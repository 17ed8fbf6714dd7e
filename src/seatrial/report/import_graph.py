"""The import graph of a backend: what the start executed, and what else its files would import."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from seatrial.report.results import Imports
from seatrial.rules.codebase import Codebase
from seatrial.simulation.timeline import ImportEdge, Timeline


def imports_of(timeline: Timeline, code: Codebase | None) -> Imports:
    """The modules that the start loads and those it does not, with the imports between them."""
    loaded = tuple(sorted({module.name for module in timeline.loaded}))
    if code is None:
        return Imports(loaded, timeline.edges, cycles_of(timeline.edges))
    paths, names = {module.path for module in timeline.loaded}, frozenset(loaded)
    unreached = tuple(sorted(name for path, name in code.names.items() if path not in paths and name not in names))
    written = tuple(_written(code, frozenset((*loaded, *unreached))))
    started = [edge for edge, at_import in written if at_import and {edge.importer, edge.imported} <= names]
    executed = {(edge.importer, edge.imported): edge for edge in (*timeline.edges, *started)}
    dormant = dict.fromkeys(edge for edge, _ in written if (edge.importer, edge.imported) not in executed)
    return Imports(loaded, tuple(executed.values()), cycles_of(executed.values()), unreached, tuple(dormant))


def _written(code: Codebase, known: frozenset[str]) -> Iterator[tuple[ImportEdge, bool]]:
    """One edge for each module that another names in an import statement, anywhere in its file.

    With each, whether the statement runs when its module is imported. The timeline holds only the imports that load a
    module; those that meet it loaded already are these.
    """
    for path, importer in sorted(code.names.items(), key=lambda it: it[1]):
        file = code.file(path)
        if file is None or importer not in known:
            continue
        for site in file.imports:
            at_import = not (site.in_function or site.for_types_only)
            for imported in _named(code, path, site.node):
                if imported in known and imported != importer:
                    yield ImportEdge(importer, imported, file.place(site.node)), at_import


def _named(code: Codebase, path: str, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The modules that a statement imports; a package only where no module of it is meant."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    module = code.absolute(path, "." * node.level + (node.module or ""))
    if module is None:
        return
    children = [f"{module}.{alias.name}" for alias in node.names]
    yield from (child for child in children if child in code.modules)
    if any(child not in code.modules for child in children):
        yield module


def cycles_of(edges: Iterable[ImportEdge]) -> tuple[tuple[str, ...], ...]:
    """The strongly connected parts of the import graph with more than one module, each in order of first import."""
    graph: dict[str, list[str]] = {}
    for edge in edges:
        graph.setdefault(edge.importer, []).append(edge.imported)
    order = {name: place for place, name in enumerate(graph)}
    parts = [sorted(part, key=lambda it: order.get(it, len(order))) for part in components(graph) if len(part) > 1]
    return tuple(tuple(part) for part in sorted(parts, key=lambda part: order[part[0]]))


def components(graph: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The strongly connected parts, each after all that it leads to (Tarjan, 1972; without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    inside: set[str] = set()
    found: list[list[str]] = []
    for root in graph:
        if root in index:
            continue
        work: list[tuple[str, Iterator[str]]] = [_entered(root, graph, index, low, stack, inside)]
        while work:
            node, ahead = work[-1]
            following = next((it for it in ahead if _is_new(it, node, index, low, inside)), None)
            if following is not None:
                work.append(_entered(following, graph, index, low, stack, inside))
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                found.append(_taken(node, stack, inside))
    return found


def _entered(
    node: str,
    graph: Mapping[str, Sequence[str]],
    index: dict[str, int],
    low: dict[str, int],
    stack: list[str],
    inside: set[str],
) -> tuple[str, Iterator[str]]:
    index[node] = low[node] = len(index)
    stack.append(node)
    inside.add(node)
    return node, iter(graph.get(node, ()))


def _is_new(name: str, node: str, index: dict[str, int], low: dict[str, int], inside: set[str]) -> bool:
    """Whether a neighbour was not met before; one that waits on the stack closes a circle."""
    if name in inside:
        low[node] = min(low[node], index[name])
    return name not in index


def _taken(node: str, stack: list[str], inside: set[str]) -> list[str]:
    part: list[str] = []
    while not part or part[-1] != node:
        part.append(stack.pop())
        inside.discard(part[-1])
    return part[::-1]
