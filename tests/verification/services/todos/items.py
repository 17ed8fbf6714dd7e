"""Todos, each below its owner's id in the path."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from .accounts import CurrentUser
from .store import Store

Row = dict[str, Any]
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Text = Annotated[str, Field(max_length=500)]


class Content(BaseModel):
    model_config = ConfigDict(extra="ignore")
    title: str = Field(min_length=1, max_length=200)
    notes: Text = ""
    done: bool = False

    @field_validator("title", "notes")
    @classmethod
    def writable(cls, text: str) -> str:
        if "\0" in text or any("\ud800" <= it <= "\udfff" for it in text):
            raise ValueError("not writable")
        return text


class Change(Content):
    title: str = Field("", max_length=200)


def owner(user_id: Id, user: CurrentUser) -> int:
    """The owner in the path, who has to be who asks. Raises 403."""
    if user["id"] != user_id:
        raise HTTPException(403, "Not yours.")
    return user_id


Owner = Annotated[int, Depends(owner)]


def _shown(row: sqlite3.Row) -> Row:
    return {"id": row["id"], "title": row["title"], "notes": row["notes"], "done": bool(row["done"])}


def _find(rows: sqlite3.Connection, owner_id: int, todo_id: int) -> Row:
    found = rows.execute("SELECT * FROM todos WHERE id = ? AND user_id = ?", (todo_id, owner_id)).fetchone()
    if found is None:
        raise HTTPException(404, "There is no such todo.")
    return _shown(found)


def router(store: Store) -> APIRouter:
    """Everything that can be done with todos."""
    todos = APIRouter(prefix="/api/{user_id}/todos", tags=["todos"])

    @todos.get("")
    def list_todos(
        owner_id: Owner,
        search: Annotated[str, Query(max_length=200)] = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
        offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    ) -> Row:
        like = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        where, values = "user_id = ? AND title LIKE ? ESCAPE '\\'", (owner_id, like)
        with store.connect() as rows:
            total = rows.execute(f"SELECT count(*) FROM todos WHERE {where}", values).fetchone()[0]
            page = f"SELECT * FROM todos WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?"
            found = rows.execute(page, (*values, limit, offset)).fetchall()
        return {"items": [_shown(it) for it in found], "total": total}

    @todos.post("", status_code=201)
    def create(owner_id: Owner, body: Content) -> Row:
        with store.connect() as rows:
            made = rows.execute(
                "INSERT INTO todos (user_id, title, notes, done) VALUES (?, ?, ?, ?) RETURNING *",
                (owner_id, body.title, body.notes, body.done),
            ).fetchone()
            return _shown(made)

    @todos.get("/{todo_id}")
    def read(owner_id: Owner, todo_id: Id) -> Row:
        with store.connect() as rows:
            return _find(rows, owner_id, todo_id)

    @todos.put("/{todo_id}")
    def replace(owner_id: Owner, todo_id: Id, body: Content) -> Row:
        with store.connect() as rows:
            _find(rows, owner_id, todo_id)
            rows.execute(
                "UPDATE todos SET title = ?, notes = ?, done = ? WHERE id = ? AND user_id = ?",
                (body.title, body.notes, body.done, todo_id, owner_id),
            )
            return _find(rows, owner_id, todo_id)

    @todos.patch("/{todo_id}")
    def update(owner_id: Owner, todo_id: Id, body: Change) -> Row:
        with store.connect() as rows:
            merged = _find(rows, owner_id, todo_id) | body.model_dump(exclude_unset=True)
            rows.execute(
                "UPDATE todos SET title = ?, notes = ?, done = ? WHERE id = ? AND user_id = ?",
                (merged["title"], merged["notes"], merged["done"], todo_id, owner_id),
            )
            return _find(rows, owner_id, todo_id)

    @todos.patch("/{todo_id}/complete")
    def complete(owner_id: Owner, todo_id: Id) -> Row:
        with store.connect() as rows:
            _find(rows, owner_id, todo_id)
            rows.execute("UPDATE todos SET done = NOT done WHERE id = ? AND user_id = ?", (todo_id, owner_id))
            return _find(rows, owner_id, todo_id)

    @todos.delete("/{todo_id}", status_code=204)
    def delete(owner_id: Owner, todo_id: Id) -> Response:
        with store.connect() as rows:
            _find(rows, owner_id, todo_id)
            rows.execute("DELETE FROM todos WHERE id = ? AND user_id = ?", (todo_id, owner_id))
        return Response(status_code=204)

    return todos
