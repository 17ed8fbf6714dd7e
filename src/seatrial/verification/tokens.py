"""JSON Web Tokens, taken apart and put together; good ones and such as no library would make."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def is_token(text: str) -> bool:
    """Whether `text` is a signed JSON Web Token in compact form."""
    return text.count(".") == 2 and bool(header_of(text)) and claims_of(text) is not None


def header_of(token: str) -> Mapping[str, object]:
    """The header; empty where it is none."""
    return _object(token.split(".")[0]) or {}


def claims_of(token: str) -> Mapping[str, object] | None:
    """The claims; None where they are none."""
    parts = token.split(".")
    return _object(parts[1]) if len(parts) > 1 else None


def encode(data: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes behind base64 for URLs; ValueError where it is none."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def unsigned(header: Mapping[str, object], claims: Mapping[str, object]) -> str:
    """Header and claims, as they are signed."""
    return f"{_part(header)}.{_part(claims)}"


def signed(header: Mapping[str, object], claims: Mapping[str, object], key: bytes) -> str:
    """A token signed with a shared key; `alg` of the header is one of HS256, HS384, HS512."""
    text = unsigned(header, claims)
    return f"{text}.{encode(mac(text, key, str(header['alg'])))}"


def mac(text: str, key: bytes, algorithm: str) -> bytes:
    """The signature of `text` with a shared key."""
    return hmac.new(key, text.encode("ascii"), _HASHES[algorithm]).digest()


def _part(value: Mapping[str, object]) -> str:
    return encode(json.dumps(value, separators=(",", ":")).encode())


def _object(part: str) -> Mapping[str, object] | None:
    try:
        value = json.loads(decode(part))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
