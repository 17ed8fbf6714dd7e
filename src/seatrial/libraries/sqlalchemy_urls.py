"""SQLAlchemy's URLs: taken apart, changed and written as `sqlalchemy.engine.url` does.

Source: SQLAlchemy 1.4, 2.0 and 2.1, `engine/url.py` (`make_url`, `URL.set`, `URL.update_query_dict`,
`URL.render_as_string`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from seatrial.libraries.behaviour import LibraryCall
from seatrial.libraries.values import ABSENT, TEXT, External, ExternalInstance, Undecided, Unknown, Value
from seatrial.libraries.world import World

URL_CLASS = External("sqlalchemy.engine.url.URL", "class")
_URL = re.compile(
    r"(?P<scheme>[\w+]+)://(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?"
    r"(?:(?:\[(?P<v6>[^/?]+)\]|(?P<host>[^/:?]+))?(?::(?P<port>[^/?]*))?)?(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?$"
)
_PARTS = {"drivername": "scheme", "username": "user"}


@dataclass(frozen=True, slots=True)
class Url:
    """A database URL, taken apart; what is not in it is ""."""

    scheme: str
    host: str = ""
    port: str = ""
    database: str = ""
    query: tuple[tuple[str, str], ...] = ()
    user: str = ""
    password: str = ""

    @property
    def dialect(self) -> str:
        """`postgresql` of `postgresql+asyncpg`."""
        return self.scheme.partition("+")[0]

    @property
    def driver(self) -> str:
        """`asyncpg` of `postgresql+asyncpg`, "" where the URL leaves it to SQLAlchemy."""
        return self.scheme.partition("+")[2]

    @property
    def text(self) -> str:
        """The URL as `render_as_string(hide_password=False)` writes it."""
        user = quote(self.user, safe=" +") + (f":{quote(self.password, safe=' +')}" if self.password else "")
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port else ""
        pairs = [f"{quote_plus(name)}={quote_plus(value)}" for name, value in sorted(self.query)]
        path = f"/{self.database}" if self.database else ""
        return f"{self.scheme}://{user + '@' if user else ''}{host}{port}{path}{'?' + '&'.join(pairs) if pairs else ''}"


def parse_url(text: str) -> Url | None:
    """The parts of a URL as SQLAlchemy reads it; None where it cannot."""
    match = _URL.match(text)
    if match is None:
        return None
    query = tuple(parse_qsl(match["query"] or "", keep_blank_values=True))
    host = match["v6"] or match["host"] or ""
    user, password = unquote(match["user"] or ""), unquote(match["password"] or "")
    return Url(match["scheme"], host, match["port"] or "", match["database"] or "", query, user, password)


def url_object(url: Url) -> ExternalInstance:
    """The `URL` that SQLAlchemy hands the program."""
    return ExternalInstance(URL_CLASS, (url,), {}, {TEXT: hidden(url)})


def url_of(value: Value) -> Url | None:
    """The URL behind a text or an object of SQLAlchemy's; None where that is not known."""
    if isinstance(value, ExternalInstance) and value.args and isinstance(value.args[0], Url):
        return value.args[0]
    return parse_url(value) if isinstance(value, str) else None


def make_url(world: World, call: LibraryCall) -> Value:
    """`make_url(text)`; a text that is none is left to whoever makes the engine."""
    url = url_of(call.argument(0, "name_or_url"))
    return url_object(url) if url is not None else ABSENT


def create(world: World, call: LibraryCall) -> Value:
    """`URL.create(drivername, username=..., ...)`."""
    order = ("drivername", "username", "password", "host", "port", "database", "query")
    return _with(Url(""), {**dict(zip(order, call.args, strict=False)), **call.kwargs})


def _with(url: Url, changes: dict[str, Value]) -> Value:
    for name, value in changes.items():
        if value is None:
            continue
        if isinstance(value, Unknown | ExternalInstance):
            return Unknown("a URL of unknown parts")
        if name == "query" and isinstance(value, dict):
            url = replace(url, query=tuple((str(key), str(item)) for key, item in value.items()))
        elif name in ("drivername", "username", "password", "host", "port", "database"):
            url = replace(url, **{_PARTS.get(name, name): str(value)})  # type: ignore[arg-type]
    return url_object(url)


def _on_url(change: Callable[[Url, LibraryCall], Value]) -> Callable[[World, LibraryCall], Value]:
    def behaviour(world: World, call: LibraryCall) -> Value:
        url = url_of(call.args[0]) if call.args else None
        return ABSENT if url is None else change(url, call)

    return behaviour


def _set(url: Url, call: LibraryCall) -> Value:
    return _with(url, dict(call.kwargs))


def _update(url: Url, call: LibraryCall) -> Value:
    given = call.argument(1, "query_parameters")
    if not isinstance(given, dict):
        return Unknown("a URL of an unknown query")
    return _with(url, {"query": {**dict(url.query), **given}})


def _difference(url: Url, call: LibraryCall) -> Value:
    names = call.argument(1, "names")
    if not isinstance(names, list | tuple | set | frozenset | dict):
        return Unknown("a URL of an unknown query")
    return url_object(replace(url, query=tuple(item for item in url.query if item[0] not in names)))


def _rendered(url: Url, call: LibraryCall) -> Value:
    return url.text if call.argument(1, "hide_password", True) is False else hidden(url)


def hidden(url: Url) -> str:
    """The URL as `str` writes it: three stars for the password."""
    return replace(url, password="***" if url.password else "").text.replace("%2A%2A%2A", "***")


def attribute(world: World, value: Value, name: str) -> Value:
    """`url.drivername`, `.host`, `.query` and so on."""
    url = url_of(value)
    if url is None:
        raise Undecided("a part of a URL")
    if name == "query":
        return dict(url.query)
    if name == "port":
        return int(url.port) if url.port.isdigit() else None
    if name in ("drivername", "username", "password", "host", "database"):
        return getattr(url, _PARTS.get(name, name)) or None
    return ABSENT


CALLS = {
    "sqlalchemy.engine.make_url": make_url,
    "sqlalchemy.engine.URL.create": create,
    "sqlalchemy.engine.URL.set": _on_url(_set),
    "sqlalchemy.engine.URL.update_query_dict": _on_url(_update),
    "sqlalchemy.engine.URL.difference_update_query": _on_url(_difference),
    "sqlalchemy.engine.URL.render_as_string": _on_url(_rendered),
    "sqlalchemy.engine.URL.get_backend_name": _on_url(lambda url, call: url.dialect),
}
