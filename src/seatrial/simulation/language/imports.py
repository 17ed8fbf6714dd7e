"""The import system, as CPython's `importlib._bootstrap` and the interpreter's IMPORT_* instructions do it.

Source: Lib/importlib/_bootstrap.py (`_find_and_load`, `_handle_fromlist`, `_sanity_check`) and Python/ceval.c
(`import_from`, `import_all_from`) of CPython 3.8 to 3.14.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.libraries.values import ABSENT, UNKNOWN_NAMES, External, ExternalInstance, Module, Unknown, Value
from seatrial.project.modules import Spec
from seatrial.simulation.language.attributes import get
from seatrial.simulation.language.import_errors import cannot_import
from seatrial.simulation.language.lookup import type_name
from seatrial.simulation.timeline import ImportEdge, MissingModule, NotAPackage, RaisedByCode, RelativeImport

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def import_module(sim: Simulator, name: str, level: int, fromlist: tuple[str, ...]) -> Value:
    """`__import__(name, globals, locals, fromlist, level)` for the frame that runs now."""
    absolute = absolute_name(sim, name, level)
    if absolute is None:
        return stand_in(sim, name or "?")
    module = find_and_load(sim, absolute)
    if fromlist:
        if isinstance(module, Module) and get(sim, module, "__path__") is not ABSENT:
            handle_fromlist(sim, module, fromlist)
        return module
    if level == 0 and "." in name:
        return find_and_load(sim, name.partition(".")[0])
    return module


def absolute_name(sim: Simulator, name: str, level: int) -> str | None:
    """The full dotted name that an import asks for; None after an error that nothing catches."""
    if level == 0:
        return name
    namespace = sim.player.frame.module.namespace
    package = namespace.get("__package__")
    if package is None:
        package = _package_by_spec(sim.player.frame.module)
    if not isinstance(package, str):
        sim.player.fail(TypeError("__package__ must be set to a string"), RaisedByCode("call"))
        return None
    if not package:
        error = ImportError("attempted relative import with no known parent package")
        sim.player.fail(error, RelativeImport(level, name, "", no_parent=True))
        return None
    parts = package.rsplit(".", level - 1)
    if len(parts) < level:
        kind = ImportError if sim.python >= (3, 9) else ValueError
        text = "attempted relative import beyond top-level package"
        sim.player.fail(kind(text), RelativeImport(level, name, package, no_parent=False))
        return None
    return f"{parts[0]}.{name}" if name else parts[0]


def _package_by_spec(module: Module) -> Value:
    """`__package__` where it is not set: what the spec says, or the name and whether there is a `__path__`."""
    name = module.namespace.get("__name__", module.name)
    return name if "__path__" in module.namespace else str(name).rpartition(".")[0]


def import_with_top(sim: Simulator, name: str) -> None:
    """`__import__(name)`, which gives the top-level package and so loads it again where it has left `sys.modules`."""
    find_and_load(sim, name, import_with_top)
    if "." in name:
        find_and_load(sim, name.partition(".")[0], import_with_top)


def import_exactly(sim: Simulator, name: str) -> None:
    """`importlib.import_module(name)`, without what it gives."""
    find_and_load(sim, name, import_exactly)


def find_and_load(sim: Simulator, name: str, importer: Callable[[Simulator, str], None] = import_with_top) -> Value:
    """The module of an absolute name; `importer` is what loads the packages that it lies in."""
    if name in sim.modules:
        return _from_cache(sim, name)
    parent = name.rpartition(".")[0]
    search: tuple[Path, ...] | None = None
    owner: Value = None
    if parent:
        if parent not in sim.modules:
            importer(sim, parent)
        if name in sim.modules:
            return sim.modules[name]
        if parent not in sim.modules:
            return stand_in(sim, name)
        owner = sim.modules[parent]
        if isinstance(owner, Unknown) or (isinstance(owner, Module) and owner.missing):
            return stand_in(sim, name)
        paths = get(sim, owner, "__path__")
        if paths is ABSENT:
            return _not_a_package(sim, name, parent)
        above = parent.rpartition(".")[0]
        if above and above not in sim.modules and _is_namespace(owner):
            return sim.player.fail(KeyError(above), RaisedByCode("call"), sim.statement)
        search = as_paths(paths)
    spec = sim.find(name, search)
    if spec is None:
        return _not_found(sim, name)
    module = load(sim, name, spec)
    if parent and parent not in sim.modules:
        return sim.player.fail(KeyError(parent), RaisedByCode("call"), sim.statement)
    if parent:
        _bind_to_parent(sim, sim.modules[parent], name, module)
    return module


def _is_namespace(owner: Value) -> bool:
    """Whether a package has no file: its `__path__` asks the package above for its own each time.

    Source: Lib/importlib/_bootstrap_external.py, `_NamespacePath._get_parent_path`.
    """
    return isinstance(owner, Module) and owner.origin is None and owner.first_party and not owner.missing


def _from_cache(sim: Simulator, name: str) -> Value:
    module = sim.modules[name]
    if module is None:
        error = ModuleNotFoundError(f"import of {name} halted; None in sys.modules", name=name)
        sim.player.fail(error, RaisedByCode("call"))
        return stand_in(sim, name)
    if isinstance(module, Module) and not module.first_party:
        sim.player.record.external.setdefault(module.name)
    return module


def as_paths(paths: Value) -> tuple[Path, ...]:
    """A `__path__` as places to look for modules."""
    if not isinstance(paths, list | tuple):
        return ()
    return tuple(Path(item) for item in paths if isinstance(item, str | Path))


def _bind_to_parent(sim: Simulator, owner: Value, name: str, module: Value) -> None:
    child = name.rpartition(".")[2]
    if isinstance(owner, Module):
        owner.namespace[child] = module
    elif owner is not None:
        sim.set_attribute(owner, child, module)


def stand_in(sim: Simulator, name: str) -> Module:
    """A module that is not there, for the play to go on with."""
    return Module(
        name,
        {"__name__": name, "__path__": [], UNKNOWN_NAMES: True},
        None,
        first_party=True,
        loading=False,
        missing=True,
    )


def load(sim: Simulator, name: str, spec: Spec) -> Value:
    """Load what a spec leads to: play a module of the backend, look up one of a distribution."""
    _note_edge(sim, name, spec)
    if spec.kind == "namespace":
        module = Module(name, {}, None, sim.is_first_party(name), loading=False)
        _dunders(module, spec)
        sim.modules[name] = module
        return module
    if not sim.is_own_file(spec.origin):
        return _load_outside(sim, name, spec)
    return sim.play_module(name, spec)


def _load_outside(sim: Simulator, name: str, spec: Spec) -> Value:
    failure = sim.outside_failure(name)
    if failure is not None:
        error, fault = failure
        sim.player.fail(error, fault, sim.statement)
    return sim.outside_module(name, spec)


def _dunders(module: Module, spec: Spec) -> None:
    package = module.name if spec.is_package else module.name.rpartition(".")[0]
    module.namespace.update({"__name__": module.name, "__package__": package, "__doc__": None})
    module.namespace["__spec__"] = Unknown("__spec__")
    module.namespace["__loader__"] = Unknown("__loader__")
    if spec.is_package:
        module.namespace["__path__"] = [str(path) for path in spec.search]
    module.namespace["__file__"] = None if spec.origin is None else str(spec.origin)  # None for a namespace package
    if spec.origin is not None:
        module.namespace["__cached__"] = Unknown("__cached__")


def module_spec(sim: Simulator, spec: Spec) -> Value:
    """A `ModuleSpec` that code can ask for its name, place and parent."""
    return ExternalInstance(
        External("importlib.machinery.ModuleSpec", "class"),
        attributes={
            "name": spec.name,
            "origin": None if spec.origin is None else str(spec.origin),
            "parent": spec.name if spec.is_package else spec.name.rpartition(".")[0],
            "submodule_search_locations": [str(path) for path in spec.search] if spec.is_package else None,
            "has_location": spec.origin is not None,
            "loader": Unknown("a loader"),
        },
    )


def new_module(name: str, spec: Spec) -> Module:
    """An empty module of the backend, ready to be played."""
    module = Module(name, {}, spec.origin, first_party=True)
    _dunders(module, spec)
    return module


def _note_edge(sim: Simulator, name: str, spec: Spec) -> None:
    if not sim.player.stack or not (sim.is_own_file(spec.origin) or spec.kind == "namespace"):
        return
    sim.player.record.edges.append(ImportEdge(sim.player.frame.module.name, name, sim.player.place()))


def handle_fromlist(sim: Simulator, module: Module, fromlist: tuple[str, ...]) -> None:
    """Import the submodules that a `from package import ...` names."""
    for item in fromlist:
        if item == "*":
            _handle_all(sim, module)
            continue
        if module.missing or get(sim, module, item) is not ABSENT:
            continue
        name = f"{module.name}.{item}"
        package = module.namespace.get("__name__")
        if isinstance(package, str):
            name = f"{package}.{item}"
        if name in sim.modules or sim.find(name, as_paths(module.namespace.get("__path__"))) is not None:
            import_with_top(sim, name)


def _handle_all(sim: Simulator, module: Module) -> None:
    """`from package import *` imports the submodules that `__all__` lists."""
    listed = get(sim, module, "__all__") if module.first_party else ABSENT
    if listed is None or isinstance(listed, int | float):
        sim.player.fail(TypeError(f"{type_name(listed)!r} object is not iterable"), RaisedByCode("call"))
        return
    if not isinstance(listed, list | tuple | set | dict) or any(isinstance(item, Unknown) for item in listed):
        return
    for item in listed:
        if not isinstance(item, str):
            text = f"Item in {module.namespace.get('__name__')}.__all__ must be str, not {sim.type_name(item)}"
            sim.player.fail(TypeError(text), RaisedByCode("call"))
            return
        if item != "*":
            handle_fromlist(sim, module, (item,))


def import_from(sim: Simulator, module: Value, name: str) -> Value:
    """`from module import name`, once the module is loaded."""
    found = get(sim, module, name)
    if found is not ABSENT:
        return found
    own_name = get(sim, module, "__name__")
    if isinstance(own_name, str):
        submodule = sim.modules.get(f"{own_name}.{name}", ABSENT)
        if submodule is not ABSENT:
            return submodule
    if isinstance(module, Unknown) or (isinstance(module, Module) and module.missing):
        return Unknown(f"{name} of a module that is not there")
    if isinstance(module, Module) and UNKNOWN_NAMES in module.namespace:
        return Unknown(f"{name} of a module whose names cannot be listed")
    return cannot_import(sim, module, own_name, name)


def _not_found(sim: Simulator, name: str) -> Value:
    if not sim.environment_known and not sim.is_first_party(name):
        sim.player.record.blind = sim.player.record.blind or f"the packages of the environment are not known ({name})"
        return sim.outside_module(name, None)
    error = ModuleNotFoundError(f"No module named {name!r}", name=name)
    importer = sim.player.frame.module.name if sim.player.stack else ""
    fault = MissingModule(name, sim.requested or name, sim.is_first_party(name), importer)
    sim.player.fail(error, fault, sim.statement)
    return stand_in(sim, name)


def _not_a_package(sim: Simulator, name: str, parent: str) -> Value:
    text = f"No module named {name!r}; {parent!r} is not a package"
    sim.player.fail(ModuleNotFoundError(text, name=name), NotAPackage(name, parent), sim.statement)
    return stand_in(sim, name)
