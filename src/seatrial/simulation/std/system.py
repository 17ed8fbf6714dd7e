"""`os`, `os.path`, `sys`, `pathlib`, `importlib` and their kind: what touches the start itself."""

from __future__ import annotations

import collections
import io
import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from seatrial.libraries.values import ABSENT, Instance, Module, Undecided, Unknown, Value
from seatrial.simulation import paths
from seatrial.simulation.language.imports import find_and_load, import_exactly, module_spec
from seatrial.simulation.std.table import argument, function
from seatrial.simulation.timeline import RaisedByCode, RelativeImport

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

CONSTANTS: dict[str, Value] = {
    "typing.TYPE_CHECKING": False,
    "typing_extensions.TYPE_CHECKING": False,
    "os.sep": "/",
    "os.linesep": "\n",
    "os.pathsep": ":",
    "os.curdir": ".",
    "os.pardir": "..",
    "os.devnull": "/dev/null",
    "pathlib.Path": paths.PosixPath,
    "pathlib.PosixPath": paths.PosixPath,
    "pathlib.PurePath": PurePosixPath,
    "pathlib.PurePosixPath": PurePosixPath,
}
_Version = collections.namedtuple("_Version", "major minor micro releaselevel serial")
_Version.__name__ = "version_info"
_Version.__qualname__, _Version.__module__ = "version_info", "sys"


class EnvironmentVariables(dict[str, Value]):
    """`os.environ`: a dict of texts, with the error that assigning something else gives."""

    def __setitem__(self, key: str, value: Value) -> None:
        for item in (key, value):
            if not isinstance(item, str | Unknown):
                raise TypeError(f"str expected, not {type(item).__name__}")
        super().__setitem__(key, value)

    def __getitem__(self, key: str) -> Value:
        return super().__getitem__(_name_of_variable(key))

    def get(self, key: str, default: Value = None) -> Value:
        """As `os.environ.get`, which is that of `Mapping`."""
        return super().get(_name_of_variable(key), default)


def _name_of_variable(key: Value) -> str:
    if isinstance(key, Unknown):
        raise Undecided("a variable by an unknown name")
    if not isinstance(key, str):
        raise TypeError(f"str expected, not {type(key).__name__}")
    return key


EnvironmentVariables.get.__qualname__ = "Mapping.get"
EnvironmentVariables.__module__ = "os"
EnvironmentVariables.__name__ = EnvironmentVariables.__qualname__ = "_Environ"


def constants_of_start(sim: Simulator) -> dict[str, Value]:
    """What differs from start to start."""
    environment = EnvironmentVariables(sim.player.environment)
    sim.player.environment = environment
    return {
        "os.environ": environment,
        "os.name": "nt" if sim.layout.platform == "win32" else "posix",
        "sys.modules": sim.modules,
        "sys.path": sim.path,
        "sys.platform": sim.layout.platform,
        "sys.version_info": _Version(*sim.python, sim.layout.micro, "final", 0),
        "sys.argv": ["uvicorn"],
        "sys.maxsize": 2**63 - 1,
        "sys.byteorder": "little",
        "sys.dont_write_bytecode": False,
    }


