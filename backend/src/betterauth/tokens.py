"""Better Auth's tokens: signed with EdDSA, issued by and for its own address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import jwt

from src.auth.tokens import LEEWAY, InvalidToken
from src.betterauth.keys import Keys

ALGORITHM = "EdDSA"
REQUIRED = ["exp", "iat", "aud", "iss", "sub"]


@dataclass(frozen=True, slots=True)
class Subject:
    """An account as Better Auth knows it."""

    subject: str
    email: str | None
    name: str


def is_signed_by_better_auth(token: str) -> str | None:
    """The number of the key that the token says it is signed with, if it says so in Better Auth's way. Nothing is
    believed yet: it only says whose rules the token is held to.
    """
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        return None
    number = header.get("kid")
    return number if header.get("alg") == ALGORITHM and isinstance(number, str) else None


async def read_token(keys: Keys, url: str, number: str, token: str) -> Subject:
    """Whose token it is.

    Raises:
        InvalidToken: the key is unknown, or the token is not in order.
    """
    key = await keys.find(number)
    if key is None:
        raise InvalidToken
    origin = origin_of(url)
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=origin,
            issuer=origin,
            leeway=LEEWAY,
            options={"require": REQUIRED},
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError):
        raise InvalidToken from None
    return subject_of(claims["sub"], claims.get("email"), claims.get("name"))


def origin_of(url: str) -> str:
    """Scheme and host, which Better Auth uses as issuer and audience."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def subject_of(subject: object, email: object, name: object) -> Subject:
    """An account from what a token, or a row, says.

    Raises:
        InvalidToken: it names nobody.
    """
    if not isinstance(subject, str) or not 0 < len(subject) <= 320 or "\x00" in subject:
        raise InvalidToken
    address = email if isinstance(email, str) and 0 < len(email) <= 320 and "\x00" not in email else None
    called = name.strip()[:100] if isinstance(name, str) and "\x00" not in name else ""
    return Subject(subject, address, called or (address or subject).partition("@")[0][:100])
