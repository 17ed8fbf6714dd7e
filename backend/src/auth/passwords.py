"""Passwords are kept as Argon2id hashes. Hashing takes tens of milliseconds and megabytes: few run at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# OWASP's second choice of parameters (19 MiB, two passes): fits containers of 256 MB.
MEMORY_KIB = 19 * 1024
PASSES = 2
AT_ONCE = 2


def hasher() -> PasswordHash:
    """Argon2id by pwdlib."""
    return PasswordHash((Argon2Hasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1),))


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes and checks passwords, in threads, a few at a time."""

    hasher: PasswordHash = field(default_factory=hasher)
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        async with self.turn:
            return await asyncio.to_thread(self.hasher.hash, password)

    async def matches(self, password: str, kept: str | None) -> bool:
        """Whether the password is the one that was kept. Where none was kept it takes as long, and is not."""
        async with self.turn:
            if kept is None:
                await asyncio.to_thread(self.hasher.hash, password)
                return False
            return await asyncio.to_thread(self.hasher.verify, password, kept)
