"""The first connection: waits for a database that sleeps, and finds out what stands between it and us."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass

import asyncpg

from src.database.address import Address
from src.settings.model import Pool

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 4.0
# Waiting does not mend these: the password is wrong, the database does not exist, its certificate is not trusted.
HOPELESS = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidPasswordError,
    asyncpg.InvalidCatalogNameError,
)
QUESTION = """SELECT pg_backend_pid(), current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int"""


class DatabaseUnreachable(Exception):
    """The database could not be reached at the start; the message says why and names no password."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the first connection found. `direct`: no pooler in between; `connections`: how many the server admits."""

    direct: bool
    connections: int


async def find_database(address: Address, pool: Pool) -> Found:
    """Connect, again and again within the budget for the start.

    Raises:
        DatabaseUnreachable: with the last reason.
    """
    deadline = time.monotonic() + pool.start_budget_s
    pause = FIRST_PAUSE_S
    while True:
        try:
            return await look(address, pool)
        except HOPELESS as error:
            raise DatabaseUnreachable(reason(address, error)) from None
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if time.monotonic() + pause > deadline or is_untrusted(error):
                raise DatabaseUnreachable(reason(address, error)) from None
            log.warning("the database does not answer yet", extra={"error": type(error).__name__})
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)


async def look(address: Address, pool: Pool) -> Found:
    """One connection and one question. A pooler greets with a process number that no server has."""
    arguments = address.arguments()
    connection = await asyncpg.connect(
        **arguments, timeout=pool.connect_timeout_s, command_timeout=pool.connect_timeout_s, statement_cache_size=0
    )
    try:
        worker, connections = await connection.fetchrow(QUESTION)
        return Found(direct=worker == connection.get_server_pid(), connections=connections)
    finally:
        await connection.close(timeout=2)


def is_untrusted(error: BaseException) -> bool:
    """Whether the certificate was refused: it will not become another one by waiting."""
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def reason(address: Address, error: BaseException) -> str:
    """Why there is no database, with the host and without the password."""
    where = f"The database at {address.host}:{address.port} "
    if is_untrusted(error):
        return where + "shows a certificate that is not trusted: name its authority in DATABASE_CA_FILE."
    if isinstance(error, HOPELESS):
        return where + f"refuses: {type(error).__name__}. Look at the user, password and database in DATABASE_URL."
    return where + f"could not be reached ({type(error).__name__}). Look at DATABASE_URL, and whether it is running."
