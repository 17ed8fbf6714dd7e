"""What the probes of exposure share: asking for what should not be there, and knowing it by its content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from seatrial.verification.api import USER
from seatrial.verification.controls import alive, differs
from seatrial.verification.probe import Finding, failed, passed
from seatrial.verification.session import Session


def look(session: Session, signs: Mapping[str, str], flaw: str) -> Finding:
    """Ask for each path; it is found where the answer is a 2xx that carries its sign, an expression.

    By its content, for some servers answer 200 to everything, and some hide a file behind a redirect.
    """
    seen = []
    for path, sign in signs.items():
        exchange = session.send("GET", path, note="asks for what should not be there")
        if exchange.good and differs(exchange, session) and re.search(sign, exchange.answer.text):
            return failed(f"{path} {flaw}", exchange)
        seen.append(exchange)
    return passed(f"{len(seen)} paths show nothing", *seen, control=alive(session))


def prefixes(session: Session) -> tuple[str, ...]:
    """Where a part of the service may be mounted with pages of its own: the first folders of the known paths."""
    found = dict.fromkeys(prefix for it in _paths(session) for prefix in _folders(it))
    return tuple(found)[:2]


def _paths(session: Session) -> Iterable[str]:
    if session.api.resource:
        yield session.api.resource.collection
    yield from (it.path for it in session.api.operations)


def _folders(path: str) -> Iterable[str]:
    parts = [it for it in path.split(USER)[0].split("/") if it]
    for size in (1, 2):
        folder = parts[:size]
        if len(parts) > size and not any("{" in it for it in folder):
            yield "/" + "/".join(folder)
