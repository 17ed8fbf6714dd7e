"""Start and stop: settings are read, the database is found, services open; and close in the reverse order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import replace

import httpx
from fastapi import FastAPI

from src.auth.cleaning import keep_clean
from src.auth.passwords import Passwords
from src.auth.tokens import TokenReader
from src.betterauth.keys import Keys
from src.betterauth.service import Recogniser
from src.database.database import Database
from src.database.embedded import embedded
from src.database.engine import make_engine
from src.database.migrating import migrate
from src.database.probe import find_database
from src.edge.drain import drain_on_sigterm
from src.edge.envelope import Draining
from src.edge.limits import Limiter
from src.edge.stack import install_edge
from src.observability.logs import set_up_logs
from src.observability.metrics import Metrics
from src.reminders.client import Mailer
from src.services import Services
from src.settings import Settings, read_settings

log = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The life of one worker."""
    settings = app.state.settings or read_settings()
    set_up_logs(json=settings.log_json, level=settings.log_level)
    with with_database(settings) as complete:
        async with open_services(complete) as services:
            app.state.services = services
            install_edge(app, services)
            with drain_on_sigterm(services.draining, settings.drain_grace_s):
                yield


@contextmanager
def with_database(settings: Settings) -> Iterator[Settings]:
    """The settings with a database: in development the embedded one, where no other is named."""
    if settings.database is not None:
        yield settings
        return
    with embedded(settings.development_folder) as address:
        yield replace(settings, database=address, migrations=address)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Everything open.

    Raises:
        DatabaseUnreachable: the database did not answer within the budget for the start.
    """
    async with AsyncExitStack() as stack:
        metrics = Metrics()
        database = await stack.enter_async_context(open_database(settings, metrics))
        client = await stack.enter_async_context(httpx.AsyncClient(follow_redirects=False))
        limiter = Limiter(settings.rates, metrics)
        stack.push_async_callback(limiter.close)
        await stack.enter_async_context(running(keep_clean(database)))
        yield Services(
            settings=settings,
            database=database,
            passwords=Passwords(),
            tokens=TokenReader(settings.tokens),
            limiter=limiter,
            metrics=metrics,
            draining=Draining(),
            better_auth=recogniser(settings, database, client),
            mailer=Mailer(settings.mail, client),
        )


@asynccontextmanager
async def open_database(settings: Settings, metrics: Metrics) -> AsyncIterator[Database]:
    """The pool, once the database has been found; in development with its tables in the newest form."""
    assert settings.database is not None
    found = await find_database(settings.database, settings.pool)
    if not settings.production and settings.migrations is not None:
        await asyncio.to_thread(migrate, settings.migrations)
    engine = make_engine(settings.database, settings.pool, found, settings.workers)
    log.info(
        "database found", extra={"direct": found.direct, "admits": found.connections, "pool": engine.pool.status()}
    )
    try:
        yield Database(engine, settings.pool.retry_budget_s, metrics.retries.inc)
    finally:
        await engine.dispose()


@asynccontextmanager
async def running(job: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """A job beside the requests, ended with the service."""
    task = asyncio.create_task(job)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def recogniser(settings: Settings, database: Database, client: httpx.AsyncClient) -> Recogniser | None:
    """Better Auth, unless it is switched off."""
    better_auth = settings.better_auth
    if better_auth is None:
        return None
    keys = Keys(better_auth.jwks_url, client) if better_auth.jwks_url else None
    return Recogniser(better_auth, database, keys)
