"""Accounts and sessions, with the paths, cookies and answers of Better Auth."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import time
from collections import defaultdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, Field

from .settings import Settings
from .store import Store

Row = dict[str, Any]
Email = Annotated[str, Field(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$")]


class SignUp(BaseModel):
    name: str = Field(min_length=1, max_length=100)
    email: Email
    password: str = Field(min_length=8, max_length=128)


class SignIn(BaseModel):
    email: Email
    password: str = Field(max_length=128)


class Deletion(BaseModel):
    password: str = Field(max_length=128)


def hashed(password: str, salt: str) -> str:
    """The password as it is kept."""
    return salt + "$" + hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt.encode(), n=2**12, r=8, p=1).hex()


NOBODY = hashed(secrets.token_hex(), "0" * 16)


def _right(password: str, kept: str) -> bool:
    return hmac.compare_digest(hashed(password, kept.partition("$")[0]), kept)


class Wrong:
    """Wrong logins of the last minute, by address."""

    def __init__(self, settings: Settings) -> None:
        self.most, self.window_s = settings.wrong_logins, settings.window_s
        self.times: dict[str, list[float]] = defaultdict(list)

    def check(self, email: str) -> None:
        """Raises 429 where the address has been tried too often."""
        now = time.monotonic()
        recent = [it for it in self.times.pop(email, []) if now - it < self.window_s]
        if recent:
            self.times[email] = recent
        if len(recent) >= self.most:
            wait = {"Retry-After": str(int(self.window_s - (now - recent[0])) + 1)}
            raise HTTPException(429, "Too many attempts.", headers=wait)

    def note(self, email: str) -> None:
        self.times[email].append(time.monotonic())


def current_user(request: Request) -> Row:
    """The user of the session's cookie. Raises 401."""
    settings: Settings = request.app.state.settings
    store: Store = request.app.state.store
    token = request.cookies.get(settings.cookie, "")
    if token:
        with store.connect() as rows:
            found = rows.execute(
                "SELECT users.* FROM sessions JOIN users ON users.id = user_id WHERE token = ? AND expires > ?",
                (_kept(token), time.time()),
            ).fetchone()
        if found is not None:
            return dict(found)
    raise HTTPException(401, "Not signed in.", headers={"WWW-Authenticate": "Cookie"})


CurrentUser = Annotated[Row, Depends(current_user)]


def _kept(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _public(user: Row) -> Row:
    return {"id": user["id"], "email": user["email"], "name": user["name"]}


def _open(rows: sqlite3.Connection, settings: Settings, response: Response, user: Row) -> Row:
    token = secrets.token_urlsafe(32)
    rows.execute("DELETE FROM sessions WHERE expires < ?", (time.time(),))
    rows.execute("INSERT INTO sessions VALUES (?, ?, ?)", (_kept(token), user["id"], time.time() + settings.session_s))
    response.set_cookie(
        settings.cookie, token, max_age=int(settings.session_s), httponly=True, secure=settings.secure, samesite="lax"
    )
    return {"redirect": False, "user": _public(user)}


def router(settings: Settings, store: Store) -> APIRouter:
    """Sign-up, sign-in, session, sign-out and the end of an account."""
    auth = APIRouter(prefix="/api/auth", tags=["auth"])
    wrong = Wrong(settings)

    @auth.post("/sign-up/email")
    def sign_up(body: SignUp, response: Response) -> Row:
        with store.connect() as rows:
            kept = hashed(body.password, secrets.token_hex(8))
            try:
                rows.execute(
                    "INSERT INTO users (email, name, password) VALUES (?, ?, ?)", (body.email, body.name, kept)
                )
            except sqlite3.IntegrityError:
                raise HTTPException(422, "This address cannot be used.") from None
            user = dict(rows.execute("SELECT * FROM users WHERE email = ?", (body.email,)).fetchone())
            return _open(rows, settings, response, user)

    @auth.post("/sign-in/email")
    def sign_in(body: SignIn, response: Response) -> Row:
        wrong.check(body.email)
        with store.connect() as rows:
            user = rows.execute("SELECT * FROM users WHERE email = ?", (body.email,)).fetchone()
            right = _right(body.password, user["password"] if user else NOBODY)
            if user is None or not right:
                wrong.note(body.email)
                raise HTTPException(401, "Invalid email or password.")
            return _open(rows, settings, response, dict(user))

    @auth.get("/get-session")
    def session(user: CurrentUser) -> Row:
        return {"user": _public(user)}

    @auth.post("/sign-out")
    def sign_out(request: Request, response: Response, _user: CurrentUser) -> Row:
        with store.connect() as rows:
            rows.execute("DELETE FROM sessions WHERE token = ?", (_kept(request.cookies[settings.cookie]),))
        response.delete_cookie(settings.cookie)
        return {"success": True}

    @auth.post("/delete-user")
    def delete_user(body: Deletion, response: Response, user: CurrentUser) -> Row:
        if not _right(body.password, user["password"]):
            raise HTTPException(400, "Invalid password.")
        with store.connect() as rows:
            rows.execute("DELETE FROM users WHERE id = ?", (user["id"],))
        response.delete_cookie(settings.cookie)
        return {"success": True, "message": "User deleted"}

    return auth
