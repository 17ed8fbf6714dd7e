"""The table of tasks."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import UUID
from sqlmodel import Field, SQLModel

# Tasks without a date come after those with one.
NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class Task(SQLModel, table=True):
    """Something to do. `priority` is 1 (high) to 3 (low), so that it sorts."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("priority BETWEEN 1 AND 3", name="tasks_priority_check"),
        Index("tasks_owner_created_idx", "owner_id", "created_at", "id"),
        Index("tasks_owner_due_idx", "owner_id", text(f"coalesce(due_at, '{NEVER.isoformat()}'::timestamptz)"), "id"),
        Index("tasks_owner_open_idx", "owner_id", "created_at", "id", postgresql_where=text("completed_at IS NULL")),
    )

    id: uuid.UUID = Field(sa_column=Column(UUID(as_uuid=True), primary_key=True))
    owner_id: uuid.UUID = Field(
        sa_column=Column(UUID(as_uuid=True), ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    title: str = Field(sa_column=Column(String(200), nullable=False))
    description: str = Field(sa_column=Column(String(5000), nullable=False))
    priority: int = Field(sa_column=Column(SmallInteger, nullable=False))
    due_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    completed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
