"""Paths that name users by name, a list in the plural, an account that ends by its name."""

import itertools
import secrets
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, Field

Row = dict[str, Any]
SCHEME = OAuth2PasswordBearer("/login")


class NewUser(BaseModel):
    name: str = Field(min_length=2, max_length=30)
    username: str = Field(max_length=20, pattern="^[a-z0-9]+$")
    email: str
    password: str = Field(min_length=8, max_length=20)


class NewTier(BaseModel):
    name: str


class NewPost(BaseModel):
    title: str = Field(max_length=100)
    text: str = ""


def user_of(request: Request, token: Annotated[str, Depends(SCHEME)]) -> Row:
    """Who asks. Raises 401."""
    state = request.app.state.all
    if state["tokens"].get(token) not in state["users"]:
        raise HTTPException(401, "Who is there?", headers={"WWW-Authenticate": "Bearer"})
    user: Row = state["users"][state["tokens"][token]]
    return user


User = Annotated[Row, Depends(user_of)]


def own(user: Row, username: str) -> None:
    """Raises 403 for what is below the name of somebody else."""
    if user["username"] != username:
        raise HTTPException(403, "That is not yours.")


def make_app() -> FastAPI:
    """A service of its own, with no users."""
    app = FastAPI(title="Blogs")
    app.state.all = {"users": {}, "tokens": {}, "posts": {}}
    numbers = itertools.count(1)
    add_accounts(app, numbers)
    add_tiers(app)
    add_posts(app, numbers)
    return app


def add_accounts(app: FastAPI, numbers: Iterator[int]) -> None:
    """A sign-up that is particular about names, and the end of an account."""
    users, tokens = app.state.all["users"], app.state.all["tokens"]

    @app.get("/health")
    def health() -> Row:
        return {"status": "ok"}

    @app.post("/user", status_code=201)
    def sign_up(body: NewUser) -> Row:
        users[body.username] = body.model_dump()
        return {"id": next(numbers), "username": body.username}

    @app.post("/login")
    def login(username: Annotated[str, Form()], password: Annotated[str, Form()]) -> Row:
        user = next((it for it in users.values() if username in (it["username"], it["email"])), None)
        if user is None or user["password"] != password:
            raise HTTPException(401, "Wrong name or password.")
        tokens[token := secrets.token_hex(16)] = user["username"]
        return {"access_token": token}

    @app.get("/user/me")
    def me(user: User) -> Row:
        return {"id": 1, "username": user["username"]}

    @app.delete("/user/{username}")
    def leave(username: str, user: User) -> Row:
        own(user, username)
        del users[username]
        return {"message": "gone"}


def add_tiers(app: FastAPI) -> None:
    """What only an administrator makes, and nobody here is one."""

    @app.get("/tiers")
    def tiers() -> list[Row]:
        return []

    @app.post("/tiers")
    def new_tier(body: NewTier, user: User) -> Row:
        raise HTTPException(403, "You do not have enough privileges.")

    @app.delete("/tiers/{name}")
    def no_tier(name: str, user: User) -> Row:
        raise HTTPException(403, "You do not have enough privileges.")


def add_posts(app: FastAPI, numbers: Iterator[int]) -> None:
    """What users publish."""
    posts = app.state.all["posts"]

    def one(username: str, post_id: int) -> Row:
        if post_id not in posts or posts[post_id]["by"] != username:
            raise HTTPException(404, "There is no such post.")
        post: Row = posts[post_id]
        return post

    @app.post("/{username}/post", status_code=201)
    def publish(username: str, body: NewPost, user: User) -> Row:
        own(user, username)
        post = {**body.model_dump(), "id": next(numbers), "by": username}
        posts[post["id"]] = post
        return post

    @app.get("/{username}/posts")
    def listed(username: str) -> Row:
        return {"data": [it for it in posts.values() if it["by"] == username]}

    @app.get("/{username}/post/{post_id}")
    def read(username: str, post_id: int) -> Row:
        return one(username, post_id)

    @app.patch("/{username}/post/{post_id}")
    def change(username: str, post_id: int, body: NewPost, user: User) -> Row:
        own(user, username)
        one(username, post_id).update(title=body.title)
        return {"message": "changed"}

    @app.delete("/{username}/post/{post_id}")
    def delete(username: str, post_id: int, user: User) -> Row:
        own(user, username)
        del posts[one(username, post_id)["id"]]
        return {"message": "gone"}