@function("os.getenv", "os.environ.get")
def _getenv(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    key = argument(args, kwargs, 0, "key")
    if isinstance(key, Unknown):
        raise Undecided("a variable by an unknown name")
    if not isinstance(key, str):
        return sim.player.fail(TypeError(f"str expected, not {type(key).__name__}"), RaisedByCode("call"))
    return sim.player.environment.get(key, argument(args, kwargs, 1, "default"))


@function("os.getcwd", "posix.getcwd")
def _getcwd(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return str(sim.layout.cwd)


@function("sys.exit")
def _exit(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return sim.player.fail(SystemExit(*args), sim.player.fault_being_handled() or RaisedByCode("raise"))


@function("sys.getrecursionlimit")
def _recursion_limit(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return 1000


@function("sys.exc_info")
def _exc_info(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    active = sim.player.being_handled()
    if active is None:
        return (None, None, None)
    return (sim.class_of(active.error), active.error, Unknown("a traceback"))


@function("posixpath.exists", "genericpath.exists", "posixpath.lexists")
def _exists(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return _test(sim, args[0], "exists")


@function("posixpath.isfile", "genericpath.isfile")
def _isfile(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return _test(sim, args[0], "is_file")


@function("posixpath.isdir", "genericpath.isdir")
def _isdir(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return _test(sim, args[0], "is_dir")


def _test(sim: Simulator, path: Value, question: str) -> Value:
    if not isinstance(path, str | PurePosixPath):
        raise Undecided("whether an unknown path exists")
    return paths.test(sim, path, question)


@function("posixpath.abspath", "posixpath.realpath")
def _abspath(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], Unknown):
        raise Undecided("an unknown path")
    if not isinstance(args[0], str | PurePosixPath):
        text = f"expected str, bytes or os.PathLike object, not {type(args[0]).__name__}"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    return str(paths.absolute(sim, PurePosixPath(args[0])))


@function("os.listdir", "posix.listdir")
def _listdir(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    path = argument(args, kwargs, 0, "path", ".")
    if not isinstance(path, str | PurePosixPath):
        raise Undecided("what an unknown folder holds")
    return [item.name for item in paths.listed(sim, PurePosixPath(path), "iterdir", [])]


@function("os.makedirs")
def _makedirs(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    path, exist_ok = argument(args, kwargs, 0, "name"), argument(args, kwargs, 2, "exist_ok", False)
    if not isinstance(path, str | PurePosixPath):
        raise Undecided("a folder by an unknown name")
    return paths.make_folder(sim, path, [], {"parents": True, "exist_ok": exist_ok})


@function("os.mkdir", "posix.mkdir")
def _mkdir(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    path = argument(args, kwargs, 0, "path")
    if not isinstance(path, str | PurePosixPath):
        raise Undecided("a folder by an unknown name")
    return paths.make_folder(sim, path, [], {})


@function("json.load")
def _json_load(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not args or not isinstance(args[0], io.StringIO | io.BytesIO) or kwargs:
        return Unknown("what a file holds")
    return json.loads(args[0].read())


@function("random.choice")
def _choice(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], list | tuple | str) and not args[0]:
        return sim.player.fail(IndexError("Cannot choose from an empty sequence"), RaisedByCode("call"))
    return Unknown("a random choice")


@function("importlib.import_module")
def _import_module(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    name = argument(args, kwargs, 0, "name")
    package = argument(args, kwargs, 1, "package")
    if isinstance(name, Unknown):
        raise Undecided("an import by an unknown name")
    if not isinstance(name, str):
        text = f"{sim.type_name(name)!r} object has no attribute 'startswith'"
        return sim.player.fail(AttributeError(text), RaisedByCode("call"))
    sim.requested = name
    level = len(name) - len(name.lstrip("."))
    if not level:
        return _load(sim, name)
    if not package:
        text = f"the 'package' argument is required to perform a relative import for {name!r}"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    if not isinstance(package, str):
        raise Undecided("an import relative to an unknown package")
    return _relative(sim, name[level:], package, level)


def _relative(sim: Simulator, name: str, package: str, level: int) -> Value:
    parts = package.rsplit(".", level - 1)
    if len(parts) < level:
        kind = ImportError if sim.python >= (3, 9) else ValueError
        text = "attempted relative import beyond top-level package"
        return sim.player.fail(kind(text), RelativeImport(level, name, package, no_parent=False))
    return _load(sim, f"{parts[0]}.{name}" if name else parts[0])


def _load(sim: Simulator, name: str) -> Value:
    if not name:
        return sim.player.fail(ValueError("Empty module name"), RaisedByCode("call"))
    return find_and_load(sim, name, import_exactly)


@function("importlib.reload")
def _reload(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    module = args[0]
    if isinstance(module, Unknown):
        return module
    if not isinstance(module, Module):
        if isinstance(module, Instance):
            return Unknown("a reloaded module")
        text = "reload() argument must be a module"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    return sim.reload(module)


@function("importlib.util.find_spec")
def _find_spec(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    name = argument(args, kwargs, 0, "name")
    package = argument(args, kwargs, 1, "package")
    if not isinstance(name, str):
        raise Undecided("a module by an unknown name")
    level = len(name) - len(name.lstrip("."))
    if level:
        if not isinstance(package, str):
            raise Undecided("a module relative to an unknown package")
        parts = package.rsplit(".", level - 1)
        name = f"{parts[0]}.{name[level:]}"
    if name in sim.modules:
        return _spec_in_modules(sim, name)
    parent = name.rpartition(".")[0]
    search = None
    if parent:
        above = find_and_load(sim, parent)
        found = sim.get(above, "__path__")
        if found is ABSENT:
            text = f"__path__ attribute not found on {parent!r} while trying to find {name!r}"
            return sim.player.fail(ModuleNotFoundError(text, name=name), RaisedByCode("call"))
        search = sim.as_search(found)
    spec = sim.find(name, search)
    return None if spec is None else module_spec(sim, spec)


def _spec_in_modules(sim: Simulator, name: str) -> Value:
    module = sim.modules[name]
    if module is None:
        return None
    spec = sim.get(module, "__spec__")
    if spec is ABSENT or spec is None:
        reason = "is None" if spec is None else "is not set"
        return sim.player.fail(ValueError(f"{name}.__spec__ {reason}"), RaisedByCode("call"))
    return spec


@function(
    "importlib.invalidate_caches", "warnings.filterwarnings", "warnings.simplefilter", "warnings.warn", "gc.collect",
    "time.sleep", "random.seed", "sys.setrecursionlimit", "logging.disable",
)  # fmt: skip
def _nothing(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return None


@function("structlog.get_logger")
def _other_logger(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Unknown("a logger")


def module_type(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`types.ModuleType(name, doc)`."""
    name = argument(args, kwargs, 0, "name")
    if not isinstance(name, str):
        raise Undecided("a module with an unknown name")
    names: dict[str, Value] = dict.fromkeys(("__doc__", "__loader__", "__spec__", "__package__"))
    names["__doc__"] = argument(args, kwargs, 1, "doc")
    return Module(name, {"__name__": name, **names}, None, first_party=True, loading=False)
