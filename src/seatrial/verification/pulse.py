"""What the probes of health share: which endpoint answers for the database, and what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator

from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Unclear
from seatrial.verification.session import Session

ILL = frozenset(
    "fail failed failing failure down error unhealthy degraded disconnected unavailable unreachable critical"
    " false offline dead ko timeout".split()
)
_TELLING = ("status", "state", "health", "healthy", "ok", "up", "database", "db", "postgres", "connected", "ready")
_SHALLOW = ("live", "ping", "alive")


def endpoint(session: Session) -> str:
    """The endpoint that has to know of the database: that of readiness, if there are several. Raises Unclear."""
    paths = session.api.health
    deep = [it for it in paths if not any(word in it.lower() for word in _SHALLOW)]
    ready = [it for it in deep if "ready" in it.lower()]
    if not paths:
        raise Unclear("no health endpoint was found", "--openapi FILE")
    return (ready or deep or list(paths))[0]


def pulse(session: Session) -> Exchange:
    """The answer of the endpoint, asked once, without credentials."""
    path = endpoint(session)
    return session.once("health.pulse", lambda: session.send("GET", path, note="asks for the service's health"))


def complaints(exchange: Exchange) -> tuple[str, ...]:
    """What in the answer says that something is down, as `database: disconnected`."""
    document = exchange.answer.json
    if isinstance(document, str):
        return (document,) if document.strip().lower() in ILL else ()
    return tuple(_ill(document))


def _ill(value: object, name: str = "", depth: int = 0) -> Iterator[str]:
    if depth > 4:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _ill(inner, str(key), depth + 1)
    elif isinstance(value, list):
        for inner in value[:50]:
            yield from _ill(inner, name, depth + 1)
    elif _says(value, name):
        yield f"{name}: {json.dumps(value)}"


def _says(value: object, name: str) -> bool:
    word = name.lower()
    telling = any(it == word or word.endswith(f"_{it}") or word.startswith(f"{it}_") for it in _TELLING)
    if isinstance(value, bool):
        return telling and not value
    if not isinstance(value, str):
        return False
    first = value.strip().lower().replace(":", " ").split(" ", 1)[0]
    return first in ILL and (telling or first != "false")
