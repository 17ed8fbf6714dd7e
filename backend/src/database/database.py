"""Units of work. Each is written so that doing it twice is the same as doing it once, so each may be tried again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from src.database.failures import PASSING, DatabaseUnavailable, is_exhausted, is_passing

T = TypeVar("T")
Unit = Callable[[AsyncConnection], Awaitable[T]]

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Database:
    """The pool, and the budget within which a unit is tried again."""

    engine: AsyncEngine
    retry_budget_s: float
    on_retry: Callable[[], object] = bool

    async def read(self, unit: Unit[T]) -> T:
        """Run a unit of one statement, outside any transaction.

        Raises:
            DatabaseUnavailable: the database did not come back within the budget.
        """
        return await self.repeat(unit, self.once)

    async def write(self, unit: Unit[T]) -> T:
        """Run a unit in one transaction. A lost answer to COMMIT leaves open whether it was done: the unit has to bear
        being done again, which is why its identifiers and times are chosen before it begins.

        Raises:
            DatabaseUnavailable: the database did not come back within the budget.
        """
        return await self.repeat(unit, self.transaction)

    async def once(self, unit: Unit[T]) -> T:
        """The unit on a connection of its own, each statement its own transaction."""
        async with self.engine.connect() as connection:
            return await unit(connection)

    async def transaction(self, unit: Unit[T]) -> T:
        """The unit between BEGIN and COMMIT."""
        async with self.engine.connect() as connection:
            await connection.execution_options(isolation_level="READ COMMITTED")
            async with connection.begin():
                return await unit(connection)

    async def repeat(self, unit: Unit[T], run: Callable[[Unit[T]], Awaitable[T]]) -> T:
        """Run the unit until it is done, fails for good, or the budget is spent."""
        try:
            return await run(unit)
        except (SQLAlchemyError, OSError, TimeoutError, *PASSING) as error:
            first = error
        return await self.again(unit, run, first)

    async def again(self, unit: Unit[T], run: Callable[[Unit[T]], Awaitable[T]], error: BaseException) -> T:
        """The tries after the first, with pauses that grow and differ, so that clients do not come back in step."""
        deadline = time.monotonic() + self.retry_budget_s
        pause = FIRST_PAUSE_S
        while True:
            if is_exhausted(error):
                raise DatabaseUnavailable(1) from error
            if not is_passing(error):
                raise error
            if time.monotonic() + pause > deadline:
                raise DatabaseUnavailable from error
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads clients, guards nothing
            pause = min(pause * 2, LONGEST_PAUSE_S)
            self.on_retry()
            try:
                return await run(unit)
            except (SQLAlchemyError, OSError, TimeoutError, *PASSING) as again:
                error = again
