"""Whether the database answers, found out within a time limit."""

from __future__ import annotations

import asyncio
import logging

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from src.services import Services

log = logging.getLogger(__name__)

LIMIT_S = 1.5


async def database_answers(services: Services) -> bool:
    """Whether it answers now; no second try, for that is the one thing a health check must not hide."""
    try:
        async with asyncio.timeout(LIMIT_S), services.database.engine.connect() as connection:
            return bool(await connection.scalar(text("SELECT 1")) == 1)
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        log.warning("the database does not answer", extra={"error": type(error).__name__})
        return False
