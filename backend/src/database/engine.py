"""The engine: SQLAlchemy's pool over asyncpg, sized for what the server admits."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from src.database.address import Address
from src.database.probe import Found
from src.settings.model import Pool

# A connection that has just been used is alive; asking before every request would cost more than the request's query.
PING_AFTER_IDLE_S = 1.0
STATEMENTS = 100
# Of the connections that a server admits, the part for one deployment: the next one runs beside it for a while, and
# migrations and people want some.
SHARE = 0.4


def make_engine(address: Address, pool: Pool, found: Found, workers: int) -> AsyncEngine:
    """An engine whose connections are made when they are first wanted.

    Statements stay prepared only without a pooler: in transaction mode each transaction may meet another server
    process, which does not know them. `statement_cache_size` is the argument that decides (asyncpg names no statement
    then); SQLAlchemy's own cache alone is not enough.
    """
    statements = STATEMENTS if found.direct else 0
    engine = create_async_engine(
        "postgresql+asyncpg://",
        connect_args={
            **address.arguments(),
            "timeout": pool.connect_timeout_s,
            "command_timeout": pool.command_timeout_s,
            "statement_cache_size": statements,
            "prepared_statement_cache_size": statements,
        },
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size(pool, found, workers),
        max_overflow=pool.overflow,
        pool_recycle=pool.recycle_s,
        pool_timeout=pool.wait_s,
        pool_use_lifo=True,
        pool_reset_on_return=None,
    )
    ping_when_idle(engine)
    return engine


def pool_size(pool: Pool, found: Found, workers: int) -> int:
    """As asked for, but no more than this worker's share of what the server admits. A pooler does that by itself."""
    if not found.direct:
        return pool.size
    share = int(found.connections * SHARE / workers) - pool.overflow
    return max(1, min(pool.size, share))


def ping_when_idle(engine: AsyncEngine) -> None:
    """Ask a connection that has been idle whether it still lives; the pool replaces one that does not."""

    def remember(_connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info["idle_since"] = time.monotonic()

    def ask(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - entry.info.get("idle_since", 0.0) < PING_AFTER_IDLE_S or "idle_since" not in entry.info:
            return
        try:
            engine.dialect.do_ping(connection)
        except (engine.dialect.loaded_dbapi.Error, OSError, TimeoutError) as error:
            raise DisconnectionError("the idle connection is dead") from error

    event.listen(engine.sync_engine, "checkin", remember)
    event.listen(engine.sync_engine, "checkout", ask)
