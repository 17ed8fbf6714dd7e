"""What CPython says to an import that fails, and to a module that has no such attribute."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from seatrial.issue import Location
from seatrial.libraries.values import UNKNOWN_NAMES, Module, Unknown, Value
from seatrial.simulation.language.attributes import get
from seatrial.simulation.player import Active
from seatrial.simulation.timeline import MissingSymbol, PartialModule, RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def cannot_import(sim: Simulator, module: Value, own_name: Value, name: str) -> Value:
    """`from module import name` where there is no such name."""
    shown = own_name if isinstance(own_name, str) else "<unknown module name>"
    file = get(sim, module, "__file__")
    if not isinstance(module, Module):
        text = f"cannot import name {name!r} from {shown!r} (unknown location)"
        return sim.player.fail(ImportError(text, name=shown), RaisedByCode("call"))
    origin = file if isinstance(file, str) else None
    text = cannot_import_text(sim, module, shown, name, origin)
    error = ImportError(text, name=shown, path=origin)
    if module.loading:
        return sim.player.fail(error, PartialModule(module.name, name, cycle_of(sim, module)), sim.statement)
    shown_origin = sim.player.relative(module.origin) if module.origin else None
    fault = MissingSymbol(module.name, name, shown_origin, module.first_party)
    return sim.player.fail(error, fault, sim.statement)


def cannot_import_text(sim: Simulator, module: Module, shown: str, name: str, origin: str | None) -> str:
    """The text of the ImportError, which grew more helpful from release to release."""
    if origin is None:
        return f"cannot import name {name!r} from {shown!r} (unknown location)"
    shadow = shadows(sim, shown, origin) if sim.python >= (3, 13) else ""
    if shadow == "stdlib":
        return (
            f"cannot import name {name!r} from {shown!r} (consider renaming {origin!r} since it has the same name as "
            f"the standard library module named {shown!r} and prevents importing that standard library module)"
            if sim.python >= (3, 14)
            else f"cannot import name {name!r} from {shown!r} (consider renaming {origin!r} since it has the same name "
            f"as the standard library module named {shown!r} and the import system gives it precedence)"
        )
    if module.loading and shadow:
        return (
            f"cannot import name {name!r} from {shown!r} (consider renaming {origin!r} if it has the same name as a "
            f"{_intended(sim)} you intended to import)"
        )
    if module.loading:
        return (
            f"cannot import name {name!r} from partially initialized module {shown!r} "
            f"(most likely due to a circular import) ({origin})"
        )
    return f"cannot import name {name!r} from {shown!r} ({origin})"


def _intended(sim: Simulator) -> str:
    return "library" if sim.python >= (3, 14) else "third-party module"


def shadows(sim: Simulator, name: str, origin: str) -> str:
    """Whether CPython would suspect a file of hiding a library: "stdlib", "other" or ""."""
    if sim.script_directory is None:
        return ""
    directory = os.path.dirname(origin)
    if os.path.basename(origin) == "__init__.py":
        directory = os.path.dirname(directory)
    if directory != str(sim.script_directory):
        return ""
    return "stdlib" if name in sim.stdlib_modules else "other"


def module_attribute_text(sim: Simulator, module: Module, name: str) -> str:
    """The text of `AttributeError` for a module (Objects/moduleobject.c)."""
    shown = module.namespace.get("__name__")
    if not isinstance(shown, str):
        return f"module has no attribute {name!r}"
    file = module.namespace.get("__file__")
    shadow = shadows(sim, shown, file) if isinstance(file, str) and sim.python >= (3, 13) else ""
    if shadow == "stdlib":
        tail = (
            "prevents importing that standard library module"
            if sim.python >= (3, 14)
            else "the import system gives it precedence"
        )
        return (
            f"module {shown!r} has no attribute {name!r} (consider renaming {file!r} since it has the same name as the "
            f"standard library module named {shown!r} and {tail})"
        )
    if module.loading:
        if shadow:
            return (
                f"module {shown!r} has no attribute {name!r} (consider renaming {file!r} if it has the same name as a "
                f"{_intended(sim)} you intended to import)"
            )
        origin = f" from {file!r}" if sim.python >= (3, 13) and isinstance(file, str) else ""
        return (
            f"partially initialized module {shown!r}{origin} has no attribute {name!r} "
            "(most likely due to a circular import)"
        )
    submodule = sim.modules.get(f"{shown}.{name}")
    begun = isinstance(submodule, Module) and submodule.loading and submodule.package is module
    if sim.python >= (3, 11) and begun:
        return f"cannot access submodule {name!r} of module {shown!r} (most likely due to a circular import)"
    return f"module {shown!r} has no attribute {name!r}"


def cycle_of(sim: Simulator, module: Module) -> tuple[tuple[str, Location], ...]:
    """The imports that lead from a module that is still loading back to it, each with its place."""
    own = [frame for frame in sim.player.stack if frame.module.first_party]
    start = next((i for i, frame in enumerate(own) if frame.module is module), None)
    if start is None:
        return ()
    last: dict[str, Active] = {}
    for frame in own[start:]:
        last[frame.module.name] = frame
    return tuple((name, Location(sim.player.relative(frame.module.origin), frame.line)) for name, frame in last.items())


def missing_attribute(sim: Simulator, module: Module, name: str) -> Value:
    """`module.name` where there is no such attribute."""
    if module.missing or UNKNOWN_NAMES in module.namespace:
        return Unknown(f"{name} of {module.name}")
    hook = module.namespace.get("__getattr__")
    if hook is not None and module.first_party:
        return sim.call(hook, [name], {})  # its own AttributeError, from its own line
    error = AttributeError(module_attribute_text(sim, module, name), name=name, obj=None)
    if module.loading:
        fault = PartialModule(module.name, name, cycle_of(sim, module), by_attribute=True)
        return sim.player.fail(error, fault)
    origin = sim.player.relative(module.origin) if module.origin else None
    return sim.player.fail(error, MissingSymbol(module.name, name, origin, module.first_party, by_attribute=True))
