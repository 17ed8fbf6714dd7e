"""What can be done with tasks."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from src.auth.principal import Principal
from src.auth.service import ended, require_standing
from src.auth.tokens import now
from src.problems.problem import Problem
from src.services import Services
from src.tasks import repository
from src.tasks.cursor import Cursor, InvalidCursor, read_cursor, write_cursor
from src.tasks.models import NEVER
from src.tasks.presentation import as_task
from src.tasks.schemas import ListQuery, Priority, Sort, TaskCreate, TaskUpdate

NUMBERS = {Priority.HIGH: 1, Priority.NORMAL: 2, Priority.LOW: 3}


def missing() -> Problem:
    """404, for a task that is not there and for one of somebody else: nobody learns which numbers are taken."""
    return Problem(404, "There is no such task.")


async def create(services: Services, principal: Principal, request: TaskCreate) -> dict[str, Any]:
    """Add a task. Its number is chosen before the first try, so that a second one adds nothing.

    Raises:
        Problem: 401, the session has ended.
    """
    moment = now()
    task = {
        "id": uuid.uuid4(),
        "title": request.title,
        "description": request.description,
        "priority": NUMBERS[request.priority],
        "due_at": request.due_at,
        "completed_at": None,
        "created_at": moment,
        "updated_at": moment,
    }

    async def unit(connection: AsyncConnection) -> None:
        await require_standing(connection, principal)
        await repository.add(connection, task | {"owner_id": principal.user_id})

    try:
        await services.database.write(unit)
    except IntegrityError as error:
        # The account was deleted in the moment between the two statements: nothing else can be wrong with a task.
        raise ended() from error
    return as_task(task)


async def read(services: Services, principal: Principal, task_id: uuid.UUID) -> dict[str, Any]:
    """One task.

    Raises:
        Problem: 401, the session has ended; 404.
    """
    row = await services.database.read(lambda connection: repository.find(connection, principal, task_id))
    if row is None:
        raise ended()
    if row["id"] is None:
        raise missing()
    return as_task(row)


async def read_page(services: Services, principal: Principal, query: ListQuery) -> dict[str, Any]:
    """A page of the principal's tasks.

    Raises:
        Problem: 401, the session has ended; 422, the cursor belongs to no such list.
    """
    try:
        cursor = read_cursor(query.cursor, query.sort) if query.cursor else None
    except InvalidCursor:
        raise Problem(422, "The cursor belongs to no list of this order.") from None
    priority = NUMBERS[query.priority] if query.priority else None
    rows = await services.database.read(
        lambda connection: repository.find_page(connection, principal, query, cursor, priority)
    )
    if not rows:
        raise ended()
    items = [row for row in rows if row["id"] is not None]
    shown = items[: query.limit]
    after = write_cursor(place_of(shown[-1], query.sort)) if len(items) > query.limit else None
    return {"items": [as_task(row) for row in shown], "next_cursor": after}


def place_of(row: Any, sort: Sort) -> Cursor:
    """The place of a task in a list of this order."""
    if sort is Sort.PRIORITY:
        return Cursor(sort, row["priority"], row["id"])
    if sort is Sort.DUE:
        return Cursor(sort, row["due_at"] or NEVER, row["id"])
    return Cursor(sort, row["created_at"], row["id"])


async def change(services: Services, principal: Principal, task_id: uuid.UUID, request: TaskUpdate) -> dict[str, Any]:
    """Change what the request names.

    Raises:
        Problem: 401, 404.
    """
    values = {name: getattr(request, name) for name in request.model_fields_set}
    if request.priority is not None:
        values["priority"] = NUMBERS[request.priority]
    return await write(services, principal, task_id, values)


async def complete(services: Services, principal: Principal, task_id: uuid.UUID, *, done: bool) -> dict[str, Any]:
    """Mark a task as completed, or as open again.

    Raises:
        Problem: 401, 404.
    """
    return await write(services, principal, task_id, {"completed_at": now() if done else None})


async def write(services: Services, principal: Principal, task_id: uuid.UUID, values: dict[str, Any]) -> dict[str, Any]:
    """Write some values of a task.

    Raises:
        Problem: 401, 404.
    """
    values = values | {"updated_at": now()}

    async def unit(connection: AsyncConnection) -> dict[str, Any] | None:
        await require_standing(connection, principal)
        return await repository.change(connection, principal.user_id, task_id, values)

    row = await services.database.write(unit)
    if row is None:
        raise missing()
    return as_task(row)


async def delete(services: Services, principal: Principal, task_id: uuid.UUID) -> None:
    """Delete a task. Whether it is there is asked first, once: the deletion itself may then be done twice.

    Raises:
        Problem: 401, 404.
    """

    async def there(connection: AsyncConnection) -> bool:
        await require_standing(connection, principal)
        return await repository.exists(connection, principal.user_id, task_id)

    if not await services.database.read(there):
        raise missing()
    await services.database.write(lambda connection: repository.remove(connection, principal.user_id, task_id))
