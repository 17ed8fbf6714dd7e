"""The least that answers the same: FastAPI and asyncpg, which check the same token and nothing else. Below `/lean` once
more without what FastAPI does to an answer: rows go to orjson as they come.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
import jwt
import orjson
from fastapi import Depends, FastAPI, HTTPException, Request, Response

from src.database.address import parse_address
from src.tasks.schemas import TaskPage, TaskRead

COLUMNS = (
    "id, title, description, CASE priority WHEN 1 THEN 'high' WHEN 2 THEN 'normal' ELSE 'low' END AS priority, "
    "due_at, completed_at, created_at, updated_at"
)
ONE = f"SELECT {COLUMNS} FROM tasks WHERE id = $1 AND owner_id = $2"
LIST = f"SELECT {COLUMNS} FROM tasks WHERE owner_id = $1 ORDER BY created_at DESC, id DESC LIMIT 50"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """A pool as large as the service's."""
    address = parse_address(os.environ["DATABASE_URL"], production=True)
    # Behind PgBouncer statements cannot stay prepared.
    more = {"statement_cache_size": 0} if "pgbouncer=true" in os.environ["DATABASE_URL"] else {}
    async with asyncpg.create_pool(**address.arguments(), **more, min_size=10, max_size=10) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


async def user(request: Request) -> uuid.UUID:
    """Whose token it is."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        claims = jwt.decode(
            token, os.environ["JWT_SECRET"], algorithms=["HS256"], audience="tasks-api", issuer="tasks-backend"
        )
    except jwt.PyJWTError:
        raise HTTPException(401) from None
    return uuid.UUID(claims["sub"])


User = Annotated[uuid.UUID, Depends(user)]


@app.get("/tasks", response_model=TaskPage)
async def page(request: Request, user_id: User) -> Any:
    """Fifty tasks."""
    rows = await request.app.state.pool.fetch(LIST, user_id)
    return {"items": [dict(row) for row in rows], "next_cursor": None}


@app.get("/tasks/{task_id}", response_model=TaskRead)
async def one(request: Request, task_id: uuid.UUID, user_id: User) -> Any:
    """One task."""
    row = await request.app.state.pool.fetchrow(ONE, task_id, user_id)
    if row is None:
        raise HTTPException(404)
    return dict(row)


@app.get("/lean/tasks")
async def lean_page(request: Request, user_id: User) -> Response:
    """Fifty tasks."""
    rows = await request.app.state.pool.fetch(LIST, user_id)
    return json({"items": [dict(row) for row in rows], "next_cursor": None})


@app.get("/lean/tasks/{task_id}")
async def lean_one(request: Request, task_id: uuid.UUID, user_id: User) -> Response:
    """One task."""
    row = await request.app.state.pool.fetchrow(ONE, task_id, user_id)
    if row is None:
        raise HTTPException(404)
    return json(dict(row))


def json(content: dict[str, Any]) -> Response:
    """The content as JSON."""
    return Response(orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z), media_type="application/json")
