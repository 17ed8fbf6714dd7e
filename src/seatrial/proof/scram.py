"""The server's side of SCRAM-SHA-256 with channel binding (RFC 5802, RFC 7677, RFC 5929 `tls-server-end-point`).

Only so that a documented URL with `channel_binding=require` finds what it requires. Standard library only.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import struct

ITERATIONS = 4096
PLUS, PLAIN = "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"


def _sign(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def _message(kind: int, body: bytes) -> bytes:
    return b"R" + struct.pack("!II", len(body) + 8, kind) + body


async def _response(reader: asyncio.StreamReader) -> bytes:
    kind, length = struct.unpack("!cI", await reader.readexactly(5))
    if kind != b"p" or length > 10000:
        raise EOFError
    return await reader.readexactly(length - 4)


def proofs(password: str, salt: bytes, exchange: bytes) -> tuple[bytes, bytes]:
    """What the client has to send and what the server answers, for one exchange."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    client_key = _sign(salted, b"Client Key")
    signature = _sign(hashlib.sha256(client_key).digest(), exchange)
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    return proof, _sign(_sign(salted, b"Server Key"), exchange)


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, password: str, binding: bytes) -> bool:
    """Authenticate one client. `binding` is the SHA-256 of the server's certificate.

    AuthenticationOk is left to the server behind.
    """
    writer.write(_message(10, f"{PLUS}\0{PLAIN}\0\0".encode()))
    first = await _response(reader)
    mechanism, _, rest = first.partition(b"\0")
    header, bare = _split(rest[4:])
    nonce = bare.decode().split("r=", 1)[1].split(",")[0] + secrets.token_urlsafe(18)
    salt = secrets.token_bytes(16)
    challenge = f"r={nonce},s={base64.b64encode(salt).decode()},i={ITERATIONS}".encode()
    writer.write(_message(11, challenge))
    final = await _response(reader)
    without, _, proof = final.rpartition(b",p=")
    expected = header + (binding if mechanism.decode() == PLUS else b"")
    if not without.startswith(b"c=" + base64.b64encode(expected) + b","):
        return False
    wanted, answer = proofs(password, salt, b",".join([bare, challenge, without]))
    if not hmac.compare_digest(base64.b64decode(proof), wanted):
        return False
    writer.write(_message(12, b"v=" + base64.b64encode(answer)))
    return True


def _split(first: bytes) -> tuple[bytes, bytes]:
    """The GS2 header with its two commas, and the rest of the client's first message."""
    flag, owner, bare = first.split(b",", 2)
    return flag + b"," + owner + b",", bare
