"""SQLAlchemy: where an engine connects for the first time, and what the driver says to the arguments it is handed.

Source: SQLAlchemy 2.1 `engine/base.py`, `orm/session.py`, `ext/asyncio/engine.py`, `dialects/postgresql/asyncpg.py`
(`create_connect_args`: the URL's query becomes keyword arguments, then `connect_args`). Under the documented
environment the database answers; where no service answers, the driver's own error is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from seatrial.libraries.behaviour import LibraryCall
from seatrial.libraries.sqlalchemy_drivers import driver_module, refused, words
from seatrial.libraries.sqlalchemy_urls import Url
from seatrial.libraries.values import ABSENT, Class, Coroutine, External, ExternalInstance, Unknown, Value
from seatrial.libraries.world import World
from seatrial.project.packages.installed import Packages

ENGINE = External("sqlalchemy.engine.base.Engine", "class")
ASYNC_ENGINE = External("sqlalchemy.ext.asyncio.engine.AsyncEngine", "class")
_ASYNC_CONNECTION = External("sqlalchemy.ext.asyncio.engine.AsyncConnection", "class")
_SESSION = External("sqlalchemy.orm.session.Session", "class")
_ASYNC_SESSION = External("sqlalchemy.ext.asyncio.session.AsyncSession", "class")
BASE = External("sqlalchemy.orm.decl_api.DeclarativeBase", "class")
MADE = "<made>"  # under which key of its attributes an engine keeps where it was made
_ENGINES = (ENGINE.name, ASYNC_ENGINE.name)
_NEEDS_SERVICE = frozenset({"postgresql", "mysql", "mariadb", "mssql", "oracle"})


@dataclass(frozen=True, slots=True)
class Refused:
    """Arguments that a driver's `connect` does not know, how it says so, and where they come from."""

    names: tuple[str, ...]
    exception: str
    text: str
    by: str  # "url" or "connect_args"


def refusal(
    packages: Packages | None, python: tuple[int, int], module: str, url: Url, connect_args: Value
) -> Refused | None:
    """What the driver refuses at the first connection of an engine; None where it takes everything."""
    by_query = {} if url.dialect == "sqlite" else dict(url.query)  # SQLite's own become part of a file's URI
    given: dict[str, Value] = {**by_query, **(connect_args if isinstance(connect_args, dict) else {})}
    wrong = refused(packages, module, given)
    if not wrong:
        return None
    exception, text = words(module, wrong[0], python)
    return Refused(tuple(wrong), exception, text, "url" if wrong[0] in by_query else "connect_args")


def connect(world: World, engine: Value) -> None:
    """The first connection of an engine, as far as the driver refuses it; later ones say nothing new."""
    if not isinstance(engine, ExternalInstance) or engine.type.name not in _ENGINES or not engine.args:
        return
    url = engine.args[0]
    if not isinstance(url, Url):
        return
    module = driver_module(url, world.version("sqlalchemy") or (2, 0)) or ""
    found = refusal(world.packages, world.python, module, url, engine.kwargs.get("connect_args"))
    if found is not None:
        error = TypeError(found.text) if found.exception == "TypeError" else found.exception
        details = {"driver": module, "by": found.by, "engine": engine.attributes.get(MADE, "")}
        every = ",".join(found.names)
        world.refuse("sqlalchemy", "connect-argument", error, found.text, every, (Exception,), **details)
    elif world.silent("sqlalchemy") and url.dialect in _NEEDS_SERVICE:
        unreachable(world, module, url)
    elif url.dialect == "sqlite" and _lacks_folder(world, url.database):
        _unopened(world, url.database)


def _lacks_folder(world: World, path: str) -> bool:
    """Whether SQLite cannot make its file: it makes no folders. A person's own folder is on no server."""
    if not path or path.startswith((":", "file:")):
        return False
    return path.startswith(("/Users/", "/home/", "/path/")) or world.lacks_folder(path)


def _unopened(world: World, path: str) -> None:
    release = world.version("sqlalchemy") or (2, 0)
    text = (
        "(sqlite3.OperationalError) unable to open database file\n"
        f"(Background on this error at: https://sqlalche.me/e/{release[0]}{release[1]}/e3q8)"
    )
    world.refuse("sqlalchemy", "no-folder", "sqlalchemy.exc.OperationalError", text, path, (Exception,))


def unreachable(world: World, module: str, url: Url) -> Value:
    """The driver's error where nothing listens."""
    host, port = url.host or "localhost", url.port or "5432"
    if module == "asyncpg":
        text = f"[Errno 111] Connect call failed ('{host}', {port})"
        return world.refuse("sqlalchemy", "unreachable", ConnectionRefusedError(111, text[12:]), text, url.dialect)
    text = f'({module}.OperationalError) connection to server at "{host}", port {port} failed: Connection refused'
    error = "sqlalchemy.exc.OperationalError"
    return world.refuse("sqlalchemy", "unreachable", error, text, url.dialect, (Exception,))


# -- engines -------------------------------------------------------------------------------------------------------


def _connecting(world: World, call: LibraryCall) -> Value:
    connect(world, call.args[0])
    return Unknown("a connection", call.args[0])


def _async_connection(world: World, call: LibraryCall) -> Value:
    return ExternalInstance(_ASYNC_CONNECTION, (call.args[0],))


def _enter_connection(world: World, call: LibraryCall) -> Value:
    connection = call.args[0]

    def opened() -> Value:
        connect(world, connection.args[0])
        return connection

    return Coroutine(opened, "__aenter__")


