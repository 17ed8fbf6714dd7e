"""The import system, as CPython's `importlib._bootstrap` and the interpreter's IMPORT_* instructions do it.

Source: Lib/importlib/_bootstrap.py (`_find_and_load`, `_handle_fromlist`, `_sanity_check`) and Python/ceval.c
(`import_from`, `import_all_from`) of CPython 3.8 to 3.14.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.issue import Location
from seatrial.libraries.values import (
    ABSENT,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    Stream,
    Undecided,
    Unknown,
    Value,
)
from seatrial.project.modules import Spec
from seatrial.simulation.attributes import get, type_name
from seatrial.simulation.operators import is_native
from seatrial.simulation.player import Active
from seatrial.simulation.timeline import (
    ImportEdge,
    MissingModule,
    MissingSymbol,
    NotAPackage,
    PartialModule,
    RaisedByCode,
    RelativeImport,
)

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

UNKNOWN_NAMES = "*"  # a namespace with this key holds names that nobody can list


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
    return _cannot_import(sim, module, own_name, name)


def _cannot_import(sim: Simulator, module: Value, own_name: Value, name: str) -> Value:
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


def star_names(sim: Simulator, module: Value) -> Iterator[tuple[str, Value]] | None:
    """What `from module import *` binds, in order; None where that cannot be listed."""
    if isinstance(module, Unknown) or (isinstance(module, Module) and module.missing):
        return None
    if isinstance(module, Module) and not module.first_party:
        return sim.outside_star(module)
    listed = get(sim, module, "__all__")
    if listed is ABSENT:
        return _public_names(sim, module)
    kind = type_name(listed)
    if isinstance(listed, dict):
        sim.player.fail(TypeError(f"{kind} is not a sequence"), RaisedByCode("call"))
        return None
    if isinstance(listed, Stream | Function) or (
        is_native(listed) and not isinstance(listed, Instance) and not hasattr(listed, "__getitem__")
    ):
        sim.player.fail(TypeError(f"{kind!r} object does not support indexing"), RaisedByCode("call"))
        return None
    try:
        return _listed_names(sim, module, list(sim.iterate(listed)))
    except Undecided:
        return None


def _public_names(sim: Simulator, module: Value) -> Iterator[tuple[str, Value]] | None:
    names = get(sim, module, "__dict__")
    if names is ABSENT:
        text = "from-import-* object has no __dict__ and no __all__"
        sim.player.fail(ImportError(text), RaisedByCode("call"))
        return None
    if not isinstance(names, dict) or UNKNOWN_NAMES in names:
        return None
    listed = list(names)
    for key in listed:
        if not isinstance(key, str):
            shown = get(sim, module, "__name__")
            text = f"Key in {shown}.__dict__ must be str, not {type(key).__name__}"
            sim.player.fail(TypeError(text), RaisedByCode("call"))
            return None
    return ((key, names[key]) for key in listed if not key.startswith("_"))


def _listed_names(sim: Simulator, module: Value, listed: list[Value]) -> Iterator[tuple[str, Value]] | None:
    if any(isinstance(item, Unknown) for item in listed):
        return None
    return (found for item in listed if (found := _listed_name(sim, module, item)) is not None)


def _listed_name(sim: Simulator, module: Value, item: Value) -> tuple[str, Value] | None:
    if not isinstance(item, str):
        shown = get(sim, module, "__name__")
        text = f"Item in {shown}.__all__ must be str, not {sim.type_name(item)}"
        sim.player.fail(TypeError(text), RaisedByCode("call"))
        return None
    found = get(sim, module, item)
    if found is ABSENT:
        found = (
            missing_attribute(sim, module, item) if isinstance(module, Module) else sim.attribute_error(module, item)
        )
    return item, found


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
