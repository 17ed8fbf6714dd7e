"""The item endpoints of the official full-stack template (fastapi/full-stack-fastapi-template at 68adb40, August 2026):
what `api/deps.py` and `api/routes/items.py` do for a request, in the same order and with the same calls, on tables as
its migrations leave them. A synchronous SQLModel session for each request with the pool as it comes, the token checked,
the user fetched by its subject, the item by its number; each item of a page made into a model of the answer; routes in
threads; its middleware. Left away is what would
only slow it (Sentry, and uvicorn's line for each request) and what these requests do not touch.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import jwt
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic import EmailStr, ValidationError
from sqlalchemy import DateTime
from sqlmodel import Field, Session, SQLModel, col, create_engine, func, select
from starlette.middleware.cors import CORSMiddleware

engine = create_engine(
    os.environ["DATABASE_URL"]
    .replace("postgresql://", "postgresql+psycopg://")
    .replace("&channel_binding=require", "")
    .replace("&pgbouncer=true", "")
)
reusable_oauth2 = OAuth2PasswordBearer(tokenUrl="/api/v1/login/access-token")
app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://tasks.example.com"],
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
)
router = APIRouter(prefix="/items", tags=["items"])


class Person(SQLModel, table=True):
    """An account."""

    __tablename__ = "user"

    id: uuid.UUID = Field(primary_key=True)
    email: EmailStr = Field(unique=True, index=True, max_length=255)
    is_active: bool = True
    is_superuser: bool = False
    full_name: str | None = Field(default=None, max_length=255)
    hashed_password: str
    created_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class ItemBase(SQLModel):
    """What an item is in every form."""

    title: str = Field(min_length=1, max_length=255)
    description: str | None = Field(default=None, max_length=255)


class Item(ItemBase, table=True):
    """An item, as it is kept."""

    id: uuid.UUID = Field(primary_key=True)
    created_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    owner_id: uuid.UUID = Field(foreign_key="user.id", nullable=False, ondelete="CASCADE")


class ItemPublic(ItemBase):
    """An item, as it is shown."""

    id: uuid.UUID
    owner_id: uuid.UUID
    created_at: datetime | None = None


class ItemsPublic(SQLModel):
    """Some items."""

    data: list[ItemPublic]
    count: int


class TokenPayload(SQLModel):
    """What a token says."""

    sub: str | None = None


def get_db() -> Iterator[Session]:
    """A session for the request."""
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_db)]
TokenDep = Annotated[str, Depends(reusable_oauth2)]


def get_current_user(session: SessionDep, token: TokenDep) -> Person:
    """Whose token it is."""
    try:
        said = TokenPayload(**jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"]))
    except (jwt.InvalidTokenError, ValidationError):
        raise HTTPException(status_code=403, detail="Could not validate credentials") from None
    user = session.get(Person, said.sub)
    if not user:
        raise HTTPException(status_code=404, detail="User not found")
    if not user.is_active:
        raise HTTPException(status_code=400, detail="Inactive user")
    return user


CurrentUser = Annotated[Person, Depends(get_current_user)]


@router.get("/", response_model=ItemsPublic)
def read_items(session: SessionDep, current_user: CurrentUser, skip: int = 0, limit: int = 100) -> Any:
    """The user's items, and how many there are. The branch of superusers, who see all, is not asked for here."""
    mine = col(Item.owner_id) == current_user.id
    count = session.exec(select(func.count()).select_from(Item).where(mine)).one()
    statement = select(Item).where(mine).order_by(col(Item.created_at).desc()).offset(skip).limit(limit)
    items = [ItemPublic.model_validate(item) for item in session.exec(statement).all()]
    return ItemsPublic(data=items, count=count)


@router.get("/{id}", response_model=ItemPublic)
def read_item(session: SessionDep, current_user: CurrentUser, id: uuid.UUID) -> Any:
    """One item."""
    item = session.get(Item, id)
    if not item:
        raise HTTPException(status_code=404, detail="Item not found")
    if not current_user.is_superuser and (item.owner_id != current_user.id):
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return item


app.include_router(router, prefix="/api/v1")
