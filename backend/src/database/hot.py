"""Statements of the busiest requests: written with SQLAlchemy, compiled once, carried by asyncpg itself.

SQLAlchemy's execution adds about as much processor time to a query of one row as asyncpg takes for it, twice over
(ADR 0036). The pool, the failures and the retries stay SQLAlchemy's.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Select

from src.database.failures import Dropped

Row: TypeAlias = Any


DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]


class Hot:
    """A statement with named parameters, compiled when it is first run."""

    __slots__ = ("constants", "names", "statement", "text")

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement
        self.text = ""
        self.names: tuple[str, ...] = ()
        self.constants: dict[str, Any] = {}

    def compile(self) -> None:
        """Text and order of parameters, as asyncpg takes them."""
        compiled: Any = self.statement.compile(dialect=DIALECT)
        self.names = tuple(compiled.positiontup)
        self.constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        self.text = compiled.string

    async def rows(self, connection: AsyncConnection, values: dict[str, Any]) -> list[Row]:
        """Run it; each row answers to the column's name.

        Raises:
            Dropped: the connection went away; it has been thrown out of the pool.
        """
        if not self.text:
            self.compile()
        known = self.constants | values if self.constants else values
        arguments = [known[name] for name in self.names]
        pooled = await connection.get_raw_connection()
        driver: asyncpg.Connection[Row] = pooled.driver_connection
        try:
            rows: list[Row] = await driver.fetch(self.text, *arguments)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if driver.is_closed():
                await connection.invalidate(error)
                raise Dropped from error
            raise
        return rows
