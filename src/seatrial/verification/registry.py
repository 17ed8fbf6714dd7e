"""Every probe there is, found by walking `probes/`: adding one touches no list."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from seatrial.verification import probes
from seatrial.verification.probe import Probe

# Telling groups first: what the budget or the minute cuts off is the end of this list.
GROUPS = (
    "health",
    "isolation",
    "jwt",
    "cors",
    "exposure",
    "errors",
    "headers",
    "methods",
    "tls",
    "start",
    "limits",
)


@cache
def all_probes() -> tuple[Probe, ...]:
    """Every probe, in the order of the run. Raises LookupError when two have the same id."""
    found: dict[str, Probe] = {}
    for module in _modules():
        probe = getattr(importlib.import_module(module), "PROBE", None)
        if not isinstance(probe, Probe):
            continue
        if probe.id in found:
            raise LookupError(f"{module}: another probe has the id {probe.id}")
        found[probe.id] = probe
    return tuple(sorted(found.values(), key=_place))


def find_probe(name: str) -> Probe | None:
    """The probe with this id, in any case."""
    return next((probe for probe in all_probes() if probe.id == name.casefold()), None)


def _place(probe: Probe) -> tuple[int, int, str]:
    group = GROUPS.index(probe.group) if probe.group in GROUPS else len(GROUPS)
    return probe.rank, group, probe.id


def _modules() -> list[str]:
    folders = [info.name for info in pkgutil.iter_modules(probes.__path__, f"{probes.__name__}.") if info.ispkg]
    return [info.name for folder in folders for info in pkgutil.iter_modules(_path(folder), f"{folder}.")]


def _path(package: str) -> list[str]:
    return list(importlib.import_module(package).__path__)
