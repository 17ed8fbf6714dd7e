"""`pkgutil` and `importlib.util`: modules that the code itself finds and loads.

Source: Lib/pkgutil.py (`iter_modules`, `_iter_file_finder_modules`, `walk_packages`), Lib/importlib/util.py.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from seatrial.libraries.values import Builtin, External, ExternalInstance, Module, Undecided, Unknown, Value
from seatrial.project.modules import Spec
from seatrial.simulation.language.imports import import_with_top, module_spec, new_module
from seatrial.simulation.player import Raised
from seatrial.simulation.std.table import argument, function
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


@function("pkgutil.iter_modules")
def _iter_modules(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    folders, prefix = _arguments(sim, args, kwargs)
    if folders is None:
        return Unknown("the modules of an unknown path")
    return iter(_modules(folders, prefix))


@function("pkgutil.walk_packages")
def _walk_packages(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    folders, prefix = _arguments(sim, args, kwargs)
    if folders is None:
        return Unknown("the modules of an unknown path")
    return _walk(sim, folders, prefix, argument(args, kwargs, 2, "onerror"))


@function("pkgutil.extend_path")
def _extend_path(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return list(args[0]) if isinstance(args[0], list) else args[0]


def _arguments(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> tuple[list[Path] | None, str]:
    """The folders and the prefix; None where one of them is unknown, or what the whole path holds is asked for."""
    path, prefix = argument(args, kwargs, 0, "path"), argument(args, kwargs, 1, "prefix", "")
    if isinstance(path, str):
        text = "path must be None or list of paths to look for modules in"
        sim.player.fail(ValueError(text), RaisedByCode("call"))
        return None, ""
    if not isinstance(path, list | tuple) or not isinstance(prefix, str):
        return None, ""
    known = all(isinstance(entry, str | Path) for entry in path)
    return ([sim.layout.cwd / entry for entry in path] if known else None), prefix


def _modules(folders: list[Path], prefix: str) -> Iterator[Value]:
    """The modules in some folders, each name once, in the order in which `pkgutil` gives them."""
    seen: set[str] = set()
    for folder in folders:
        for name in sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else ():
            module = inspect.getmodulename(name)
            if module == "__init__" or module in seen:
                continue
            place, is_package = folder / name, False
            if not module and place.is_dir() and "." not in name:
                module = name
                is_package = any(inspect.getmodulename(item.name) == "__init__" for item in place.iterdir())
                if not is_package:
                    continue
            if module and "." not in module and module not in seen:
                seen.add(module)
                yield pkgutil.ModuleInfo(Unknown("a finder"), prefix + module, is_package)  # type: ignore[arg-type]


def _walk(sim: Simulator, folders: list[Path], prefix: str, onerror: Value, seen: set[Path] | None = None) -> Value:
    seen = set() if seen is None else seen
    for info in _modules(folders, prefix):
        yield info
        if not info.ispkg or not _imported(sim, info.name, onerror):
            continue
        path = sim.get(sim.modules[info.name], "__path__") if info.name in sim.modules else None
        inner = [Path(str(entry)) for entry in path or () if Path(str(entry)) not in seen]
        seen.update(inner)
        yield from _walk(sim, inner, info.name + ".", onerror, seen)


def _imported(sim: Simulator, name: str, onerror: Value) -> bool:
    """Import a package on the way; whether that worked."""

    def load() -> Value:
        import_with_top(sim, name)
        return None

    quiet = ImportError if onerror is None else Exception
    answer = sim.tried(load, lambda error: sim.is_instance(error, quiet) is True)
    if isinstance(answer, Raised) and onerror is not None:
        sim.call(onerror, [name], {})
    return not isinstance(answer, Raised)


@function("importlib.util.spec_from_file_location")
def _spec_from_file(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    name, place = argument(args, kwargs, 0, "name"), argument(args, kwargs, 1, "location")
    if not isinstance(name, str) or (not hasattr(place, "__fspath__") and not isinstance(place, str)):
        raise Undecided("a module from an unknown file")
    path = sim.layout.cwd / str(place)
    if path.suffix != ".py":
        return None
    spec = module_spec(sim, Spec(name, "module", path, ()))
    loader = ExternalInstance(External("importlib.machinery.SourceFileLoader", "class"))
    loader.attributes["exec_module"] = Builtin("exec_module", cast(Any, _exec_module))
    spec.attributes["loader"] = loader
    return spec


@function("importlib.util.module_from_spec")
def _module_from_spec(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    spec = args[0]
    if not isinstance(spec, ExternalInstance):
        raise Undecided("a module from an unknown spec")
    name, origin = spec.attributes.get("name"), spec.attributes.get("origin")
    if not isinstance(name, str) or not isinstance(origin, str) or not sim.is_own_file(Path(origin)):
        return Unknown("a module made from a spec")
    return new_module(name, Spec(name, "module", Path(origin), ()))


def _exec_module(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    module = args[0] if args else None
    if not isinstance(module, Module) or module.origin is None:
        return Unknown("what executing an unknown module gives")
    if not module.origin.exists():
        error = FileNotFoundError(2, "No such file or directory", str(module.origin))
        return sim.player.fail(error, RaisedByCode("call"))
    sim.replay_module(module)
    module.loading = False
    return None
