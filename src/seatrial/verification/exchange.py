"""What goes over the wire: a request, its answer, and both together."""

from __future__ import annotations

import json
from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was sent. `by` says who asked: `A`, `B` or `nobody`; `note` what was special about it."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    by: str = NOBODY
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is at most as long as the client allows; `cut` says that there was more.

    `seconds` is the time from sending to the last byte read. `version` is as in `HTTP/1.1`.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    seconds: float = 0.0
    cut: bool = False
    version: str = "HTTP/1.1"

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case; None where there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def all_headers(self, name: str) -> tuple[str, ...]:
        """The values of every header of that name, in order."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> object:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. `number` counts the requests of the run from 1."""

    number: int
    request: Request
    answer: Answer

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.answer.status

    @property
    def good(self) -> bool:
        """Whether the answer is a 2xx."""
        return 200 <= self.answer.status < 300

    def shows(self, marker: str) -> bool:
        """Whether `marker` is anywhere in the answer, its headers included."""
        return marker in self.answer.text or any(marker in value for _, value in self.answer.headers)
