"""Files of the backend that stand in front of a module of the standard library or of a distribution."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.project.modules import Finder
from seatrial.project.packages.installed import Packages
from seatrial.provision.interpreter import Interpreter
from seatrial.rules.case import Case
from seatrial.simulation.timeline import MissingModule, MissingSymbol, NotAPackage, PartialModule


@dataclass(frozen=True, slots=True)
class Shadow:
    """A top-level name, the backend's file or package of that name, and whose module it hides."""

    name: str
    path: str
    whose: str


def shadow_behind(case: Case, fault: object) -> Shadow | None:
    """The shadow that explains a fault: what was asked for is in the module that the backend's own file hides."""
    if isinstance(fault, MissingModule) and "." in fault.name:
        return _shadow(case, fault.name, None)
    if isinstance(fault, NotAPackage):
        return _shadow(case, fault.name, None)
    if isinstance(fault, MissingSymbol | PartialModule):
        return _shadow(case, fault.module, fault.symbol)
    return None


def _shadow(case: Case, module: str, symbol: str | None) -> Shadow | None:
    top = module.partition(".")[0]
    path = case.code.modules.get(top)
    environment = case.environment
    if path is None or environment is None:
        return None
    finder = Finder((*environment.interpreter.stdlib, *environment.site), environment.interpreter.builtin_modules)
    hidden, asked = finder.find(top), finder.resolve(module)
    if hidden is None or hidden.kind == "namespace" or hidden.origin == case.code.root / path or asked is None:
        return None
    if symbol is not None and not _offers(environment.interpreter, finder, module, symbol):
        return None
    if top in environment.interpreter.stdlib_modules:
        return Shadow(top, path, "the standard library")
    return Shadow(top, path, f"the installed package `{_distribution(case, top)}`")


def _offers(interpreter: Interpreter, finder: Finder, module: str, symbol: str) -> bool:
    """Whether the hidden module certainly has this name."""
    hidden = Packages(finder, interpreter.opaque, interpreter.version, interpreter.platform)
    return hidden.has(module, symbol) is True


def _distribution(case: Case, top: str) -> str:
    environment = case.environment
    found = environment.distributions.values() if environment is not None else ()
    return next((item.name for item in found if top in item.top_level), top)
