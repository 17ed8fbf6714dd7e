"""A throwaway certificate for a server on this machine, in pure Python: no `openssl`, no compiled library needed.

ECDSA over P-256 with SHA-256 (FIPS 186-5), written as X.509 (RFC 5280). It secures nothing: it lets a client that asks
for TLS, or that verifies the server against the trusted certificates, find what it would find in production. The key is
made for one start and never leaves the machine's memory or the scratch folder.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
BASE = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = tuple[int, int] | None
SIGNATURE = "1.2.840.10045.4.3.2"  # ecdsa-with-SHA256


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate and its key, as PEM text, and the certificate's SHA-256."""

    certificate: str
    key: str
    digest: bytes


SUBJECT = "seatrial throwaway"


def subject_hash() -> str:
    """The name under which OpenSSL looks the certificate up in a folder of trusted ones (as `openssl x509 -hash`)."""
    canonical = _der(0x31, _sequence(_identifier("2.5.4.3"), _der(0x0C, SUBJECT.lower().encode())))
    return f"{int.from_bytes(hashlib.sha1(canonical, usedforsecurity=False).digest()[:4], 'little'):08x}.0"


def _add(a: Point, b: Point) -> Point:
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % PRIME == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, PRIME) % PRIME
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, PRIME) % PRIME
    x = (slope * slope - a[0] - b[0]) % PRIME
    return x, (slope * (a[0] - x) - a[1]) % PRIME


def _times(factor: int, point: Point) -> tuple[int, int]:
    result: Point = None
    while factor:
        result = _add(result, point) if factor & 1 else result
        point, factor = _add(point, point), factor >> 1
    assert result is not None
    return result


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def _integer(value: int) -> bytes:
    return _der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _identifier(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    out = bytes([first * 40 + second])
    for number in rest:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | 0x80)
        out += bytes(reversed(groups))
    return _der(6, out)


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, *parts)


def _extension(dotted: str, critical: bool, value: bytes) -> bytes:
    return _sequence(_identifier(dotted), b"\x01\x01\xff" if critical else b"", _der(4, value))


def _names(hosts: Sequence[str]) -> bytes:
    out = []
    for host in hosts:
        try:
            out.append(_der(0x87, ipaddress.ip_address(host).packed))
        except ValueError:
            out.append(_der(0x82, host.encode("idna" if not host.isascii() else "ascii")))
    return _sequence(*out)


def _time(moment: datetime) -> bytes:
    return _der(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())


def _sign(key: int, message: bytes) -> bytes:
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    while True:
        nonce = secrets.randbelow(ORDER - 1) + 1
        r = _times(nonce, BASE)[0] % ORDER
        s = pow(nonce, -1, ORDER) * (digest + r * key) % ORDER
        if r and s:
            return _sequence(_integer(r), _integer(s))


def _pem(kind: str, data: bytes) -> str:
    text = base64.encodebytes(data).decode().replace("\n", "")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""])


def make(hosts: Sequence[str], now: datetime | None = None, days: int = 1) -> Certificate:
    """A certificate for these host names and addresses, valid from yesterday for `days` after now."""
    key = secrets.randbelow(ORDER - 1) + 1
    point = b"\x04" + b"".join(value.to_bytes(32, "big") for value in _times(key, BASE))
    curve = _sequence(_identifier("1.2.840.10045.2.1"), _identifier("1.2.840.10045.3.1.7"))
    public = _sequence(curve, _der(3, b"\0" + point))
    body = _to_be_signed(hosts, point, public, now or datetime.now(UTC), days)
    data = _sequence(body, _sequence(_identifier(SIGNATURE)), _der(3, b"\0" + _sign(key, body)))
    private = _sequence(_integer(1), _der(4, key.to_bytes(32, "big")), _der(0xA1, _der(3, b"\0" + point)))
    wrapped = _sequence(_integer(0), curve, _der(4, private))
    return Certificate(_pem("CERTIFICATE", data), _pem("PRIVATE KEY", wrapped), hashlib.sha256(data).digest())


def _to_be_signed(hosts: Sequence[str], point: bytes, public: bytes, now: datetime, days: int) -> bytes:
    common = _sequence(_identifier("2.5.4.3"), _der(0x0C, SUBJECT.encode()))
    name = _sequence(_der(0x31, common))
    identity = hashlib.sha1(point, usedforsecurity=False).digest()
    extensions = _sequence(
        _extension("2.5.29.19", True, _sequence(b"\x01\x01\xff")),  # a certificate authority, its own
        _extension("2.5.29.15", True, _der(3, b"\x02\x84")),  # digital signature, certificate signing
        _extension("2.5.29.37", False, _sequence(_identifier("1.3.6.1.5.5.7.3.1"))),
        _extension("2.5.29.14", False, _der(4, identity)),
        _extension("2.5.29.35", False, _sequence(_der(0x80, identity))),
        _extension("2.5.29.17", False, _names(hosts)),
    )
    validity = _sequence(_time(now - timedelta(days=1)), _time(now + timedelta(days=days)))
    version, serial = _der(0xA0, _integer(2)), _integer(secrets.randbits(120))
    signature = _sequence(_identifier(SIGNATURE))
    return _sequence(version, serial, signature, name, validity, name, public, _der(0xA3, extensions))
