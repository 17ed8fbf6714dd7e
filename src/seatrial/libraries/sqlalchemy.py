"""SQLAlchemy: engines are made at import, and with them the driver that the URL names is imported.

Source: SQLAlchemy 1.4, 2.0 and 2.1: `engine/url.py` (`make_url`, `_get_entrypoint`), `engine/create.py`,
`ext/asyncio/engine.py`; the default drivers are those of `dialects/*/__init__.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.values import ABSENT, External, ExternalInstance, Unknown, Value
from seatrial.libraries.world import World

_URL = re.compile(
    r"(?P<scheme>[\w+]+)://(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?"
    r"(?:(?:\[(?P<v6>[^/?]+)\]|(?P<host>[^/:?]+))?(?::(?P<port>[^/?]*))?)?(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?$"
)
_DRIVERS = {
    "postgresql+psycopg2": "psycopg2", "postgresql+psycopg": "psycopg", "postgresql+asyncpg": "asyncpg",
    "postgresql+psycopg_async": "psycopg", "postgresql+psycopg2cffi": "psycopg2cffi", "postgresql+pg8000": "pg8000",
    "mysql": "MySQLdb", "mysql+mysqldb": "MySQLdb", "mysql+pymysql": "pymysql", "mysql+aiomysql": "aiomysql",
    "mysql+asyncmy": "asyncmy", "mysql+mysqlconnector": "mysql.connector", "mariadb": "MySQLdb",
    "mariadb+mariadbconnector": "mariadb", "mariadb+pymysql": "pymysql", "sqlite": "sqlite3", "sqlite+pysqlite": "sqlite3",
    "sqlite+aiosqlite": "aiosqlite", "oracle": "cx_Oracle", "oracle+oracledb": "oracledb", "mssql": "pyodbc",
    "mssql+pyodbc": "pyodbc", "mssql+aioodbc": "aioodbc", "mssql+pymssql": "pymssql",
}  # fmt: skip
_ASYNC = frozenset({"asyncpg", "aiosqlite", "aiomysql", "asyncmy", "aioodbc", "psycopg_async", "oracledb_async"})
_DIALECTS = frozenset({"postgresql", "mysql", "mariadb", "sqlite", "oracle", "mssql"})


@dataclass(frozen=True, slots=True)
class Url:
    """A database URL, taken apart."""

    scheme: str
    host: str
    port: str
    database: str
    query: tuple[tuple[str, str], ...]

    @property
    def dialect(self) -> str:
        """`postgresql` of `postgresql+asyncpg`."""
        return self.scheme.partition("+")[0]

    @property
    def driver(self) -> str:
        """`asyncpg` of `postgresql+asyncpg`, "" where the URL leaves it to SQLAlchemy."""
        return self.scheme.partition("+")[2]


def parse_url(text: str) -> Url | None:
    """The parts of a URL as SQLAlchemy reads it; None where it cannot."""
    match = _URL.match(text)
    if match is None:
        return None
    query = tuple(parse_qsl(match["query"] or "", keep_blank_values=True))
    host = match["v6"] or match["host"] or ""
    return Url(match["scheme"], host, match["port"] or "", unquote(match["database"] or ""), query)


def driver_module(url: Url, release: tuple[int, ...]) -> str | None:
    """The module that an engine of this URL imports; None where that is not known."""
    if url.scheme == "postgresql":
        return "psycopg" if release >= (2, 1) else "psycopg2"
    if url.scheme == "oracle" and release >= (2, 1):
        return "oracledb"
    return _DRIVERS.get(url.scheme)


def create_engine(world: World, call: LibraryCall) -> Value:
    """`create_engine(url, ...)`."""
    return _engine(world, call, asynchronous=False)


def create_async_engine(world: World, call: LibraryCall) -> Value:
    """`create_async_engine(url, ...)`."""
    return _engine(world, call, asynchronous=True)


def _engine(world: World, call: LibraryCall, *, asynchronous: bool) -> Value:
    given = call.argument(0, "url", ABSENT)
    if isinstance(given, Unknown | ExternalInstance | External):
        return ABSENT
    if not isinstance(given, str):
        shown = "None" if given is None else repr(given)
        message = f"Expected string or URL object, got {shown}"
        return world.refuse("sqlalchemy", "no-url", "sqlalchemy.exc.ArgumentError", message)
    release = world.version("sqlalchemy") or (2, 0)
    url = parse_url(given)
    if url is None or not _port_is_number(url):
        return _unparsable(world, given, url, release)
    if url.dialect not in _DIALECTS:
        return _no_plugin(world, url)
    module = driver_module(url, release)
    if module is None:
        return ABSENT
    if world.installed(module) is False:
        world.missing_module(module, "sqlalchemy")
    if asynchronous and not _is_async(url):
        return _not_async(world, url, module)
    return ABSENT


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


def _is_async(url: Url) -> bool:
    return url.driver in _ASYNC or url.driver == "psycopg"


def _not_async(world: World, url: Url, module: str) -> Value:
    loaded = url.driver or {"psycopg": "psycopg2", "sqlite3": "pysqlite", "MySQLdb": "mysqldb"}.get(module, module)
    if url.scheme == "postgresql" and module == "psycopg":
        return ABSENT  # psycopg 3 serves both kinds of engine
    message = f"The asyncio extension requires an async driver to be used. The loaded {loaded!r} is not async."
    return world.refuse(
        "sqlalchemy", "sync-driver", "sqlalchemy.exc.InvalidRequestError", message, url.scheme, driver=loaded
    )


LIBRARY = Library(
    "sqlalchemy",
    "sqlalchemy",
    calls={
        "sqlalchemy.create_engine": create_engine,
        "sqlalchemy.ext.asyncio.create_async_engine": create_async_engine,
    },
)
