"""Keys of asymmetric signatures: those that a service publishes, and one of our own."""

from __future__ import annotations

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from seatrial.verification.session import Session

_PLACES = ("/.well-known/jwks.json", "/api/auth/jwks", "/jwks.json")
_MOST = 2  # keys that are tried


def published_keys(session: Session) -> list[tuple[str, bytes]]:
    """The published keys as bytes, in each form that a service may hold them in, with the name of the form."""
    keys: list[tuple[str, bytes]] = []
    for place in _PLACES:
        document = session.send("GET", place, note="looks for the public key").answer.json
        found = document.get("keys") if isinstance(document, dict) else None
        for it in found[:_MOST] if isinstance(found, list) else ():
            keys += _forms(it)
        if keys:
            break
    return keys


def _forms(key: object) -> list[tuple[str, bytes]]:
    if not isinstance(key, dict):
        return []
    try:
        public: Any = jwt.PyJWK(key).key
    except jwt.PyJWTError:
        return []
    format_ = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = public.public_bytes(serialization.Encoding.PEM, format_)
    der = public.public_bytes(serialization.Encoding.DER, format_)
    text = json.dumps(key, separators=(",", ":")).encode()
    return [("PEM", pem), ("PEM without its last newline", pem.rstrip()), ("DER", der), ("JSON", text)]


def key_pair() -> tuple[Any, dict[str, object]]:
    """A new private key and its public half as a JSON Web Key."""
    private = rsa.generate_private_key(65537, 2048)
    public = dict(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True))
    return private, {**public, "kid": "seatrial", "use": "sig"}
