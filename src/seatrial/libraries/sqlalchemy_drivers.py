"""Which driver a database URL loads, and which arguments its `connect` takes.

Source: SQLAlchemy's `dialects/*/__init__.py`; libpq's documentation, section "Parameter Key Words"; asyncpg, aiosqlite
and sqlite3 by their own signatures.
"""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.libraries.sqlalchemy_urls import Url
from seatrial.libraries.values import Value
from seatrial.project.packages.installed import Packages

_DRIVERS = {
    "postgresql+psycopg2": "psycopg2", "postgresql+psycopg": "psycopg", "postgresql+asyncpg": "asyncpg",
    "postgresql+psycopg_async": "psycopg", "postgresql+psycopg2cffi": "psycopg2cffi", "postgresql+pg8000": "pg8000",
    "mysql": "MySQLdb", "mysql+mysqldb": "MySQLdb", "mysql+pymysql": "pymysql", "mysql+aiomysql": "aiomysql",
    "mysql+asyncmy": "asyncmy", "mysql+mysqlconnector": "mysql.connector", "mariadb": "MySQLdb",
    "mariadb+mariadbconnector": "mariadb", "mariadb+pymysql": "pymysql", "sqlite": "sqlite3", "sqlite+pysqlite":
    "sqlite3",
    "sqlite+aiosqlite": "aiosqlite", "oracle": "cx_Oracle", "oracle+oracledb": "oracledb", "mssql": "pyodbc",
    "mssql+pyodbc": "pyodbc", "mssql+aioodbc": "aioodbc", "mssql+pymssql": "pymssql",
}  # fmt: skip
DRIVER_MODULES = frozenset(_DRIVERS.values())

# asyncpg 0.32 `connect`, for when its source is not at hand
_ASYNCPG = frozenset(
    """dsn host port user password passfile service servicefile database loop timeout statement_cache_size
    max_cached_statement_lifetime max_cacheable_statement_size command_timeout ssl direct_tls connection_class
    record_class server_settings target_session_attrs krbsrvname gsslib""".split()
)
# what SQLAlchemy's asyncpg dialect takes for itself before it calls `connect`
_OF_DIALECT = frozenset(
    {"async_fallback", "async_creator_fn", "prepared_statement_cache_size", "prepared_statement_name_func"}
)
LIBPQ = frozenset(
    """host hostaddr port dbname user password passfile require_auth channel_binding connect_timeout client_encoding
    options application_name fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count
    tcp_user_timeout replication gssencmode sslmode requiressl sslnegotiation sslcompression sslcert sslkey
    sslkeylogfile
    sslpassword sslcertmode sslrootcert sslcrl sslcrldir sslsni requirepeer ssl_min_protocol_version
    ssl_max_protocol_version krbsrvname gsslib gssdelegation scram_client_key scram_server_key service
    target_session_attrs load_balance_hosts min_protocol_version max_protocol_version oauth_issuer""".split()
)
_PSYCOPG2 = LIBPQ | {"dsn", "connection_factory", "cursor_factory", "async", "database"}
_PSYCOPG = LIBPQ | {"conninfo", "autocommit", "prepare_threshold", "context", "row_factory", "cursor_factory", "async_"}


_SQLITE = frozenset(
    """database timeout detect_types isolation_level check_same_thread factory cached_statements uri autocommit
    iter_chunk_size loop""".split()
)


def driver_module(url: Url, release: tuple[int, ...]) -> str | None:
    """The module that an engine of this URL imports; None where that is not known."""
    if url.scheme == "postgresql":
        return "psycopg" if release >= (2, 1) else "psycopg2"
    if url.scheme == "oracle" and release >= (2, 1):
        return "oracledb"
    return _DRIVERS.get(url.scheme)


def refused(packages: Packages | None, module: str, given: Mapping[str, Value]) -> list[str]:
    """The arguments, in order, that the driver's `connect` does not know."""
    if module == "asyncpg":
        known = _asyncpg(packages) | _OF_DIALECT
    elif module in ("psycopg2", "psycopg"):
        known = _PSYCOPG2 if module == "psycopg2" else _PSYCOPG
    elif module in ("sqlite3", "aiosqlite"):
        known = _SQLITE
    else:
        return []
    return [name for name in given if name not in known]


def _asyncpg(packages: Packages | None) -> frozenset[str]:
    found = packages.signature("asyncpg", "connect") if packages is not None else None
    return frozenset(one.name for one in found.parameters) if found is not None and found.certain else _ASYNCPG


def words(module: str, name: str, python: tuple[int, int]) -> tuple[str, str]:
    """The exception and its text with which a driver refuses an argument, as SQLAlchemy passes it on."""
    if module == "asyncpg":
        return "TypeError", f"connect() got an unexpected keyword argument '{name}'"
    if module in ("sqlite3", "aiosqlite"):
        return "TypeError", _sqlite_words(name, python)
    if module == "psycopg2":
        text = f'(psycopg2.ProgrammingError) invalid dsn: invalid connection option "{name}"\n'
    else:
        text = f'(psycopg.ProgrammingError) invalid connection option "{name}"'
    return "sqlalchemy.exc.ProgrammingError", f"{text}\n(Background on this error at: https://sqlalche.me/e/20/f405)"


def _sqlite_words(name: str, python: tuple[int, int]) -> str:
    if python >= (3, 13):
        return f"Connection() got an unexpected keyword argument '{name}'"
    return f"'{name}' is an invalid keyword argument for {'Connection()' if python >= (3, 11) else 'this function'}"
