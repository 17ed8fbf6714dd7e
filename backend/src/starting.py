"""A start that fails says why in its own words, without the way through the code."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.database.embedded import NoEmbeddedDatabase
from src.database.probe import DatabaseUnreachable
from src.settings import ConfigurationError

SAID = (ConfigurationError, DatabaseUnreachable, NoEmbeddedDatabase)


class ClearStart:
    """Puts the message of a known failure in the place of its traceback, which the server would print."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            return await self.app(scope, receive, send)
        failed: list[Message] = []

        async def hold(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                failed.append(message)
            else:
                await send(message)

        try:
            await self.app(scope, receive, hold)
        except SAID as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
        except BaseException:
            for message in failed:
                await send(message)
            raise
