"""One line of an example of the environment: a value of the right form, which plainly stands for a real one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.project.settings_facts import EnvRead, Kind
from seatrial.project.settings_values import database_part, placeholder

_PARTS = {"host": "localhost", "port": "5432", "user": "user", "password": "password", "database": "app"}
_OWN = re.compile(r"SECRET|JWT|SIGNING|ENCRYPTION|SALT|PEPPER|FERNET|PASSWORD|(?:^|_)KEY$", re.I)
_BOUGHT = re.compile(r"API_?KEY|ACCESS_KEY|CLIENT_SECRET|WEBHOOK|TOKEN", re.I)


@dataclass(frozen=True, slots=True)
class Line:
    """One `NAME=value`, with what is said above it ("" for nothing)."""

    name: str
    value: str
    comment: str = ""

    @property
    def text(self) -> str:
        """The lines as they stand in the file."""
        return (f"# {self.comment}\n" if self.comment else "") + f"{self.name}={self.value}\n"


def is_own_secret(name: str) -> bool:
    """Whether a secret of this name is one that a deployment makes for itself."""
    return _OWN.search(name) is not None


def is_bought(name: str) -> bool:
    """Whether a secret of this name comes from somebody else's console."""
    return _BOUGHT.search(name) is not None


def line_for(name: str, reads: Sequence[EnvRead], scheme: str = "postgresql", kind: Kind | None = None) -> Line:
    """The line for a variable that these places read; `scheme` is that of a database's address.

    `kind` is the form of the value where more is known of it than the places say.
    """
    kind = kind or next((read.kind for read in reads if read.kind is not Kind.TEXT), Kind.TEXT)
    if kind is Kind.DATABASE_URL:
        port = 3306 if scheme.startswith("mysql") else 5432
        remote = f"{scheme}://user:password@localhost:{port}/app"
        return Line(name, f"{scheme}:///./app.db" if scheme.startswith("sqlite") else remote)
    part = database_part(name)
    if part in _PARTS:
        return Line(name, _PARTS[part])
    if kind is Kind.SECRET:
        return _secret(name, reads)
    value = placeholder(name, kind, reads)
    return Line(name, "change-me" if value.startswith("seatrial-") else value)


def _secret(name: str, reads: Sequence[EnvRead]) -> Line:
    shortest = max((read.minimum_length for read in reads), default=0)
    if is_bought(name):
        return Line(name, "change-me".ljust(shortest, "-"), "from the service's own console")
    value = "change-me-openssl-rand-hex-32" if is_own_secret(name) else "change-me"
    return Line(name, value.ljust(shortest, "-"), "openssl rand -hex 32" if is_own_secret(name) else "")
