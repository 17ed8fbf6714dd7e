"""As the front end's own sign-in has it: no accounts here, a shared key, and the user's id in the path."""

import itertools
import uuid
from enum import StrEnum
from typing import Annotated, Any

import jwt
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel

Row = dict[str, Any]
KEY = "a key that the front end shares with the service, 0123456789"


class Priority(StrEnum):
    LOW = "low"
    HIGH = "high"


class NewTask(BaseModel):
    title: str
    priority: Priority


def subject_of(claims: Row) -> str:
    """The id of the user, a UUID. Raises ValueError."""
    return str(uuid.UUID(claims["sub"]))


def user_of(request: Request) -> str:
    """Who asks. Raises 401."""
    try:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return subject_of(jwt.decode(token, KEY, algorithms=["HS256"], options={"require": ["exp", "sub"]}))
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        raise HTTPException(401, "Invalid token", headers={"WWW-Authenticate": "Bearer"}) from None


def theirs(user_id: str, asking: Annotated[str, Depends(user_of)]) -> str:
    """The user, who is the one of the path. Raises 403."""
    if user_id != asking:
        raise HTTPException(403, "That is not yours.")
    return user_id


class NewTag(BaseModel):
    name: str


def add_tags(app: FastAPI) -> None:
    """What came later, in a router of its own."""
    tags = APIRouter(prefix="/api/{user_id}/tags", dependencies=[Depends(theirs)])

    @tags.get("")
    def listed(user_id: str) -> list[Row]:
        return []

    @tags.post("", status_code=201)
    def create(user_id: str, body: NewTag) -> Row:
        return {**body.model_dump(), "id": 1}

    @tags.delete("/{tag_id}", status_code=204)
    def delete(user_id: str, tag_id: int) -> None:
        return None

    app.include_router(tags)


def make_app() -> FastAPI:
    """A service of its own, with no tasks."""
    app = FastAPI(title="Paths")
    app.state.tasks = tasks = dict[int, Row]()
    numbers = itertools.count(1)
    User = Annotated[str, Depends(theirs)]  # noqa: N806

    add_tags(app)

    @app.get("/health")
    def health() -> Row:
        return {"status": "ok"}

    def one(user: str, task_id: int) -> Row:
        if task_id not in tasks or tasks[task_id]["user_id"] != user:
            raise HTTPException(404, "There is no such task.")
        return tasks[task_id]

    @app.get("/api/{user_id}/tasks")
    def listed(user: User) -> list[Row]:
        return [it for it in tasks.values() if it["user_id"] == user]

    @app.post("/api/{user_id}/tasks", status_code=201)
    def create(body: NewTask, user: User) -> Row:
        task = {**body.model_dump(), "id": next(numbers), "user_id": user}
        tasks[task["id"]] = task
        return {"success": True, "data": {"task": task}}

    @app.get("/api/{user_id}/tasks/{task_id}")
    def read(task_id: int, user: User) -> Row:
        return one(user, task_id)

    @app.put("/api/{user_id}/tasks/{task_id}")
    def replace(task_id: int, body: NewTask, user: User) -> Row:
        task = one(user, task_id)
        task.update(body.model_dump())
        return task

    @app.delete("/api/{user_id}/tasks/{task_id}", status_code=204)
    def delete(task_id: int, user: User) -> None:
        del tasks[one(user, task_id)["id"]]

    return app
