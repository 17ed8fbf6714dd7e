"""The service's own tokens: signed access tokens for minutes, random refresh tokens for days."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from src.settings.model import Tokens

ALGORITHM = "HS256"
REQUIRED = ["exp", "iat", "nbf", "aud", "iss", "sub", "sid"]
LEEWAY = timedelta(seconds=10)


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


def read_access_token(settings: Tokens, token: str) -> Claims:
    """What the token says, once everything in it is checked. The algorithm is ours to choose, never the token's.

    Raises:
        InvalidToken: it is not ours, not yet or no longer valid, or says less than it must.
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
        return Claims(uuid.UUID(claims["sub"]), uuid.UUID(claims["sid"]))
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
