"""Whose request it is, as far as the network tells."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

UNKNOWN = "unknown"


def client_address(scope: Scope, header: bytes | None) -> str:
    """The address to count requests by.

    Behind a proxy that always sets a header of its own (`X-Real-IP` on Railway), what that header says. Otherwise the
    peer of the connection. `X-Forwarded-For` is never believed: anybody may send it. uvicorn, as it comes, believes
    it on connections from this machine and then gives port 0, which no connection has: that is undone here.
    """
    if header is not None:
        value = next((value for name, value in scope["headers"] if name == header), b"")
        return normal(value.decode("latin-1").strip())
    client = scope.get("client")
    if not client:
        return UNKNOWN
    return "127.0.0.1" if client[1] == 0 else normal(client[0])


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """An address as it is counted: of IPv6 the network, since one customer has all of its addresses."""
    try:
        address = ip_address(text)
    except ValueError:
        return UNKNOWN
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64)) + "/64"
    return text
