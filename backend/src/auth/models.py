"""Tables of accounts and of what they are signed in by."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import UUID
from sqlmodel import Field, SQLModel

LOCAL = "local"
BETTER_AUTH = "better-auth"


class User(SQLModel, table=True):
    """An account: one of ours, with e-mail and password, or one that Better Auth keeps and we know by its subject."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="users_issuer_subject_key"),
        CheckConstraint("(issuer = 'local') = (password_hash IS NOT NULL)", name="users_password_check"),
    )

    id: uuid.UUID = Field(sa_column=Column(UUID(as_uuid=True), primary_key=True))
    issuer: str = Field(sa_column=Column(String(32), nullable=False))
    subject: str = Field(sa_column=Column(String(320), nullable=False))
    email: str | None = Field(default=None, sa_column=Column(String(320), nullable=True))
    name: str = Field(sa_column=Column(String(100), nullable=False))
    password_hash: str | None = Field(default=None, sa_column=Column(String(300), nullable=True))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Session(SQLModel, table=True):
    """A sign-in. It ends at `expires_at`, or when it is deleted; no token outlives it."""

    __tablename__ = "sessions"
    __table_args__ = (Index("sessions_user_id_idx", "user_id"), Index("sessions_expires_at_idx", "expires_at"))

    id: uuid.UUID = Field(sa_column=Column(UUID(as_uuid=True), primary_key=True))
    user_id: uuid.UUID = Field(
        sa_column=Column(UUID(as_uuid=True), ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class RefreshToken(SQLModel, table=True):
    """A refresh token, by its hash. It serves once; `replaced_by` is the one it was exchanged for."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index("refresh_tokens_session_id_idx", "session_id"),)

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    session_id: uuid.UUID = Field(
        sa_column=Column(UUID(as_uuid=True), ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False)
    )
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    replaced_by: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
