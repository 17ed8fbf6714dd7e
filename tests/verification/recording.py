"""A service of which every request is written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came in."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The header of that name in lower case; "" where there is none."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass
class Recorder:
    """An application, and what it was asked for."""

    app: Any
    heard: list[Heard] = field(default_factory=list)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = bytearray()

        async def listening() -> Any:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        place = len(self.heard)
        headers = tuple((key.decode("latin-1"), value.decode("latin-1")) for key, value in scope["headers"])
        self.heard.append(Heard(scope["method"], scope["path"], headers, b""))
        try:
            await self.app(scope, listening, send)
        finally:
            self.heard[place] = Heard(scope["method"], scope["path"], headers, bytes(body))
