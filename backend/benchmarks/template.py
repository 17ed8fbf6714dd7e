"""The item endpoints of the full-stack FastAPI template (fastapi/full-stack-fastapi-template, `backend/app/api`), as it
writes them, on these tables: a synchronous SQLModel session for each request, the user fetched by the token's subject,
the item by its number, routes in threads.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, create_engine, select

from src.auth.models import User
from src.tasks.models import Task

engine = create_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://").replace("&channel_binding=require", "")
)
reusable_oauth2 = OAuth2PasswordBearer(tokenUrl="/login/access-token")
app = FastAPI()


class ItemPublic(SQLModel):
    """An item."""

    id: uuid.UUID
    owner_id: uuid.UUID
    title: str
    description: str
    priority: int
    due_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ItemsPublic(SQLModel):
    """Some items."""

    data: list[ItemPublic]
    count: int


def get_db() -> Iterator[Session]:
    """A session for the request."""
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_db)]
TokenDep = Annotated[str, Depends(reusable_oauth2)]


def get_current_user(session: SessionDep, token: TokenDep) -> User:
    """Whose token it is."""
    try:
        payload = jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"], audience="tasks-api")
    except jwt.InvalidTokenError:
        raise HTTPException(status_code=403, detail="Could not validate credentials") from None
    user = session.get(User, uuid.UUID(payload["sub"]))
    if not user:
        raise HTTPException(status_code=404, detail="User not found")
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


@app.get("/tasks", response_model=ItemsPublic)
def read_items(session: SessionDep, current_user: CurrentUser, skip: int = 0, limit: int = 50) -> Any:
    """The user's items, and how many there are."""
    mine = col(Task.owner_id) == current_user.id
    count = session.exec(select(func.count()).select_from(Task).where(mine)).one()
    statement = select(Task).where(mine).order_by(col(Task.created_at).desc()).offset(skip).limit(limit)
    return {"data": session.exec(statement).all(), "count": count}


@app.get("/tasks/{id}", response_model=ItemPublic)
def read_item(session: SessionDep, current_user: CurrentUser, id: uuid.UUID) -> Any:
    """One item."""
    item = session.get(Task, id)
    if not item:
        raise HTTPException(status_code=404, detail="Item not found")
    if item.owner_id != current_user.id:
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return item
