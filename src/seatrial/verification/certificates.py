"""Looks at TLS itself, below HTTP: the certificate's days, and which old versions are still spoken."""

from __future__ import annotations

import socket
import ssl
import time
import warnings
from urllib.parse import urlsplit

PATIENCE_S = 5.0
OLD = {"TLS 1.0": ssl.TLSVersion.TLSv1, "TLS 1.1": ssl.TLSVersion.TLSv1_1}


def days_left(origin: str) -> float | None:
    """How many days the server's certificate is still valid; None where that cannot be seen."""
    try:
        with _connected(origin, ssl.create_default_context()) as connection:
            certificate = connection.getpeercert() or {}
    except OSError:
        return None
    end = certificate.get("notAfter")
    return (ssl.cert_time_to_seconds(end) - time.time()) / 86_400 if isinstance(end, str) else None


def spoken(origin: str) -> str:
    """The version of TLS that is spoken by default, as `TLSv1.3`; empty where that cannot be seen."""
    try:
        with _connected(origin, ssl.create_default_context()) as connection:
            return connection.version() or ""
    except OSError:
        return ""


def old_versions(origin: str) -> tuple[str, ...]:
    """The old versions that the server still takes. Nothing is sent but the handshake."""
    return tuple(name for name, version in OLD.items() if _takes(origin, version))


def _takes(origin: str, version: ssl.TLSVersion) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the question is the version, and nothing is told to the server
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that they are deprecated is the point
        try:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
            with _connected(origin, context):
                return True
        except (OSError, ValueError):
            return False


def _connected(origin: str, context: ssl.SSLContext) -> ssl.SSLSocket:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    connection = socket.create_connection((host, parts.port or 443), PATIENCE_S)
    try:
        return context.wrap_socket(connection, server_hostname=host)
    except BaseException:
        connection.close()
        raise
