"""The service's own tokens: signed access tokens for minutes, random refresh tokens for days."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import jwt

from src.settings.model import Tokens

ALGORITHM = "HS256"
REQUIRED = ["exp", "iat", "nbf", "aud", "iss", "sub", "sid"]
LEEWAY = timedelta(seconds=10)
# Tokens that are remembered, about half a kilobyte each.
KEPT = 4096


class InvalidToken(Exception):
    """The token proves nothing."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token of ours says: whose it is, and by which session."""

    user_id: uuid.UUID
    session_id: uuid.UUID


def make_access_token(settings: Tokens, user_id: uuid.UUID, session_id: uuid.UUID, now: datetime) -> str:
    """A signed token that says whose it is until it expires."""
    claims = {
        "iss": settings.issuer,
        "aud": settings.audience,
        "sub": str(user_id),
        "sid": str(session_id),
        "jti": uuid.uuid4().hex,
        "iat": now,
        "nbf": now,
        "exp": now + settings.access_lifetime,
    }
    return jwt.encode(claims, settings.secret.get_secret_value(), ALGORITHM)


@dataclass(slots=True)
class TokenReader:
    """Reads access tokens. What a token says cannot change, so one that was in order is remembered until it expires:
    clients send the same one many times, and checking its signature costs as much as asking the database. Whether its
    session still lasts is asked each time, elsewhere.
    """

    settings: Tokens
    known: dict[str, tuple[Claims, float]] = field(default_factory=dict)

    def read(self, token: str) -> Claims:
        """What the token says.

        Raises:
            InvalidToken: it is not ours, not yet or no longer valid, or says less than it must.
        """
        found = self.known.get(token)
        if found is not None and time.time() < found[1]:
            return found[0]
        claims, expires = read_access_token(self.settings, token)
        if len(self.known) >= KEPT:
            self.known.clear()
        self.known[token] = (claims, expires)
        return claims


def read_access_token(settings: Tokens, token: str) -> tuple[Claims, float]:
    """What the token says and when it expires, once everything in it is checked. The algorithm is ours to choose, never
    the token's.

    Raises:
        InvalidToken: see `TokenReader.read`.
    """
    try:
        claims = jwt.decode(
            token,
            settings.secret.get_secret_value(),
            algorithms=[ALGORITHM],
            audience=settings.audience,
            issuer=settings.issuer,
            leeway=LEEWAY,
            options={"require": REQUIRED, "strict_aud": True},
        )
        if claims["exp"] - claims["iat"] > settings.access_lifetime.total_seconds():
            raise InvalidToken
        return Claims(uuid.UUID(claims["sub"]), uuid.UUID(claims["sid"])), float(claims["exp"])
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise InvalidToken from None


def make_refresh_token() -> str:
    """256 random bits, unguessable, and known to the database by their hash alone."""
    return secrets.token_urlsafe(32)


def hash_refresh_token(token: str) -> bytes:
    """What the database knows of it. Random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(UTC)
