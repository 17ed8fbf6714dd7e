"""What Markdown reports have in common: foreign text in which nothing is markup."""

from __future__ import annotations

import re

from seatrial.report.page import clean

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")
_CODE = re.compile(r"`([^`\n]+)`")


def prose(text: str) -> str:
    """Text on one line in which nothing is markup but `code`."""
    line = " ".join(clean(text).split())
    parts = _CODE.split(line)
    return "".join(code(part) if index % 2 else _SPECIAL.sub(r"\\\1", part) for index, part in enumerate(parts))


def code(text: str) -> str:
    """Text as code, whatever backticks it holds."""
    text = clean(text).replace("\n", " ")
    if "`" not in text:
        return f"`{text}`"
    fence = "`" * (max(map(len, re.findall("`+", text))) + 1)
    return f"{fence} {text} {fence}"


def block(text: str, language: str = "") -> str:
    """Text as it stands, behind a fence that it cannot close."""
    text = clean(text)
    fence = "`" * max(3, max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def cell(text: str) -> str:
    """The same for a cell of a table."""
    return prose(text).replace("|", "\\|").replace("\\\\|", "\\|")
