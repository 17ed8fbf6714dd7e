"""asyncpg: what `connect` and `create_pool` make of a DSN, which is not all of what libpq takes.

Source: asyncpg 0.32 `connect_utils._parse_connect_dsn_and_args`: parameters that it does not know are sent to the
server
as settings, and the server refuses those that it does not know.
"""

from __future__ import annotations

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.sqlalchemy_urls import Url, url_of
from seatrial.libraries.values import Coroutine, Unknown, Value
from seatrial.libraries.world import World

# libpq's, which are neither asyncpg's own nor settings of a server
_NOT_OF_SERVER = (
    "channel_binding", "connect_timeout", "gssencmode", "gssdelegation", "keepalives", "keepalives_idle",
    "keepalives_interval", "keepalives_count", "tcp_user_timeout", "require_auth", "sslcompression", "sslcertmode",
    "load_balance_hosts", "fallback_application_name", "pgbouncer", "hostaddr",
)  # fmt: skip


def connect(world: World, call: LibraryCall) -> Value:
    """`await asyncpg.connect(dsn)` and `await asyncpg.create_pool(dsn)`."""
    return Coroutine(lambda: _connected(world, call), "connect")


def _connected(world: World, call: LibraryCall) -> Value:
    given = call.argument(0, "dsn")
    url = url_of(given) if isinstance(given, str) else None
    if url is not None:
        _check(world, url)
    if world.silent("asyncpg") and (url is not None or given is None):
        host, port = (url.host, url.port or "5432") if url is not None else ("127.0.0.1", "5432")
        text = f"Connect call failed ('{host}', {port})"
        world.refuse("asyncpg", "unreachable", ConnectionRefusedError(111, text), text, "postgresql")
    return Unknown("a connection of asyncpg's")


def _check(world: World, url: Url) -> None:
    if url.scheme not in ("postgresql", "postgres"):
        text = f'invalid DSN: scheme is expected to be either "postgresql" or "postgres", got {url.scheme!r}'
        world.refuse("asyncpg", "scheme", "asyncpg.exceptions._base.ClientConfigurationError", text, url.scheme)
        return
    wrong = [name for name, _ in url.query if name in _NOT_OF_SERVER]
    if wrong:
        text = f'unrecognized configuration parameter "{wrong[0]}"'
        error = "asyncpg.exceptions.UndefinedObjectError"
        listed = ",".join(wrong)
        world.refuse("asyncpg", "connect-argument", error, text, listed, (Exception,), driver="asyncpg", by="dsn")


LIBRARY = Library("asyncpg", "asyncpg", calls={"asyncpg.connect": connect, "asyncpg.create_pool": connect})
