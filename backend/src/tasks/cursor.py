"""Cursors: the place in a list after which the next page begins. They hold no secret and need no signature: the query
that takes one asks for the user's own tasks all the same.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from src.tasks.schemas import Sort


class InvalidCursor(ValueError):
    """The text is no cursor of this list."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sorted value and the number of the last task of a page."""

    sort: Sort
    value: datetime | int
    task_id: uuid.UUID


def write_cursor(cursor: Cursor) -> str:
    """The cursor as it stands in a URL."""
    value = cursor.value if isinstance(cursor.value, int) else cursor.value.astimezone(UTC).isoformat()
    packed = orjson.dumps([cursor.sort.value, value, cursor.task_id.hex])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cursor(text: str, sort: Sort) -> Cursor:
    """The cursor that was written.

    Raises:
        InvalidCursor: it is not one, or one of a list in another order.
    """
    try:
        packed = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        named, value, task_id = orjson.loads(packed)
        place = priority_number(value) if sort is Sort.PRIORITY else moment(value)
        if named != sort.value:
            raise InvalidCursor
        return Cursor(sort, place, uuid.UUID(hex=task_id))
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error):
        raise InvalidCursor from None


def priority_number(value: object) -> int:
    """A priority as it is kept.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, int) or not 1 <= value <= 3:
        raise ValueError
    return value


def moment(value: str) -> datetime:
    """A moment with its zone.

    Raises:
        ValueError: it has none.
    """
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        raise ValueError
    return parsed
