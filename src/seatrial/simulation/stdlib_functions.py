"""Functions of the standard library that touch the start itself: modules, environment, decorators, context managers."""

from __future__ import annotations

import collections
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from seatrial.libraries.values import (
    ABSENT,
    Builtin,
    Class,
    Coroutine,
    Function,
    Instance,
    Module,
    Stream,
    Undecided,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.simulation import paths
from seatrial.simulation.calls import await_value
from seatrial.simulation.imports import find_and_load
from seatrial.simulation.player import Raised
from seatrial.simulation.stdlib_classes import dataclass_decorator, named_tuple, new_type
from seatrial.simulation.timeline import RaisedByCode, RelativeImport

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

Run = Callable[["Simulator", list[Value], dict[str, Value]], Value]
FUNCTIONS: dict[str, Run] = {}
CONSTANTS: dict[str, Value] = {"typing.TYPE_CHECKING": False, "typing_extensions.TYPE_CHECKING": False, "os.sep": "/"}
_VERSION = collections.namedtuple("version_info", "major minor micro releaselevel serial")  # noqa: PYI024


class EnvironmentVariables(dict[str, Value]):
    """`os.environ`: a dict of texts, with the error that assigning something else gives."""

    def __setitem__(self, key: str, value: Value) -> None:
        for item in (key, value):
            if not isinstance(item, str | Unknown):
                raise TypeError(f"str expected, not {type(item).__name__}")
        super().__setitem__(key, value)


EnvironmentVariables.__module__ = "os"
_VERSION.__module__ = "sys"


def constants_of_start(sim: Simulator) -> dict[str, Value]:
    """What differs from start to start."""
    environment = EnvironmentVariables(sim.player.environment)
    sim.player.environment = environment
    version = _VERSION(*sim.python, sim.layout.micro, "final", 0)
    return {
        "os.environ": environment,
        "os.name": "nt" if sim.layout.platform == "win32" else "posix",
        "sys.modules": sim.modules,
        "sys.path": sim.path,
        "sys.platform": sim.layout.platform,
        "sys.version_info": version,
        "sys.argv": ["uvicorn"],
        "sys.maxsize": 2**63 - 1,
        "sys.byteorder": "little",
    }


def function(*names: str) -> Callable[[Run], Run]:
    """Register what plays these functions."""

    def register(run: Run) -> Run:
        for name in names:
            FUNCTIONS[name] = run
        return run

    return register


# -- os and sys ----------------------------------------------------------------------------------------------------


@function("os.getenv", "os.environ.get")
def _getenv(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    default = args[1] if len(args) > 1 else kwargs.get("default")
    return sim.player.environment.get(args[0] if args else kwargs.get("key"), default)


@function("os.getcwd")
def _getcwd(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return str(sim.layout.cwd)


@function("sys.exit")
def _exit(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return sim.player.fail(SystemExit(*args), sim.player._fault_being_handled() or RaisedByCode("raise"))


@function("posixpath.exists", "genericpath.exists")
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
    if not isinstance(args[0], str | PurePosixPath):
        raise Undecided("an unknown path")
    return str(paths.absolute(sim, PurePosixPath(args[0])))


@function("pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath")
def _path(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not all(isinstance(arg, str | PurePosixPath) for arg in args):
        raise Undecided("an unknown path")
    return PurePosixPath(*args)


# -- imports -------------------------------------------------------------------------------------------------------


@function("importlib.import_module")
def _import_module(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    name = args[0] if args else kwargs.get("name")
    package = args[1] if len(args) > 1 else kwargs.get("package")
    if not isinstance(name, str):
        raise Undecided("an import by an unknown name")
    sim.requested = name
    level = len(name) - len(name.lstrip("."))
    if not level:
        return find_and_load(sim, name)
    if not package:
        text = f"the 'package' argument is required to perform a relative import for {name!r}"
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    if not isinstance(package, str):
        raise Undecided("an import relative to an unknown package")
    parts = package.rsplit(".", level - 1)
    if len(parts) < level:
        kind = ImportError if sim.python >= (3, 9) else ValueError
        text = "attempted relative import beyond top-level package"
        return sim.player.fail(kind(text), RelativeImport(level, name[level:], package, no_parent=False))
    return find_and_load(sim, f"{parts[0]}.{name[level:]}" if name[level:] else parts[0])


@function("importlib.reload")
def _reload(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    module = args[0]
    if not isinstance(module, Module) or not module.first_party or module.origin is None:
        return module
    return sim.replay_module(module)


@function(
    "importlib.invalidate_caches", "warnings.filterwarnings", "warnings.simplefilter", "warnings.warn", "gc.collect"
)
def _nothing(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return None


# -- decorators ----------------------------------------------------------------------------------------------------


def _identity(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[0]


for _name in ("typing.overload", "typing.final", "typing.no_type_check", "typing.runtime_checkable", "atexit.register",
              "functools.total_ordering", "typing_extensions.final", "typing_extensions.override", "typing.override",
              "functools.cache", "contextlib.ContextDecorator", "typing.dataclass_transform"):  # fmt: skip
    FUNCTIONS[_name] = _identity


@function("typing.cast")
def _cast(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[1]


@function("functools.wraps")
def _wraps(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    wrapped = args[0]

    def apply(world: object, inner: list[Value], _: dict[str, Value]) -> Value:
        return _update_wrapper(sim, [inner[0], wrapped], {})

    return Builtin("functools.wraps", apply)


@function("functools.update_wrapper")
def _update_wrapper(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    wrapper, wrapped = args[0], args[1]
    if isinstance(wrapper, Function) and isinstance(wrapped, Function):
        wrapper.attributes.update(wrapped.attributes)
        wrapper.attributes.update(
            {
                "__name__": sim.get(wrapped, "__name__"),
                "__qualname__": sim.get(wrapped, "__qualname__"),
                "__wrapped__": wrapped,
            }
        )
    return wrapper


@function("functools.lru_cache")
def _lru_cache(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if args and isinstance(args[0], Function):
        return args[0]
    return Builtin("functools.lru_cache", lambda world, inner, _: inner[0])


@function("functools.partial")
def _partial(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    first, rest = args[0], list(args[1:])

    def run(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        return sim.call(first, [*rest, *inner], {**kwargs, **more})

    return Builtin("functools.partial", run, {"func": first, "args": tuple(rest), "keywords": kwargs})


@function("functools.reduce")
def _reduce(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = list(sim.iterate(args[1]))
    if len(args) > 2:
        items.insert(0, args[2])
    if not items:
        return sim.player.fail(TypeError("reduce() of empty iterable with no initial value"), RaisedByCode("call"))
    total = items[0]
    for item in items[1:]:
        total = sim.call(args[0], [total, item], {})
    return total


@function("functools.cached_property")
def _cached_property(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Wrapped("property", args[0])


@function("abc.abstractmethod")
def _abstractmethod(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], Function):
        args[0].attributes["__isabstractmethod__"] = True
    return args[0]


@function("dataclasses.dataclass")
def _dataclass(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if args and isinstance(args[0], Class):
        return dataclass_decorator(sim, args[0], {})
    return Builtin("dataclasses.dataclass", lambda world, inner, _: dataclass_decorator(sim, inner[0], kwargs))


@function("dataclasses.field")
def _field(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Builtin("dataclasses.field", lambda *_: None, {"field": True, **kwargs})


@function("collections.namedtuple", "typing.NamedTuple")
def _namedtuple(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return named_tuple(sim, args, kwargs)


@function("typing.NewType")
def _newtype(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return new_type(sim, args)


@function("types.SimpleNamespace")
def _simple_namespace(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    cls = Class("SimpleNamespace", "SimpleNamespace", "types", (), {}, mro=(object,))
    return Instance(cls, sim, dict(kwargs))


@function("types.ModuleType")
def _module_type(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    name = args[0] if args and isinstance(args[0], str) else "module"
    return Module(name, {"__name__": name, "__doc__": None}, None, first_party=True, loading=False)


@function("logging.getLogger", "structlog.get_logger")
def _get_logger(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Unknown("a logger")


# -- context managers ----------------------------------------------------------------------------------------------


@function("contextlib.contextmanager", "contextlib.asynccontextmanager")
def _contextmanager(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    made_from = args[0]

    def make(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        return _manager(sim, sim.call(made_from, inner, more))

    return Builtin("contextlib.contextmanager", make, {"__wrapped__": made_from})


def _manager(sim: Simulator, stream: Value) -> Value:
    if not isinstance(stream, Stream):
        return Unknown("a context manager")
    asynchronous = stream.asynchronous

    def enter(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        item = stream.advance(None, None)
        if item is ABSENT:
            return sim.player.fail(RuntimeError("generator didn't yield"), RaisedByCode("call"))
        return item

    def leave(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        error = args[1] if len(args) > 1 else None
        if error is None:
            if stream.advance(None, None) is not ABSENT:
                sim.player.fail(RuntimeError("generator didn't stop"), RaisedByCode("call"))
            return False
        try:
            item = stream.advance(None, Raised(error, (), RaisedByCode("raise")))
        except Raised as raised:
            if raised.error is error:
                return False
            raise
        if item is not ABSENT:
            return sim.player.fail(RuntimeError("generator didn't stop after throw()"), RaisedByCode("call"))
        return True

    def awaited(run: Run) -> Run:
        return lambda s, a, k: Coroutine(lambda: run(s, a, k), "__aenter__")

    names = ("__aenter__", "__aexit__") if asynchronous else ("__enter__", "__exit__")
    runs = (awaited(enter), awaited(leave)) if asynchronous else (enter, leave)
    methods: dict[str, Value] = {
        name: Wrapped("staticmethod", Builtin(name, run)) for name, run in zip(names, runs, strict=True)
    }
    cls = Class("_GeneratorContextManager", "_GeneratorContextManager", "contextlib", (), methods, mro=())
    cls.mro = (cls, object)
    return Instance(cls, sim)


@function("contextlib.suppress")
def _suppress(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    kinds = tuple(args)

    def leave(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        return len(inner) > 1 and inner[1] is not None and sim.is_instance(inner[1], kinds) is True

    enter = Wrapped("staticmethod", Builtin("__enter__", lambda w, a, k: None))
    methods: dict[str, Value] = {"__enter__": enter, "__exit__": Wrapped("staticmethod", Builtin("__exit__", leave))}
    cls = Class("suppress", "suppress", "contextlib", (), methods, mro=())
    cls.mro = (cls, object)
    return Instance(cls, sim)


@function("contextlib.nullcontext")
def _nullcontext(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0] if args else None
    enter = Wrapped("staticmethod", Builtin("__enter__", lambda w, a, k: value))
    leave = Wrapped("staticmethod", Builtin("__exit__", lambda w, a, k: None))
    cls = Class("nullcontext", "nullcontext", "contextlib", (), {"__enter__": enter, "__exit__": leave}, mro=())
    cls.mro = (cls, object)
    return Instance(cls, sim)


# -- asyncio -------------------------------------------------------------------------------------------------------


@function("asyncio.run")
def _run(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return await_value(sim, args[0]) if isinstance(args[0], Coroutine) else Unknown("an awaited value")


@function("asyncio.wait_for", "asyncio.shield")
def _wait_for(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[0]


@function("asyncio.gather")
def _gather(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Coroutine(lambda: [await_value(sim, arg) for arg in args], "gather")


@function("asyncio.sleep")
def _sleep(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Coroutine(lambda: None, "sleep")


@function("time.sleep")
def _time_sleep(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return None
