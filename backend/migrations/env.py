"""Runs migrations: on the direct URL, in one transaction, one process at a time."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import src.auth.models
import src.tasks.models  # noqa: F401 - tables that the metadata has to know
from src.database.address import Address
from src.lifespan import with_database
from src.settings import read_settings

LOCK = 0x6D696772


def run(connection: Connection) -> None:
    """All migrations that are due. The lock is the transaction's: it holds behind poolers, and ends with it."""
    context.configure(connection=connection, target_metadata=SQLModel.metadata, compare_type=True)
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.run_migrations()


async def migrate(address: Address) -> None:
    """Connect and run."""
    arguments = address.arguments() | {"statement_cache_size": 0, "prepared_statement_cache_size": 0, "timeout": 30}
    engine = create_async_engine("postgresql+asyncpg://", connect_args=arguments, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


def main() -> None:
    """On the database that the service hands over, or that the environment names when Alembic is called by hand."""
    given: Address | None = context.config.attributes.get("address")
    if given is not None:
        asyncio.run(migrate(given))
        return
    with with_database(read_settings()) as settings:
        assert settings.migrations is not None
        asyncio.run(migrate(settings.migrations))


main()
