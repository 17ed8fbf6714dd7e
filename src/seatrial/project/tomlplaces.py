"""Where each value of a TOML document stands in its text. `tomllib` knows the values, not the places.

Only for text that `tomllib` has accepted: nothing is checked again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from seatrial.issue import Location

Key = str | int
Places = Mapping[tuple[Key, ...], tuple[int, int]]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_INLINE_BLANK = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LONG_BASIC = r'"""(?:[^\\]|\\[\s\S])*?"""+'
_LONG_LITERAL = r"'''[\s\S]*?'''+"
_BASIC = r'"(?:[^"\\\n]|\\.)*"'
_STRING = re.compile(rf"{_LONG_BASIC}|{_LONG_LITERAL}|{_BASIC}|'[^'\n]*'")
_SCALAR = re.compile(r"[^,\]}#\n]+")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")


def toml_places(text: str) -> Places:
    """For each value, table and array item: the offsets in `text` where it starts and ends, keyed by its path.

    A table's place is its header, or its first key where it has none; array items are numbered from 0.
    """
    reader = _Reader(text)
    reader.document()
    return reader.places


def locate(path: str, text: str, span: tuple[int, int]) -> Location:
    """Two offsets of a file's text as a location."""
    start, end = span
    line, end_line = text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 1
    column, end_column = start - text.rfind("\n", 0, start), end - text.rfind("\n", 0, end)
    return Location(path, line, column, end_line, end_column)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: dict[tuple[Key, ...], tuple[int, int]] = {}
        self._items: dict[tuple[Key, ...], int] = {}

    def document(self) -> None:
        table: tuple[Key, ...] = ()
        while self._skip(_BLANK) < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
        return self.at

    def _header(self) -> tuple[Key, ...]:
        start = self.at
        is_item = self.text.startswith("[[", self.at)
        self.at += 2 if is_item else 1
        path = self._within(self._key())
        self.at += 2 if is_item else 1
        if is_item:
            self._items[path] = self._items.get(path, -1) + 1
            path = (*path, self._items[path])
        self.places.setdefault(path, (start, self.at))
        return path

    def _within(self, keys: list[str]) -> tuple[Key, ...]:
        """A header's keys as a path: below an array of tables, the last item is meant."""
        path: tuple[Key, ...] = ()
        for index, key in enumerate(keys):
            path = (*path, key)
            if path in self._items and index + 1 < len(keys):
                path = (*path, self._items[path])
        return path

    def _pair(self, table: tuple[Key, ...]) -> None:
        start = self.at
        path = (*table, *self._key())
        self.at += 1  # the equals sign
        self._skip(_INLINE_BLANK)
        for depth in range(len(table) + 1, len(path)):
            self.places.setdefault(path[:depth], (start, self.at))
        self._value(path)

    def _key(self) -> list[str]:
        """A dotted key, up to the sign after it."""
        keys = []
        while True:
            self._skip(_INLINE_BLANK)
            keys.append(self._quoted() if self.text[self.at] in "\"'" else self._bare())
            self._skip(_INLINE_BLANK)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def _bare(self) -> str:
        match = _BARE.match(self.text, self.at)
        self.at = match.end() if match else self.at + 1
        return match[0] if match else ""

    def _quoted(self) -> str:
        start, quote = self.at, self.text[self.at]
        self._skip(_STRING)
        inner = self.text[start + 1 : self.at - 1]
        return _ESCAPE.sub(_unescape, inner) if quote == '"' else inner

    def _value(self, path: tuple[Key, ...]) -> None:
        start, first = self.at, self.text[self.at]
        if first == "[":
            self._array(path)
        elif first == "{":
            self._table(path)
        elif first in "\"'":
            self._skip(_STRING)
        else:
            match = _SCALAR.match(self.text, self.at)
            self.at += len(match[0].rstrip()) if match else 1
        self.places[path] = (start, self.at)

    def _array(self, path: tuple[Key, ...]) -> None:
        self.at += 1
        index = 0
        while self._skip(_BLANK) < len(self.text) and self.text[self.at] != "]":
            self._value((*path, index))
            index += 1
            self._skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
        self.at += 1

    def _table(self, path: tuple[Key, ...]) -> None:
        self.at += 1
        while self._skip(_BLANK) < len(self.text) and self.text[self.at] != "}":
            self._pair(path)
            self._skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
        self.at += 1


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] in "uU" and len(code) > 1:
        return chr(int(code[1:], 16))
    return {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "e": "\x1b"}.get(code, code)
