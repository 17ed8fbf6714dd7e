"""Routes of tasks. Answers are written by orjson from rows that the database has already checked: their schema is
documented, and held by the contract tests, rather than checked once more in every request (ADR 0036).
"""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response

from src.auth.principal import Signed
from src.problems.schemas import problems
from src.services import Serving
from src.tasks import service
from src.tasks.schemas import ListQuery, TaskCreate, TaskPage, TaskRead, TaskUpdate

router = APIRouter(prefix="/tasks", tags=["tasks"])


def json(content: dict[str, Any], status: int = 200) -> Response:
    """The content as JSON."""
    return Response(orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z), status, media_type="application/json")


@router.post("", status_code=201, response_model=TaskRead, responses=problems(401, 422, 429, 503))
async def create(services: Serving, principal: Signed, request: TaskCreate) -> Response:
    """Add a task."""
    task = await service.create(services, principal, request)
    answer = json(task, 201)
    answer.headers["Location"] = f"/tasks/{task['id']}"
    return answer


@router.get("", response_model=TaskPage, responses=problems(401, 422, 429, 503))
async def read_page(services: Serving, principal: Signed, query: Annotated[ListQuery, Query()]) -> Response:
    """Your tasks, page by page."""
    return json(await service.read_page(services, principal, query))


@router.get("/{task_id}", response_model=TaskRead, responses=problems(401, 404, 422, 429, 503))
async def read(services: Serving, principal: Signed, task_id: uuid.UUID) -> Response:
    """One of your tasks."""
    return json(await service.read(services, principal, task_id))


@router.patch("/{task_id}", response_model=TaskRead, responses=problems(401, 404, 422, 429, 503))
async def change(services: Serving, principal: Signed, task_id: uuid.UUID, request: TaskUpdate) -> Response:
    """Change what you name."""
    return json(await service.change(services, principal, task_id, request))


@router.post("/{task_id}/complete", response_model=TaskRead, responses=problems(401, 404, 422, 429, 503))
async def complete(services: Serving, principal: Signed, task_id: uuid.UUID) -> Response:
    """Mark a task as completed."""
    return json(await service.complete(services, principal, task_id, done=True))


@router.post("/{task_id}/reopen", response_model=TaskRead, responses=problems(401, 404, 422, 429, 503))
async def reopen(services: Serving, principal: Signed, task_id: uuid.UUID) -> Response:
    """Mark a task as not completed."""
    return json(await service.complete(services, principal, task_id, done=False))


@router.delete("/{task_id}", status_code=204, responses=problems(401, 404, 422, 429, 503))
async def delete(services: Serving, principal: Signed, task_id: uuid.UUID) -> Response:
    """Delete a task."""
    await service.delete(services, principal, task_id)
    return Response(status_code=204)
