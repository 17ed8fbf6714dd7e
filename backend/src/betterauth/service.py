"""Recognises users of Better Auth."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.exc import ProgrammingError

from src.auth.tokens import InvalidToken
from src.betterauth import repository
from src.betterauth.cookies import session_token
from src.betterauth.keys import Keys
from src.betterauth.tokens import Subject, is_signed_by_better_auth, read_token
from src.database.database import Database
from src.settings.model import BetterAuth

log = logging.getLogger(__name__)

# Which account stands for a subject does not change; what is kept is bounded all the same.
KEPT_S = 60.0
KEPT = 10_000


@dataclass(slots=True)
class Recogniser:
    """Says whose token or cookie it is."""

    settings: BetterAuth
    database: Database
    keys: Keys | None
    accounts: dict[str, tuple[uuid.UUID, float]] = field(default_factory=dict)

    async def by_token(self, token: str) -> uuid.UUID | None:
        """The account behind a token; None when it does not say that it is one of Better Auth's.

        Raises:
            InvalidToken: it says so, and is not in order.
        """
        number = is_signed_by_better_auth(token)
        if number is None or self.keys is None or self.settings.url is None:
            return None
        return await self.account(await read_token(self.keys, self.settings.url, number, token))

    async def by_cookie(self, cookies: Mapping[str, str]) -> uuid.UUID | None:
        """The account behind a session cookie, looked up each time, so that a sign-out is felt at once."""
        if self.settings.secret is None:
            return None
        token = session_token(cookies, self.settings.secret.get_secret_value())
        if token is None:
            return None
        try:
            subject = await self.database.read(lambda connection: repository.find_session(connection, token))
        except ProgrammingError:
            log.error("Better Auth's tables are not in this database: its cookies cannot be looked up")
            return None
        except InvalidToken:
            return None
        return await self.account(subject) if subject else None

    async def account(self, subject: Subject) -> uuid.UUID:
        """The account that stands for the subject."""
        known = self.accounts.get(subject.subject)
        if known is not None and time.monotonic() - known[1] < KEPT_S:
            return known[0]
        found = await self.database.write(lambda connection: repository.stand_for(connection, subject))
        if len(self.accounts) >= KEPT:
            self.accounts.clear()
        self.accounts[subject.subject] = (found, time.monotonic())
        return found

    def forget(self, user_id: uuid.UUID) -> None:
        """The account was deleted."""
        self.accounts = {subject: known for subject, known in self.accounts.items() if known[0] != user_id}