def _await_connection(world: World, call: LibraryCall) -> Value:
    connect(world, call.args[0].args[0])
    return call.args[0]


def create_all(world: World, call: LibraryCall) -> Value:
    """`metadata.create_all(engine)`; an async engine has not what it asks for."""
    given = (item for item in (*call.args, *call.kwargs.values()) if isinstance(item, ExternalInstance))
    bind = next((item for item in given if not item.type.name.endswith(".MetaData")), None)
    if bind is None:
        return ABSENT
    kind = bind.type.name.rpartition(".")[2]
    if kind in ("AsyncEngine", "AsyncConnection"):
        text = f"'{kind}' object has no attribute '_run_ddl_visitor'"
        world.refuse("sqlalchemy", "sync-call", AttributeError(text), text, "create_all")
    else:
        connect(world, bind)
    return None


def base_class(world: World, call: LibraryCall) -> Value:
    """`declarative_base()`: a class like any that derives from DeclarativeBase."""
    return BASE


def base_made(world: World, cls: Class, keywords: dict[str, Value]) -> Value:
    """A class with tables: `metadata` is its base's."""
    if "metadata" not in cls.namespace:
        cls.namespace["metadata"] = External(f"{BASE.name}.metadata")
    return cls


# -- sessions ------------------------------------------------------------------------------------------------------


def _bind_of(call: LibraryCall, position: int = 0) -> Value:
    given = [*call.args[position:], *[call.kwargs[name] for name in ("bind",) if name in call.kwargs]]
    return next((item for item in given if isinstance(item, ExternalInstance) and item.type.name in _ENGINES), None)


def _session(world: World, call: LibraryCall) -> Value:
    return ExternalInstance(call.callee, (_bind_of(call),), dict(call.kwargs))


def _maker(world: World, call: LibraryCall) -> Value:
    return ExternalInstance(call.callee, (_bind_of(call),), dict(call.kwargs))


def _made_session(world: World, call: LibraryCall) -> Value:
    maker = call.args[0]
    kind = maker.kwargs.get("class_")
    default = _ASYNC_SESSION if maker.type.name.endswith("async_sessionmaker") else _SESSION
    return ExternalInstance(kind if isinstance(kind, External) else default, maker.args[:1])


def _working(world: World, call: LibraryCall) -> Value:
    session = call.args[0]
    if isinstance(session, ExternalInstance) and session.args:
        connect(world, session.args[0])
    return Unknown("what a session gives")


def _working_later(world: World, call: LibraryCall) -> Value:
    return Coroutine(lambda: _working(world, call), "execute")


def _itself(world: World, call: LibraryCall) -> Value:
    return call.args[0]


def _itself_later(world: World, call: LibraryCall) -> Value:
    return Coroutine(lambda: call.args[0], "__aenter__")


def _methods(
    owner: str, names: str, behaviour: Callable[[World, LibraryCall], Value]
) -> dict[str, Callable[..., Value]]:
    return {f"{owner}.{name}": behaviour for name in names.split()}


SESSION_CALLS = "execute scalar scalars get exec query connection"

CALLS: dict[str, Callable[[World, LibraryCall], Value]] = {
    **_methods("sqlalchemy.engine.Engine", "connect begin raw_connection", _connecting),
    **_methods("sqlalchemy.ext.asyncio.AsyncEngine", "connect begin", _async_connection),
    "sqlalchemy.ext.asyncio.AsyncConnection.__aenter__": _enter_connection,
    "sqlalchemy.ext.asyncio.AsyncConnection.__await__": _await_connection,
    "sqlalchemy.MetaData.create_all": create_all,
    "sqlalchemy.orm.declarative_base": base_class,
    "sqlalchemy.ext.declarative.declarative_base": base_class,
    "sqlalchemy.orm.DeclarativeBase.metadata": lambda world, call: ABSENT,
    "sqlalchemy.orm.DeclarativeBase.metadata.create_all": create_all,
    "sqlalchemy.orm.Session": _session,
    "sqlalchemy.ext.asyncio.AsyncSession": _session,
    "sqlalchemy.orm.sessionmaker": _maker,
    "sqlalchemy.ext.asyncio.async_sessionmaker": _maker,
    "sqlalchemy.orm.sessionmaker.__call__": _made_session,
    "sqlalchemy.ext.asyncio.async_sessionmaker.__call__": _made_session,
    **_methods("sqlalchemy.orm.Session", SESSION_CALLS, _working),
    "sqlalchemy.orm.Session.__enter__": _itself,
    **_methods("sqlalchemy.ext.asyncio.AsyncSession", SESSION_CALLS, _working_later),
    "sqlalchemy.ext.asyncio.AsyncSession.__aenter__": _itself_later,
}

SQLMODEL_CALLS: dict[str, Callable[[World, LibraryCall], Value]] = {
    "sqlmodel.SQLModel.metadata": lambda world, call: ABSENT,
    "sqlmodel.SQLModel.metadata.create_all": create_all,
    "sqlmodel.Session": _session,
    **_methods("sqlmodel.Session", SESSION_CALLS, _working),
    "sqlmodel.Session.__enter__": _itself,
    "sqlmodel.ext.asyncio.session.AsyncSession": _session,
    **_methods("sqlmodel.ext.asyncio.session.AsyncSession", SESSION_CALLS, _working_later),
    "sqlmodel.ext.asyncio.session.AsyncSession.__aenter__": _itself_later,
}
