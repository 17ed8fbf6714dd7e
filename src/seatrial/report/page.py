"""What a text report is written on: a width in columns, colours or none, and text made safe to show."""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import dataclass

_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
    "bold red": "1;31",
    "bold green": "1;32",
    "bold yellow": "1;33",
    "bold cyan": "1;36",
}
_READABLE = 110  # columns; longer lines of prose are tiring to read on a wide terminal


@dataclass(frozen=True, slots=True)
class Page:
    """Where a text report goes: its width in columns, whether it may use colours, and PATH as it was typed."""

    width: int = 100
    colour: bool = False
    path: str = "."

    def paint(self, text: str, style: str) -> str:
        """`text` in a style such as `bold red`; unchanged where there are no colours."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.colour and text else text

    def prose(self, text: str, indent: str = "", label: str = "") -> list[str]:
        """`text` wrapped to the page, each line indented, the first one led by `label` in the column of the indent."""
        width = max(min(self.width, _READABLE), len(indent) + 24)
        lines: list[str] = []
        for paragraph in clean(text).split("\n"):
            lines += textwrap.wrap(
                paragraph,
                width,
                initial_indent=indent,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
        if label and lines:
            lines[0] = label.ljust(len(indent)) + lines[0][len(indent) :]
        return lines

    def diff_line(self, line: str) -> str:
        """One line of a unified diff, coloured by what it does."""
        text = clean(line).rstrip()
        if line.startswith(("--- ", "+++ ", "diff ", "rename ", "new file")):
            return self.paint(text, "bold")
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        return self.paint(text, style) if style else text


def clean(text: str) -> str:
    """`text` without characters that steer a terminal: an audited file must not be able to write on the report."""
    if text.isprintable():
        return text
    return "".join(it if it.isprintable() or it == "\n" else _visible(it) for it in text)


def _visible(character: str) -> str:
    if character == "\t":
        return "    "
    if unicodedata.category(character) == "Zs":
        return " "
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes: two for a wide East Asian character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
