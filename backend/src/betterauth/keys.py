"""Better Auth's public keys: fetched when a token names one that is not known, kept for a while, and beyond that while
they cannot be fetched anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field

import httpx
import jwt

log = logging.getLogger(__name__)

KEPT_S = 600.0
# Unknown keys are asked for no more often than this, however many tokens with invented ones come in.
APART_S = 15.0
KINDS = {"EdDSA": "OKP"}


@dataclass(slots=True)
class Keys:
    """The keys of one server."""

    url: str
    client: httpx.AsyncClient
    known: dict[str, jwt.PyJWK] = field(default_factory=dict)
    fetched_at: float = float("-inf")
    tried_at: float = float("-inf")
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, number: str) -> jwt.PyJWK | None:
        """The key of this number, None when the server has no such key, or has not been reached yet."""
        now = time.monotonic()
        if number in self.known and now - self.fetched_at < KEPT_S:
            return self.known[number]
        async with self.turn:
            if time.monotonic() - self.tried_at >= APART_S:
                await self.fetch()
        return self.known.get(number)

    async def fetch(self) -> None:
        """Ask for the keys; what was known stays known when the server does not answer."""
        self.tried_at = time.monotonic()
        try:
            answer = await self.client.get(self.url, timeout=3.0)
            answer.raise_for_status()
            keys = parse(answer.json())
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            log.warning("the keys of Better Auth could not be fetched", extra={"error": type(error).__name__})
            return
        self.known, self.fetched_at = keys, time.monotonic()


def parse(document: object) -> dict[str, jwt.PyJWK]:
    """The keys that can be used, by their numbers; others are passed over.

    Raises:
        ValueError: the document is no set of keys.
    """
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("no keys")
    keys = {}
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("kid"), str) and entry.get("kty") in KINDS.values():
            try:
                keys[entry["kid"]] = jwt.PyJWK(entry, algorithm="EdDSA")
            except jwt.PyJWTError:
                log.warning("a key of Better Auth could not be read")
    return keys
