"""What the routes of tasks take and give."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from src.text import printable

DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


class Priority(StrEnum):
    """How much it matters."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Status(StrEnum):
    """Which tasks are wanted."""

    OPEN = "open"
    COMPLETED = "completed"


class Sort(StrEnum):
    """The order of a list; `-` turns it round."""

    NEWEST = "-created_at"
    OLDEST = "created_at"
    DUE = "due_at"
    PRIORITY = "priority"


Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(printable)
]
Description = Annotated[str, StringConstraints(max_length=5000), AfterValidator(printable)]


def written_out(value: object) -> object:
    """A date and a time as RFC 3339 writes them; numbers, which pydantic takes for seconds or milliseconds, are not.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(value, datetime) and not (isinstance(value, str) and DATE_AND_TIME.match(value)):
        raise ValueError("is not a date and time such as 2030-01-31T12:00:00Z")
    return value


def in_utc(moment: datetime) -> datetime:
    """The same moment as UTC says it.

    Raises:
        ValueError: no year of ours has it there.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range") from None


Moment = Annotated[AwareDatetime, BeforeValidator(written_out), AfterValidator(in_utc)]


class Input(BaseModel):
    """What is not documented is refused, not ignored: nobody sets an owner."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class TaskCreate(Input):
    """A new task."""

    title: Title
    description: Description = ""
    priority: Priority = Priority.NORMAL
    due_at: Moment | None = None


class TaskUpdate(Input):
    """What shall be otherwise. `due_at` null takes the date away; the others cannot be null."""

    title: Title | None = None
    description: Description | None = None
    priority: Priority | None = None
    due_at: Moment | None = None

    @model_validator(mode="after")
    def keep_what_must_be(self) -> TaskUpdate:
        """A task has a title, a description and a priority."""
        empty = [name for name in ("title", "description", "priority") if name in self.model_fields_set]
        if any(getattr(self, name) is None for name in empty):
            raise ValueError("title, description and priority cannot be null")
        return self


class TaskRead(BaseModel):
    """A task, as its owner sees it."""

    id: uuid.UUID
    title: str
    description: str
    priority: Priority
    due_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class TaskPage(BaseModel):
    """Some tasks, and where the next begin; null on the last page."""

    items: list[TaskRead]
    next_cursor: str | None


class ListQuery(Input):
    """Which tasks, in which order."""

    status: Status | None = None
    priority: Priority | None = None
    q: Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(printable)] | None = Field(
        default=None, description="Text in the title."
    )
    sort: Sort = Sort.NEWEST
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None, description="`next_cursor` of the page before, with the same sort."
    )
