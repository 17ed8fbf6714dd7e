"""Deletes sessions that have expired, now and then. All replicas do it, one at a time."""

from __future__ import annotations

import asyncio
import logging
import random

from sqlalchemy.exc import SQLAlchemyError

from src.auth import repository
from src.auth.tokens import now
from src.database.database import Database
from src.database.failures import DatabaseUnavailable

log = logging.getLogger(__name__)

EVERY_S = 600.0
AT_ONCE = 1000


async def clean(database: Database) -> int:
    """Delete what has expired, some at a time so that nobody waits long for a lock; how many."""
    total = 0
    while True:
        deleted = await database.write(lambda connection: repository.delete_expired(connection, now(), AT_ONCE))
        total += deleted
        if deleted == 0:
            return total


async def keep_clean(database: Database) -> None:
    """Do so until cancelled. A database that is away is no reason to stop."""
    while True:
        # Replicas that started together do not come together.
        await asyncio.sleep(EVERY_S * random.uniform(0.5, 1.5))  # noqa: S311
        try:
            log.info("expired sessions deleted", extra={"number": await clean(database)})
        except (DatabaseUnavailable, SQLAlchemyError, OSError) as error:
            log.warning("expired sessions could not be deleted", extra={"error": type(error).__name__})
