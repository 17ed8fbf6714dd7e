"""The line by which a paper knows its own: as long as it fits the text, nobody else has changed it."""

from __future__ import annotations

import hashlib
import re

_LINE = re.compile(r"^\S+ Written by `seatrial prepare` ([0-9a-f]{12})\b[^\n]*\n", re.M)
_SAID = "Written by `seatrial prepare` {digest}: it is kept in step until you change it; then it is yours."


def stamped(text: str, comment: str = "#", close: str = "") -> str:
    """The text with its stamp as the last line, behind `comment`."""
    said = _SAID.format(digest=_digest(text))
    return f"{text}{comment} {said}{' ' + close if close else ''}\n"


def is_ours(text: str) -> bool:
    """Whether a text carries a stamp that fits it: it is as it was written."""
    text = text.replace("\r\n", "\n")
    found = _LINE.search(text)
    return found is not None and found[1] == _digest(text[: found.start()] + text[found.end() :])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]
