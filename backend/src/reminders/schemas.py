"""What the routes of reminders give."""

from __future__ import annotations

from pydantic import BaseModel


class ReminderSent(BaseModel):
    """Where the reminder went."""

    sent_to: str
