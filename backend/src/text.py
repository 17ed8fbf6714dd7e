"""Text that PostgreSQL can keep."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text, if it has no character that PostgreSQL refuses.

    Raises:
        ValueError: it has a NUL, or half of a surrogate pair.
    """
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("has characters that cannot be stored")
    return text
