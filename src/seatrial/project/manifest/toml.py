"""A parsed TOML manifest whose values can be asked for by path, whatever shape they really have, with their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.issue import Location
from seatrial.project.tomlplaces import Places, locate, toml_places


class Toml:
    """The values of one file, which may be of any type: a table that is a string is no table."""

    def __init__(self, path: str, text: str, values: Mapping[str, Any]) -> None:
        self.path = path
        self.text = text
        self.values = values
        self._places: Places | None = None

    def get(self, *keys: str | int) -> Any:
        """The value at a path, None where there is none."""
        value: Any = self.values
        for key in keys:
            if isinstance(value, Mapping) and key in value:
                value = value[key]
            elif isinstance(value, list) and isinstance(key, int):
                value = value[key] if key < len(value) else None
            else:
                return None
        return value

    def table(self, *keys: str | int) -> Mapping[str, Any]:
        """The table at a path, empty where there is none."""
        value = self.get(*keys)
        return value if isinstance(value, dict) else {}

    def items(self, *keys: str | int) -> Sequence[Any]:
        """The array at a path, empty where there is none."""
        value = self.get(*keys)
        return value if isinstance(value, list) else ()

    def place(self, *keys: str | int) -> Location:
        """Where the value at a path stands; the nearest table that holds it where it has no text of its own."""
        if self._places is None:
            self._places = toml_places(self.text)
        for length in range(len(keys), 0, -1):
            if keys[:length] in self._places:
                return locate(self.path, self.text, self._places[keys[:length]])
        return Location(self.path, 1)
