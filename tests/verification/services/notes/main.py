"""Users and their notes."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel, ConfigDict, Field

from .tokens import Tokens

Row = dict[str, Any]
FRONTEND = "https://notes.example.com"


class Registration(BaseModel):
    email: str = Field(max_length=200)
    password: str = Field(min_length=8, max_length=128)


class NewNote(BaseModel):
    model_config = ConfigDict(extra="ignore")
    title: str = Field(min_length=1, max_length=200)
    text: str = Field("", max_length=2000)
    pinned: bool = False


class NoteChange(BaseModel):
    model_config = ConfigDict(extra="ignore")
    title: str | None = Field(None, min_length=1, max_length=200)
    text: str | None = Field(None, max_length=2000)


@dataclass
class State:
    """All there is."""

    tokens: Tokens
    users: dict[str, Row] = field(default_factory=dict)
    notes: dict[str, Row] = field(default_factory=dict)


def user_of(request: Request) -> Row:
    """The user who asks. Raises 401."""
    state: State = request.app.state.all
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise jwt.InvalidTokenError("no bearer")
        user = state.users.get(state.tokens.subject(token))
    except jwt.InvalidTokenError:
        user = None
    if user is None:
        raise HTTPException(401, "Not signed in.", headers={"WWW-Authenticate": "Bearer"})
    return user


User = Annotated[Row, Depends(user_of)]


def owned(state: State, user: Row, note_id: uuid.UUID) -> Row:
    """The user's own note. Raises 404."""
    note = state.notes.get(str(note_id))
    if note is None or note["owner_id"] != user["id"]:
        raise HTTPException(404, "There is no such note.")
    return note


def make_app(secret: str | None = None, asymmetric: bool = False, docs: bool = True) -> FastAPI:
    """A service of its own, with no users."""
    app = FastAPI(title="Notes", openapi_url="/openapi.json" if docs else None)
    state = app.state.all = State(Tokens(secret or secrets.token_hex(32), asymmetric))
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[FRONTEND],
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["authorization", "content-type"],
    )
    add_accounts(app, state)
    add_notes(app, state)
    return app


def add_accounts(app: FastAPI, state: State) -> None:
    """Registration, login, the account and its end."""

    @app.get("/health")
    def health() -> Row:
        return {"status": "ok", "database": "connected"}

    @app.get("/.well-known/jwks.json")
    def keys() -> Row:
        return state.tokens.jwks()

    @app.post("/auth/register", status_code=201)
    def register(body: Registration) -> Row:
        if any(it["email"] == body.email for it in state.users.values()):
            raise HTTPException(409, "This address cannot be used.")
        user = {"id": str(uuid.uuid4()), "email": body.email, "hashed": body.password}
        state.users[user["id"]] = user
        return {"id": user["id"], "email": user["email"]}

    @app.post("/auth/login")
    def login(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Row:
        user = next((it for it in state.users.values() if it["email"] == form.username), None)
        if user is None or user["hashed"] != form.password:
            raise HTTPException(401, "Wrong address or password.")
        return {"access_token": state.tokens.issue(user["id"]), "token_type": "bearer"}

    @app.get("/auth/me")
    def me(user: User) -> Row:
        return {"id": user["id"], "email": user["email"]}

    @app.delete("/auth/me", status_code=204)
    def leave(user: User) -> None:
        del state.users[user["id"]]
        for note_id in [key for key, it in state.notes.items() if it["owner_id"] == user["id"]]:
            del state.notes[note_id]


def add_notes(app: FastAPI, state: State) -> None:
    """Notes, each its owner's own."""

    @app.post("/notes", status_code=201)
    def create(body: NewNote, user: User) -> Row:
        note = {**body.model_dump(), "id": str(uuid.uuid4()), "owner_id": user["id"]}
        state.notes[note["id"]] = note
        return note

    @app.get("/notes")
    def listed(
        user: User,
        response: Response,
        q: Annotated[str, Query(max_length=100)] = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> Row:
        mine = [it for it in state.notes.values() if it["owner_id"] == user["id"]]
        found = [it for it in mine if q.lower() in it["title"].lower()]
        response.headers["X-Total-Count"] = str(len(found))
        return {"items": found[offset : offset + limit], "total": len(found)}

    @app.get("/notes/{note_id}")
    def read(note_id: uuid.UUID, user: User) -> Row:
        return owned(state, user, note_id)

    @app.put("/notes/{note_id}")
    def replace(note_id: uuid.UUID, body: NewNote, user: User) -> Row:
        note = owned(state, user, note_id)
        note.update(body.model_dump())
        return note

    @app.patch("/notes/{note_id}")
    def change(note_id: uuid.UUID, body: NoteChange, user: User) -> Row:
        note = owned(state, user, note_id)
        note.update(body.model_dump(exclude_none=True))
        return note

    @app.delete("/notes/{note_id}", status_code=204)
    def delete(note_id: uuid.UUID, user: User) -> None:
        note = owned(state, user, note_id)
        del state.notes[note["id"]]
