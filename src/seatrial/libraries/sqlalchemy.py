"""SQLAlchemy and SQLModel: engines are made at import, and with them the driver that the URL names is imported.

Source: SQLAlchemy 1.4, 2.0 and 2.1: `engine/create.py`, `engine/url.py` (`_get_entrypoint`), `ext/asyncio/engine.py`;
the
default drivers are those of `dialects/*/__init__.py`.
"""

from __future__ import annotations

from dataclasses import replace

from seatrial.libraries import sqlalchemy_connections as connections
from seatrial.libraries import sqlalchemy_urls as urls
from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.sqlalchemy_drivers import driver_module
from seatrial.libraries.sqlalchemy_urls import Url, parse_url, url_of
from seatrial.libraries.values import ABSENT, External, ExternalInstance, Unknown, Value
from seatrial.libraries.world import World

_ASYNC = frozenset({"asyncpg", "aiosqlite", "aiomysql", "asyncmy", "aioodbc", "psycopg_async", "oracledb_async"})
_DIALECTS = frozenset({"postgresql", "mysql", "mariadb", "sqlite", "oracle", "mssql"})
_MENDED = {"postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite", "mysql": "mysql+aiomysql"}
_POOL = ("pool_size", "max_overflow", "pool_timeout", "pool_use_lifo")


def create_engine(world: World, call: LibraryCall) -> Value:
    """`create_engine(url, ...)`."""
    return _engine(world, call, asynchronous=False)


def create_async_engine(world: World, call: LibraryCall) -> Value:
    """`create_async_engine(url, ...)`."""
    return _engine(world, call, asynchronous=True)


def _engine(world: World, call: LibraryCall, *, asynchronous: bool) -> Value:
    given = call.argument(0, "url", ABSENT)
    kind = connections.ASYNC_ENGINE if asynchronous else connections.ENGINE
    release = world.version("sqlalchemy") or (2, 0)
    url = url_of(given)
    if url is None and not isinstance(given, str):
        return _no_text(world, given, ExternalInstance(kind))
    place = world.place()
    known = {"url": urls.url_object(url)} if url else {}
    made = ExternalInstance(kind, (url,), dict(call.kwargs), {**known, connections.MADE: f"{place.path}:{place.line}"})
    if url is None or not _port_is_number(url):
        _unparsable(world, str(given), url, release)
    elif url.dialect not in _DIALECTS:
        _no_plugin(world, url)
    else:
        _load(world, url, driver_module(url, release), asynchronous=asynchronous)
        if asynchronous and not _is_async(url, release):
            made.args = (replace(url, scheme=_MENDED.get(url.dialect, url.scheme)),)
        _arguments(world, url, call, asynchronous=asynchronous)
    return made


def _is_async(url: Url, release: tuple[int, ...]) -> bool:
    return url.driver in _ASYNC or driver_module(url, release) == "psycopg"


def _no_text(world: World, given: Value, made: ExternalInstance) -> Value:
    if isinstance(given, Unknown | ExternalInstance | External) or given is ABSENT:
        return made
    shown = "None" if given is None else repr(given)
    message = f"Expected string or URL object, got {shown}"
    world.refuse("sqlalchemy", "no-url", "sqlalchemy.exc.ArgumentError", message)
    return made


def _load(world: World, url: Url, module: str | None, *, asynchronous: bool) -> None:
    if module is None:
        return
    if world.installed(module) is False:
        world.missing_module(module, "sqlalchemy")
    if asynchronous and not (url.driver in _ASYNC or module == "psycopg"):
        loaded = url.driver or {"sqlite3": "pysqlite", "MySQLdb": "mysqldb"}.get(module, module)
        message = f"The asyncio extension requires an async driver to be used. The loaded {loaded!r} is not async."
        error = "sqlalchemy.exc.InvalidRequestError"
        world.refuse("sqlalchemy", "sync-driver", error, message, url.scheme, driver=loaded)


