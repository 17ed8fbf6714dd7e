"""psycopg2: `connect` and the pools connect at once, and without an address to a socket of this machine.

Source: psycopg2 2.9 `__init__.py` (`connect`), `extensions.py` (`make_dsn`), `pool.py` (`minconn` connections are made
at once); libpq's default host.
"""

from __future__ import annotations

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.sqlalchemy_urls import url_of
from seatrial.libraries.values import Unknown, Value
from seatrial.libraries.world import World

_ERROR = "psycopg2.OperationalError"
_POOLS = ("AbstractConnectionPool", "SimpleConnectionPool", "ThreadedConnectionPool")
_ADDRESS = ("host", "hostaddr", "service")
_SOCKET = (
    'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: No such file or directory\n'
    "\tIs the server running locally and accepting connections on that socket?\n"
)


def connect(world: World, call: LibraryCall) -> Value:
    """`psycopg2.connect(dsn, **parameters)`."""
    _connected(world, call.argument(0, "dsn"), call)
    return Unknown("a connection of psycopg2's")


def pool(world: World, call: LibraryCall) -> Value:
    """`SimpleConnectionPool(minconn, maxconn, dsn, **parameters)`."""
    if call.argument(0, "minconn") != 0:
        _connected(world, call.argument(2, "dsn"), call)
    return Unknown("a pool of psycopg2's")


def _connected(world: World, dsn: Value, call: LibraryCall) -> None:
    given = [dsn, *(call.kwargs.get(name) for name in _ADDRESS)]
    if call.partial or any(isinstance(value, Unknown) for value in given):
        return
    if not any(given) and not world.environment.keys() & {"PGHOST", "PGSERVICE", "PGHOSTADDR"}:
        world.refuse("psycopg2", "no-address", _ERROR, _SOCKET, "postgresql", (Exception,))
    elif world.silent("psycopg2"):
        url = url_of(dsn) if isinstance(dsn, str) else None
        host, port = (url.host or "localhost", url.port or "5432") if url is not None else ("localhost", "5432")
        text = f'connection to server at "{host}", port {port} failed: Connection refused'
        world.refuse("psycopg2", "unreachable", _ERROR, text, "The database", (Exception,))


LIBRARY = Library(
    "psycopg2",
    "psycopg2",
    calls={"psycopg2.connect": connect, **{f"psycopg2.pool.{name}": pool for name in _POOLS}},
)
