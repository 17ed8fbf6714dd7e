"""Issues and checks the tokens."""

from __future__ import annotations

import base64
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER, AUDIENCE, LIFETIME_S, LONGEST = "https://notes.example", "notes", 900, 4096


class Tokens:
    """Signs with a shared key, or with a private one whose public half everybody may read."""

    def __init__(self, secret: str, asymmetric: bool = False) -> None:
        self.algorithm = "RS256" if asymmetric else "HS256"
        self.signing: Any = secret
        self.checking: Any = secret
        self.public = b""
        if asymmetric:
            self.signing = rsa.generate_private_key(65537, 2048)
            self.checking = self.signing.public_key()
            self.public = self.checking.public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )

    def issue(self, user_id: str) -> str:
        now = int(time.time())
        claims = {"sub": user_id, "iat": now, "exp": now + LIFETIME_S, "iss": ISSUER, "aud": AUDIENCE}
        return jwt.encode(claims, self.signing, self.algorithm, headers={"kid": "one"})

    def subject(self, token: str) -> str:
        """Whose token it is. Raises jwt.InvalidTokenError."""
        if len(token) > LONGEST:
            raise jwt.InvalidTokenError("too long")
        claims = jwt.decode(
            token,
            self.checking,
            algorithms=[self.algorithm],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["exp", "sub", "aud", "iss"]},
        )
        return str(claims["sub"])

    def jwks(self) -> dict[str, Any]:
        """The public key, as others check with it."""
        if not self.public:
            return {"keys": []}
        numbers = self.checking.public_numbers()
        key = {"kty": "RSA", "kid": "one", "alg": "RS256", "n": _number(numbers.n), "e": _number(numbers.e)}
        return {"keys": [key]}


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()