def _arguments(world: World, url: Url, call: LibraryCall, *, asynchronous: bool) -> None:
    """Arguments that the pool of this URL does not take: SQLite keeps one connection, or one a thread."""
    pool = _pool(world, url, call, asynchronous=asynchronous)
    wrong = [name for name in call.kwargs if name in _WITHOUT.get(pool, ())]
    if not wrong or call.partial:
        return
    listed = ",".join(f"'{name}'" for name in wrong)
    dialect = _dialect_class(url)
    message = (
        f"Invalid argument(s) {listed} sent to create_engine(), using configuration {dialect}/{pool}/Engine.  "
        "Please check that the keyword arguments are appropriate for this combination of components."
    )
    world.refuse("sqlalchemy", "pool-arguments", TypeError(message), message, ",".join(wrong), scheme=url.scheme)


_WITHOUT = {
    "NullPool": _POOL,
    "StaticPool": _POOL,
    "SingletonThreadPool": ("max_overflow", "pool_timeout", "pool_use_lifo"),
}


def _pool(world: World, url: Url, call: LibraryCall, *, asynchronous: bool) -> str:
    given = call.kwargs.get("poolclass")
    if isinstance(given, External):
        return given.name.rpartition(".")[2]
    if given is not None or "pool" in call.kwargs:
        return ""
    if url.dialect != "sqlite":
        return "AsyncAdaptedQueuePool" if asynchronous else "QueuePool"
    memory = url.database in ("", ":memory:") or "mode=memory" in url.text
    release = world.version("sqlalchemy") or (2, 0)
    if asynchronous or url.driver == "aiosqlite":
        return "StaticPool" if memory else ("NullPool" if release < (2, 0, 38) else "AsyncAdaptedQueuePool")
    return "SingletonThreadPool" if memory else ("NullPool" if release < (2, 0) else "QueuePool")


def _dialect_class(url: Url) -> str:
    drivers = {"": "", "aiosqlite": "aiosqlite", "pysqlite": "pysqlite", "asyncpg": "asyncpg", "psycopg2": "psycopg2"}
    names = {"postgresql": "PG", "sqlite": "SQLite"}
    driver = drivers.get(url.driver, url.driver) or {"sqlite": "pysqlite", "postgresql": "psycopg2"}.get(
        url.dialect, ""
    )
    return f"{names.get(url.dialect, url.dialect)}Dialect_{driver}"


def _port_is_number(url: Url) -> bool:
    return not url.port or url.port.isdigit()


def _unparsable(world: World, given: str, url: Url | None, release: tuple[int, ...]) -> Value:
    if url is not None:
        return world.raise_(ValueError(f"invalid literal for int() with base 10: {url.port!r}"))
    text = "Could not parse SQLAlchemy URL from given URL string"
    if release < (2, 0, 33):
        text = f"Could not parse SQLAlchemy URL from string {given!r}"
    if release < (2, 0):
        text = f"Could not parse rfc1738 URL from string {given!r}"
    return world.refuse("sqlalchemy", "bad-url", "sqlalchemy.exc.ArgumentError", text, given)


def _no_plugin(world: World, url: Url) -> Value:
    name = url.scheme.replace("+", ".")
    message = f"Can't load plugin: sqlalchemy.dialects:{name}"
    return world.refuse("sqlalchemy", "no-dialect", "sqlalchemy.exc.NoSuchModuleError", message, url.scheme)


__all__ = ["LIBRARY", "Url", "parse_url"]

LIBRARY = Library(
    "sqlalchemy",
    "sqlalchemy",
    calls={
        "sqlalchemy.create_engine": create_engine,
        "sqlalchemy.ext.asyncio.create_async_engine": create_async_engine,
        **urls.CALLS,
        **connections.CALLS,
    },
    classes={"sqlalchemy.orm.DeclarativeBase": connections.base_made},
    attributes={"sqlalchemy.engine.URL": urls.attribute},
    lenient=frozenset({"sqlalchemy.create_engine", "sqlalchemy.ext.asyncio.create_async_engine"}),
)
