"""Start and stop: settings are read, the database is found, services open; and close in the reverse order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from fastapi import FastAPI

from src.auth.passwords import Passwords
from src.database.database import Database
from src.database.embedded import start_embedded
from src.database.engine import make_engine
from src.database.migrating import migrate
from src.database.probe import find_database
from src.edge.limits import Limiter
from src.services import Services
from src.settings import Settings, read_settings

log = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The life of one worker."""
    settings = with_database(app.state.settings or read_settings())
    async with open_services(settings) as services:
        app.state.services = services
        yield


def with_database(settings: Settings) -> Settings:
    """The settings with a database: in development the embedded one, where no other is named."""
    if settings.database is not None:
        return settings
    address = start_embedded(settings.development_folder)
    return replace(settings, database=address, migrations=address)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Everything open.

    Raises:
        DatabaseUnreachable: the database did not answer within the budget for the start.
    """
    assert settings.database is not None
    found = await find_database(settings.database, settings.pool)
    if not settings.production and settings.migrations is not None:
        await asyncio.to_thread(migrate, settings.migrations)
    engine = make_engine(settings.database, settings.pool, found, settings.workers)
    try:
        yield Services(settings, Database(engine, settings.pool.retry_budget_s), Passwords(), Limiter())
    finally:
        await engine.dispose()
