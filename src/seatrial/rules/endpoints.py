"""The routes that the start registers, with the functions that answer them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, FunctionNode
from seatrial.simulation.timeline import Route


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route of the served application, and its function in the backend's own text."""

    route: Route
    file: CodeFile
    node: FunctionNode

    @property
    def decorator(self) -> ast.Call | None:
        """The decorator that registers it; None where it is registered elsewhere."""
        line = self.route.location.line if self.route.location.path == self.file.path else 0
        calls = (it for it in self.node.decorator_list if isinstance(it, ast.Call))
        return next((it for it in calls if it.lineno <= line <= (it.end_lineno or it.lineno)), None)


def endpoints(case: Case) -> Iterator[Endpoint]:
    """Every route that is served, in order of registration; those whose function is not the backend's are left out."""
    for route in case.timeline.routes:
        module, _, name = route.endpoint.rpartition(".")
        file = case.code.module(module) if route.included else None
        for node in file.sites.functions if file is not None else ():
            if file is not None and node.name == name and not _is_other(file, node, route):
                yield Endpoint(route, file, node)
                break


def _is_other(file: CodeFile, node: FunctionNode, route: Route) -> bool:
    """Whether a decorated function of the same name is another one than that of the route."""
    if route.location.path != file.path or not node.decorator_list:
        return False
    first = min(it.lineno for it in node.decorator_list)
    return not first <= route.location.line <= (node.end_lineno or node.lineno)
