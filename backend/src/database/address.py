"""Where the database is: URLs as consoles give them, and what asyncpg wants to be told."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES = ("postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2")
TLS_MODES = ("disable", "prefer", "require", "verify-ca", "verify-full")
# Told by consoles and other drivers, and of no meaning to asyncpg: what channel binding protects against is kept off by
# verified TLS, the endpoint is known from the host name (SNI), and the others steer the clients that invented them.
UNNEEDED = frozenset(
    {"channel_binding", "pgbouncer", "connection_limit", "pool_timeout", "gssencmode", "sslnegotiation"}
)


class AddressError(ValueError):
    """The URL cannot be used; the message names what is wrong and never the URL."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a PostgreSQL is and how to get in. The password shows in no repr."""

    host: str
    port: int
    user: str
    database: str
    password: Secret
    tls: str
    ca_file: str | None = None
    application_name: str = "tasks-backend"

    def arguments(self) -> dict[str, Any]:
        """The arguments for `asyncpg.connect`."""
        return {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password.value or None,
            "database": self.database,
            "ssl": self.tls_context(),
            # The one parameter that poolers in transaction mode let through; the rest belongs to the role.
            "server_settings": {"application_name": self.application_name},
        }

    def tls_context(self) -> ssl.SSLContext | str | bool:
        """Certificates are verified unless the URL says `disable` or, in development, `prefer`."""
        if self.tls in {"disable", "prefer"}:
            return False if self.tls == "disable" else "prefer"
        context = ssl.create_default_context(cafile=self.ca_file)
        context.check_hostname = self.tls != "verify-ca"
        return context

    def direct(self) -> Address:
        """The same database without Neon's pooler, which migrations cannot go through."""
        first, dot, rest = self.host.partition(".")
        return replace(self, host=first.removesuffix("-pooler") + dot + rest)


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that does not show."""

    value: str

    def __repr__(self) -> str:
        return "Secret(...)"


def parse_address(url: str, *, production: bool, ca_file: str | None = None) -> Address:
    """The address that a URL names.

    Raises:
        AddressError: the URL cannot be used, with the reason and without the URL.
    """
    parts = split(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = query.pop("host", "") or parts.hostname or ""
    database = unquote(parts.path.removeprefix("/"))
    if not host or not database:
        raise AddressError("names no " + ("host" if not host else "database"))
    return Address(
        host=host,
        port=port_of(url),
        user=unquote(parts.username or "postgres"),
        database=database,
        password=Secret(unquote(parts.password or "")),
        tls=tls_mode(query.pop("sslmode", None) or query.pop("ssl", None), host, production=production),
        ca_file=readable(query.pop("sslrootcert", None) or ca_file),
        application_name=application_name(query),
    )


def split(url: str) -> Any:
    """The parts of the URL.

    Raises:
        AddressError: it is no URL of a PostgreSQL.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise AddressError("is not a URL") from None
    if parts.scheme not in SCHEMES:
        raise AddressError("does not start with postgresql://")
    return parts


def port_of(url: str) -> int:
    """The port, 5432 when none is named.

    Raises:
        AddressError: what stands there is no port.
    """
    try:
        return urlsplit(url.strip()).port or 5432
    except ValueError:
        raise AddressError("has a port that is not a number from 1 to 65535") from None


def tls_mode(mode: str | None, host: str, *, production: bool) -> str:
    """How TLS is used. `require`, which for libpq encrypts without looking at the certificate, verifies here.

    Raises:
        AddressError: the mode is unknown, or in production leaves encryption to chance.
    """
    if mode is None and is_local(host):
        return "disable"
    if mode is None:
        return "prefer" if is_private(host) or not production else "require"
    if mode not in TLS_MODES:
        raise AddressError(f"has an sslmode that is none of {', '.join(TLS_MODES)}")
    if production and mode == "prefer":
        raise AddressError("leaves encryption to chance (sslmode=prefer): say require, or disable on a private network")
    return mode


def is_local(host: str) -> bool:
    """Whether the host is this machine: loopback, or the folder of a Unix socket."""
    return host.startswith("/") or host in {"localhost", "127.0.0.1", "::1"}


def is_private(host: str) -> bool:
    """Whether the name has a meaning in one private network alone: a container's, or one below `.internal`."""
    return "." not in host or host.endswith(".internal")


def readable(ca_file: str | None) -> str | None:
    """The file of certificates, which must be there; `system` means those of the machine.

    Raises:
        AddressError: it is not there.
    """
    if ca_file in {None, "", "system"}:
        return None
    if not Path(str(ca_file)).is_file():
        raise AddressError("names a file of certificates that is not there")
    return ca_file


def application_name(query: dict[str, str]) -> str:
    """The name from what is left of the query, in which nothing unknown may stand.

    Raises:
        AddressError: a parameter is not understood.
    """
    name = query.pop("application_name", "tasks-backend")
    if query.get("options", "").startswith("endpoint"):
        del query["options"]
    query.pop("connect_timeout", None)
    unknown = sorted(set(query) - UNNEEDED)
    if unknown:
        raise AddressError(f"has parameters that are not understood: {', '.join(unknown)}")
    return name
