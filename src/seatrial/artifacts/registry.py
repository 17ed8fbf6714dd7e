"""Every paper there is, found by walking `papers/`: adding one touches no list."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from seatrial.artifacts import papers
from seatrial.artifacts.paper import Paper


@cache
def all_papers() -> tuple[Paper, ...]:
    """Every paper, those that start the server first. Raises LookupError when two have the same name."""
    found: dict[str, Paper] = {}
    for module in pkgutil.iter_modules(papers.__path__, f"{papers.__name__}."):
        paper = getattr(importlib.import_module(module.name), "PAPER", None)
        if not isinstance(paper, Paper):
            continue
        if paper.name in found:
            raise LookupError(f"{module.name}: another paper has the name {paper.name}")
        found[paper.name] = paper
    return tuple(sorted(found.values(), key=lambda paper: (paper.order, paper.name)))
