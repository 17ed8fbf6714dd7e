"""Better Auth's session cookie: a token that means nothing by itself, and a signature that spares the database the look
for what was made up. This is the one use of `BETTER_AUTH_SECRET` here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import unquote

NAMES = ("__Secure-better-auth.session_token", "better-auth.session_token")


def session_token(cookies: Mapping[str, str], secret: str) -> str | None:
    """The token of the session cookie, if the signature is Better Auth's."""
    for name in NAMES:
        value = unquote(cookies.get(name, ""))
        token, dot, signature = value.rpartition(".")
        if dot and token and "\x00" not in token and hmac.compare_digest(sign(token, secret), signature.encode()):
            return token
    return None


def sign(token: str, secret: str) -> bytes:
    """The signature as Better Auth writes it: HMAC-SHA256 in base64."""
    return base64.b64encode(hmac.new(secret.encode(), token.encode(), hashlib.sha256).digest())
