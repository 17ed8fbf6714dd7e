"""Which failures a second try can mend."""

from __future__ import annotations

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class DatabaseUnavailable(Exception):
    """The database did not answer within the budget. Clients are told when to come back."""

    def __init__(self, retry_after_s: int = 2) -> None:
        self.retry_after_s = retry_after_s
        super().__init__("the database is not available")


# The server is on its way up or down, has no room at the moment, or its pooler cannot reach it.
PASSING = (
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.ConnectionFailureError,
    asyncpg.ConnectionRejectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ProtocolViolationError,
    asyncpg.InternalClientError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InterfaceError,
)


def is_passing(error: BaseException) -> bool:
    """Whether the connection or the server went away, so that the same unit may succeed on another connection.

    Errors in what was asked (a constraint, a value) stay what they are. SQLAlchemy says `connection_invalidated` of
    every drop in the middle of work, whatever its class; at connect asyncpg's own errors and OSError come through bare.
    """
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(cause(error), PASSING)
    return isinstance(error, (OSError, TimeoutError, *PASSING))


def cause(error: DBAPIError) -> BaseException | None:
    """The driver's error beneath SQLAlchemy's and its adapter's."""
    return error.orig.__cause__ if error.orig is not None else None


def is_exhausted(error: BaseException) -> bool:
    """Whether every connection stayed in use: more tries would only lengthen the queue."""
    return isinstance(error, PoolTimeout)


class Dropped(ConnectionError):
    """The connection went away in the middle of a statement."""
