"""Modules that are not the backend's own, as the program sees them: looked up, not played."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seatrial.libraries.values import (
    ABSENT,
    External,
    Module,
    Unknown,
    Value,
)
from seatrial.project.modules import Spec
from seatrial.simulation.outside import IMPLEMENTED_BY

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_OF_SPEC = frozenset({"__path__", "__file__", "__package__", "__spec__", "__loader__", "__cached__"})

ALIASES = {"os.path": "posixpath"}  # names under which a module of the standard library puts another


def outside_module(sim: Simulator, name: str, spec: Spec | None) -> Module:
    """A module of a distribution or of the standard library."""
    sim.player.record.external.setdefault(name)
    asked, name = name, ALIASES.get(name, name)
    if name != asked:
        real: Module = sim.modules[name] if name in sim.modules else sim.outside_module(name, spec)
        sim.modules[asked] = real
        return real
    module = Module(name, {"__name__": name}, spec.origin if spec else None, False, loading=False)
    if spec is None or spec.is_package:
        module.namespace["__path__"] = [] if spec is None else [str(path) for path in spec.search]
    if spec is not None and spec.origin is not None:
        module.namespace["__file__"] = str(spec.origin)
    sim.modules[name] = module
    return module


def external_attribute(sim: Simulator, module: Module, name: str) -> Value:
    """`module.name` for a module that is looked up."""
    if name in _OF_SPEC:
        return _by_spec(sim, module, name)
    found = sim.standard.module_value(module.name, name)
    if found is not ABSENT:
        return found
    loaded = sim.modules.get(f"{module.name}.{name}", ABSENT)
    if loaded is not ABSENT:
        return loaded
    refusal = sim.outside.refusal(module.name, name)
    if refusal is not None:
        return sim.player.fail(refusal[0], refusal[1], sim.statement)
    if sim.outside.has(module.name, name) is False:
        return ABSENT
    canonical, kind = sim.outside.definition(module.name, name)
    if kind == "module":
        known = sim.modules.get(canonical)
        return known if known is not None else sim.outside_module(canonical, sim.find_outside(canonical))
    return sim.standard.known(canonical) or External(canonical, kind, f"{module.name}.{name}")


def _by_spec(sim: Simulator, module: Module, name: str) -> Value:
    """What the import system sets on a module that was there before the play."""
    asked = IMPLEMENTED_BY.get(module.name, module.name) if sim.python >= (3, 13) else module.name
    spec = sim.layout.standard_finder.resolve(asked)
    if spec is None or (name == "__path__" and not spec.is_package) or (name == "__file__" and spec.origin is None):
        return ABSENT
    values: dict[str, Value] = {
        "__path__": [str(path) for path in spec.search],
        "__file__": str(spec.origin),
        "__package__": module.name if spec.is_package else module.name.rpartition(".")[0],
    }
    return values.get(name, Unknown(name))


def outside_star(sim: Simulator, module: Module) -> Iterator[tuple[str, Value]] | None:
    """What a star import of such a module binds."""
    names = sim.outside.star(module.name)
    if names is None:
        return None
    return ((name, sim.external_attribute(module, name)) for name in names)
