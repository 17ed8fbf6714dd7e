"""Tasks in the database. The owner is part of every condition: another user's task is as if it were not there."""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from src.auth.principal import Principal, standing
from src.database.hot import Hot, Row
from src.database.tables import table_of
from src.tasks.cursor import Cursor
from src.tasks.models import NEVER, Task
from src.tasks.schemas import ListQuery, Sort

table = table_of(Task)
COLUMNS = [column for column in table.c if column.name != "owner_id"]


@cache
def one_statement(*, by_session: bool) -> Hot:
    """One task, if it is the principal's, beside the proof that the principal may act: no row means that it may not, a
    row without an id that there is no such task.
    """
    source, condition = standing(by_session=by_session)
    mine = (table.c.id == bindparam("task")) & (table.c.owner_id == bindparam("user"))
    return Hot(select(*COLUMNS).select_from(source.outerjoin(table, mine)).where(condition))


async def find(connection: AsyncConnection, principal: Principal, task_id: uuid.UUID) -> Row | None:
    """The row of `one_statement`."""
    statement = one_statement(by_session=principal.session_id is not None)
    rows = await statement.rows(connection, {"task": task_id, **principal.values()})
    return rows[0] if rows else None


# Written out, so that it is the expression of the index.
LAST = literal_column(f"'{NEVER.isoformat()}'::timestamptz", table.c.due_at.type)
SORTED: dict[Sort, tuple[ColumnElement[Any], bool]] = {
    Sort.NEWEST: (table.c.created_at, True),
    Sort.OLDEST: (table.c.created_at, False),
    Sort.DUE: (func.coalesce(table.c.due_at, LAST), False),
    Sort.PRIORITY: (table.c.priority, False),
}


@cache
def page_statement(
    sort: Sort, *, status: str | None, priority: bool, text: bool, cursor: bool, by_session: bool
) -> Hot:
    """A page of the principal's tasks, beside the proof that it may act: an empty list is one row without an id."""
    source, condition = standing(by_session=by_session)
    inner = page_of_tasks(sort, status=status, priority=priority, text=text, cursor=cursor).subquery("page")
    columns = [inner.c[column.name] for column in COLUMNS]
    place = inner.c.place.desc() if SORTED[sort][1] else inner.c.place
    number = inner.c.id.desc() if SORTED[sort][1] else inner.c.id
    joined = source.outerjoin(inner, inner.c.id.is_not(None))
    return Hot(select(*columns).select_from(joined).where(condition).order_by(place, number))


def page_of_tasks(sort: Sort, *, status: str | None, priority: bool, text: bool, cursor: bool) -> Select[Any]:
    """The tasks of the page."""
    place, descending = SORTED[sort]
    query = select(*COLUMNS, place.label("place")).where(table.c.owner_id == bindparam("user"))
    if status is not None:
        query = query.where(table.c.completed_at.is_(None) if status == "open" else table.c.completed_at.is_not(None))
    if priority:
        query = query.where(table.c.priority == bindparam("priority"))
    if text:
        query = query.where(
            func.strpos(func.lower(table.c.title), func.lower(bindparam("text", type_=table.c.title.type))) > 0
        )
    if cursor:
        after = func.row(place, table.c.id)
        last = func.row(bindparam("value", type_=place.type), bindparam("last", type_=table.c.id.type))
        query = query.where(after < last if descending else after > last)
    order = (place.desc(), table.c.id.desc()) if descending else (place, table.c.id)
    return query.order_by(*order).limit(bindparam("most"))


async def find_page(
    connection: AsyncConnection, principal: Principal, query: ListQuery, cursor: Cursor | None, priority: int | None
) -> list[Row]:
    """One row more than the page holds, so that it is known whether another page follows."""
    statement = page_statement(
        query.sort,
        status=query.status,
        priority=priority is not None,
        text=query.q is not None,
        cursor=cursor is not None,
        by_session=principal.session_id is not None,
    )
    values: dict[str, Any] = {"most": query.limit + 1, "priority": priority, "text": query.q, **principal.values()}
    if cursor is not None:
        values |= {"value": cursor.value, "last": cursor.task_id}
    return await statement.rows(connection, values)


async def add(connection: AsyncConnection, task: dict[str, Any]) -> None:
    """Add a task. Done twice, it is there once."""
    await connection.execute(insert(table).values(task).on_conflict_do_nothing())


async def change(
    connection: AsyncConnection, owner_id: uuid.UUID, task_id: uuid.UUID, values: dict[str, Any]
) -> dict[str, Any] | None:
    """Change a task; None when the owner has no such task."""
    query = update(table).where(table.c.id == task_id, table.c.owner_id == owner_id).values(values)
    row = (await connection.execute(query.returning(*COLUMNS))).mappings().one_or_none()
    return dict(row) if row else None


async def exists(connection: AsyncConnection, owner_id: uuid.UUID, task_id: uuid.UUID) -> bool:
    """Whether the owner has such a task."""
    query = select(table.c.id).where(table.c.id == task_id, table.c.owner_id == owner_id)
    return await connection.scalar(query) is not None


async def remove(connection: AsyncConnection, owner_id: uuid.UUID, task_id: uuid.UUID) -> None:
    """Delete a task."""
    await connection.execute(delete(table).where(table.c.id == task_id, table.c.owner_id == owner_id))
