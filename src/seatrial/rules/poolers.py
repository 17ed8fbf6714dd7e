"""What the papers say of the database server: which it is, whether it suspends, and which pooler stands before it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from seatrial.issue import Location
from seatrial.libraries.sqlalchemy_urls import Url, parse_url, url_of
from seatrial.libraries.values import External
from seatrial.rules.case import Case
from seatrial.rules.played import Written, argument, written

_ENGINES = ("sqlalchemy.engine.create.create_engine", "sqlalchemy.ext.asyncio.engine.create_async_engine")
_NEON = re.compile(r"\bneon(?:\.tech\b|[ -](?:serverless|postgres|database|db)\w*)", re.IGNORECASE)
_PAPERS = re.compile(r"readme|deploy|\.env\.(?:example|sample|template)$", re.IGNORECASE)

Kind = Literal["Neon", "Supabase", "PgBouncer"]


@dataclass(frozen=True, slots=True)
class Pooler:
    """A pooler in transaction mode that a documented URL goes through.

    `prepares` says whether it keeps prepared statements apart for its clients.
    """

    kind: Kind
    location: Location
    prepares: bool


def pooler(case: Case) -> Pooler | None:
    """The pooler of the first documented URL that names one."""
    for url, place in _documented(case):
        kind = _kind(url)
        if kind is not None:
            return Pooler(kind, place, kind == "Neon")
    return None


def _kind(url: Url) -> Kind | None:
    host = url.host.lower()
    if host.endswith(".neon.tech"):
        return "Neon" if "-pooler." in host else None
    if host.endswith((".supabase.com", ".supabase.co")):
        return "Supabase" if url.port == "6543" else None
    return "PgBouncer" if "pgbouncer" in host or ("pgbouncer", "true") in url.query else None


def neon(case: Case) -> Location | None:
    """Where the papers or the code's own default say that the database is on Neon, which suspends it when idle."""
    for url, place in _documented(case):
        if url.host.lower().endswith("neon.tech"):
            return place
    documents = case.code.documents
    for folder in documents.folders(case.base):
        for name, is_folder in sorted(documents.names(folder).items()):
            path = posixpath.normpath(posixpath.join(folder, name))
            text = (documents.text(path) or "") if _PAPERS.search(name) and not is_folder else ""
            match = _NEON.search(text)
            if match is not None:
                return Location(path, text.count("\n", 0, match.start()) + 1)
    return None


def names_server(case: Case) -> bool:
    """Whether a documented URL is that of a PostgreSQL server."""
    return next(_documented(case), None) is not None


def _documented(case: Case) -> Iterator[tuple[Url, Location]]:
    texts = [(item.value, item.location) for item in case.papers.documented]
    texts += [((read.default or "").strip("\"'"), read.location) for read in case.settings.reads]
    for text, place in texts:
        url = parse_url(text) if text is not None and text.startswith("postgres") else None
        if url is not None:
            yield url, place


def server_engines(case: Case) -> Iterator[tuple[Written, Url]]:
    """The engines that the start makes for a PostgreSQL server, in the backend's own text."""
    for found in written(case, *_ENGINES):
        url = url_of(found.call.args[0] if found.call.args else argument(found.call, "url", None))
        if url is not None and url.dialect in ("postgresql", "postgres"):
            yield found, url


def pool_class(found: Written) -> str | None:
    """The name of the pool's class that an engine is given; "" where it is given none, None where that is not known."""
    given = argument(found.call, "poolclass", None)
    if given is None:
        return ""
    return given.name.rpartition(".")[2] if isinstance(given, External) else None
