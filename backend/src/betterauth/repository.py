"""Better Auth's tables, which are its own and only read here, and the accounts that stand for its users."""

from __future__ import annotations

import uuid

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from src.auth.models import BETTER_AUTH, User
from src.auth.tokens import now
from src.betterauth.tokens import Subject, subject_of
from src.database.tables import table_of

SESSION = text(
    """SELECT u.id, u.email, u.name FROM "session" s JOIN "user" u ON u.id = s."userId"
    WHERE s.token = :token AND s."expiresAt"::timestamptz > now()"""
)


async def find_session(connection: AsyncConnection, token: str) -> Subject | None:
    """Whose session it is, None when there is none or it has expired."""
    row = (await connection.execute(SESSION, {"token": token})).one_or_none()
    return subject_of(row.id, row.email, row.name) if row else None


async def stand_for(connection: AsyncConnection, subject: Subject) -> uuid.UUID:
    """The account that stands for a user of Better Auth, made at the first sight of it."""
    users = table_of(User)
    known = select(users.c.id).where(users.c.issuer == BETTER_AUTH, users.c.subject == subject.subject)
    found: uuid.UUID | None = await connection.scalar(known)
    if found is not None:
        return found
    row = {
        "id": uuid.uuid4(),
        "issuer": BETTER_AUTH,
        "subject": subject.subject,
        "email": subject.email,
        "name": subject.name,
        "created_at": now(),
    }
    await connection.execute(insert(users).values(row).on_conflict_do_nothing())
    made: uuid.UUID = (await connection.execute(known)).scalar_one()
    return made
