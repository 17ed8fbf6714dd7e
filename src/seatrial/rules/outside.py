"""Where a name of a distribution lives now, found by reading what is installed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from seatrial.project.modules import Spec
from seatrial.project.packages.installed import Packages
from seatrial.rules.case import Case
from seatrial.rules.distributions import normalised

_MAX_MODULES = 600  # of one distribution that are looked through
_UNLIKELY = frozenset({"test", "tests", "testing", "conftest", "vendor", "compat", "benchmarks", "examples", "cli"})


@dataclass(frozen=True, slots=True)
class Home:
    """A module that offers a name. `sure` says that every module which does means the same thing by it."""

    module: str
    name: str
    sure: bool


def home_of(case: Case, module: str, symbols: Collection[str]) -> Home | None:
    """The module of the same distribution, or of one that was split off it, that offers all these names.

    `module` is where they are asked for. None where there is none.
    """
    if not symbols:
        return None
    first = next(iter(symbols))
    top = module.partition(".")[0]
    for place in (top, *_split_off(case, top)):
        found = [name for name in _modules(case.packages, place) if _offers(case.packages, name, symbols)]
        found = [name for name in found if name != module and case.packages.first_missing(name) is None]
        if found:
            meant = {case.packages.canonical(name, first) or name for name in found}
            best = min(found, key=lambda name: _rank(case.packages, name, first, module))
            return Home(best, first, len(meant) == 1)
    return None


def _offers(packages: Packages, module: str, symbols: Collection[str]) -> bool:
    return all(packages.has(module, symbol) is True for symbol in symbols)


def _split_off(case: Case, top: str) -> list[str]:
    """Import names of installed distributions whose names begin with this one's: `langchain` → `langchain_core`."""
    environment = case.environment
    found = environment.distributions.values() if environment is not None else ()
    prefix = normalised(top) + "-"
    return sorted(name for item in found if normalised(item.name).startswith(prefix) for name in item.top_level)


def _modules(packages: Packages, top: str) -> Iterator[str]:
    """Public modules of a package, the outer ones first."""
    spec = packages.finder.find(top)
    waiting: list[tuple[str, Spec]] = [(top, spec)] if spec is not None else []
    for _ in range(_MAX_MODULES):
        if not waiting:
            return
        name, spec = waiting.pop(0)
        yield name
        if spec.is_package:
            children = packages.finder.children(spec.search).items()
            waiting += [(f"{name}.{last}", child) for last, child in children if _is_likely(last)]


def _is_likely(name: str) -> bool:
    return not name.startswith("_") and name not in _UNLIKELY


def _rank(packages: Packages, module: str, symbol: str, asked: str) -> tuple[int, int, int, str]:
    """Smaller is better: a path that ends as the definition's does, near to what was asked for, short."""
    canonical = packages.canonical(module, symbol) or ""
    home = canonical.rpartition(".")[0].split(".")
    parts = module.split(".")
    tail = 0
    while tail < min(len(home), len(parts)) and home[-1 - tail] == parts[-1 - tail]:
        tail += 1
    shared = sum(1 for one, other in zip(parts, asked.split("."), strict=False) if one == other)
    return (-tail if len(parts) > 1 else 0, len(parts), -shared, module)


def release_of(case: Case, top: str) -> str:
    """The distribution that provides a top-level module, with its version (`httpx 0.28.1`); "" where none does."""
    environment = case.environment
    found = environment.distributions.values() if environment is not None else ()
    return next((f"{item.name} {item.version}" for item in found if top in item.top_level), "")
