"""Accounts and sessions in the database. Every write may be done twice: see `Database.write`."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from src.auth.models import LOCAL, RefreshToken, Session, User
from src.database.tables import Found, table_of

users = table_of(User)
sessions = table_of(Session)
refresh_tokens = table_of(RefreshToken)


async def add_user(connection: AsyncConnection, user: dict[str, Any]) -> bool:
    """Add an account; False when another has its e-mail address."""
    await connection.execute(insert(users).values(user).on_conflict_do_nothing())
    owner = select(users.c.id).where(users.c.issuer == user["issuer"], users.c.subject == user["subject"])
    return bool((await connection.execute(owner)).scalar_one() == user["id"])


async def find_local(connection: AsyncConnection, email: str) -> Found | None:
    """The account that signs in with this address."""
    columns = (users.c.id, users.c.password_hash)
    query = select(*columns).where(users.c.issuer == LOCAL, users.c.subject == email)
    return (await connection.execute(query)).one_or_none()


async def find_user(connection: AsyncConnection, user_id: uuid.UUID) -> Found | None:
    """An account by its number."""
    columns = (users.c.id, users.c.email, users.c.name, users.c.created_at, users.c.password_hash)
    return (await connection.execute(select(*columns).where(users.c.id == user_id))).one_or_none()


async def password_stands(connection: AsyncConnection, user_id: uuid.UUID, *hashes: str) -> bool:
    """Whether the account is there and its password is still one of these. Until the transaction ends nobody sets
    another: who was let in by the old one, or sets a new one beside it, comes before that or is told.
    """
    query = select(users.c.password_hash).where(users.c.id == user_id).with_for_update()
    return (await connection.execute(query)).scalar_one_or_none() in hashes


async def add_session(connection: AsyncConnection, session: dict[str, Any], token: dict[str, Any]) -> None:
    """A session with its first refresh token."""
    await connection.execute(insert(sessions).values(session).on_conflict_do_nothing())
    await connection.execute(insert(refresh_tokens).values(token).on_conflict_do_nothing())


async def find_refresh(connection: AsyncConnection, token_hash: bytes) -> Found | None:
    """A refresh token with its session, locked until the transaction ends, so that of two exchanges one comes first."""
    query = (
        select(
            refresh_tokens.c.session_id,
            refresh_tokens.c.replaced_by,
            refresh_tokens.c.expires_at.label("token_expires_at"),
            sessions.c.user_id,
            sessions.c.expires_at,
        )
        .join(sessions, sessions.c.id == refresh_tokens.c.session_id)
        .where(refresh_tokens.c.token_hash == token_hash)
        .with_for_update()
    )
    return (await connection.execute(query)).one_or_none()


async def exchange(connection: AsyncConnection, old_hash: bytes, new: dict[str, Any]) -> None:
    """Replace a refresh token by a new one."""
    mark = update(refresh_tokens).where(refresh_tokens.c.token_hash == old_hash).values(replaced_by=new["token_hash"])
    await connection.execute(mark)
    await connection.execute(insert(refresh_tokens).values(new).on_conflict_do_nothing())


async def end_session(connection: AsyncConnection, session_id: uuid.UUID) -> None:
    """Sign out: the session's tokens are worth nothing from now on."""
    await connection.execute(delete(sessions).where(sessions.c.id == session_id))


async def end_other_sessions(connection: AsyncConnection, user_id: uuid.UUID, kept: uuid.UUID | None) -> None:
    """Sign out everywhere else."""
    query = delete(sessions).where(sessions.c.user_id == user_id)
    await connection.execute(query if kept is None else query.where(sessions.c.id != kept))


async def set_password(connection: AsyncConnection, user_id: uuid.UUID, password_hash: str) -> None:
    """Keep another hash."""
    await connection.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash))


async def delete_user(connection: AsyncConnection, user_id: uuid.UUID) -> None:
    """Delete an account with all that is its."""
    await connection.execute(delete(users).where(users.c.id == user_id))


async def delete_expired(connection: AsyncConnection, now: datetime, most: int) -> int:
    """Delete some expired sessions, and refresh tokens that expired unused; how many. One replica at a time: the lock
    ends with the transaction, which poolers bear; who does not get it has nothing to do.
    """
    locked = await connection.scalar(select(func.pg_try_advisory_xact_lock(LOCK)))
    if not locked:
        return 0
    old = select(sessions.c.id).where(sessions.c.expires_at < now).limit(most)
    ended = await connection.execute(delete(sessions).where(sessions.c.id.in_(old)))
    spent = select(refresh_tokens.c.token_hash).where(refresh_tokens.c.expires_at < now).limit(most)
    tokens = await connection.execute(delete(refresh_tokens).where(refresh_tokens.c.token_hash.in_(spent)))
    return ended.rowcount + tokens.rowcount


# Any number that nothing else locks.
LOCK = 0x7461736B
