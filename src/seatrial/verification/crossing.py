"""What the probes of CORS share: asking as a browser does for a page of some origin, and reading what it may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from seatrial.issue import Severity
from seatrial.verification.exchange import Exchange, Headers
from seatrial.verification.origins import FOREIGN
from seatrial.verification.probe import Finding, Unclear, failed, passed
from seatrial.verification.session import Session

ANY_ORIGIN = "cors.any-origin"  # the root of every failure where any origin at all is let in


def ask(session: Session, origin: str, note: str = "") -> Exchange:
    """A page of `origin` reads what is A's, with A's credentials; without users it reads what is public."""
    path = session.place if session.users else _public(session)
    user = replace(session.users[0], origin="") if session.users else None
    return session.send("GET", path, by=user, headers=(("Origin", origin),), note=note or f"a page of {origin} reads")


def preflight(
    session: Session, origin: str, method: str = "POST", asked: str = "authorization,content-type"
) -> Exchange:
    """The browser asks whether a page of `origin` may send this method with these headers."""
    path = _writable(session)
    headers: Headers = (
        ("Origin", origin),
        ("Access-Control-Request-Method", method),
        ("Access-Control-Request-Headers", asked),
    )
    return session.send("OPTIONS", path, headers=headers, note=f"a page of {origin} asks whether it may {method}")


def _public(session: Session) -> str:
    return session.api.health[0] if session.api.health else "/"


def _writable(session: Session) -> str:
    if session.api.resource and session.users:
        return session.resource.collection_of(session.a.id)
    return session.place if session.users else _public(session)


def lets_in(exchange: Exchange, origin: str) -> bool:
    """Whether a browser would hand this answer to a page of `origin`."""
    granted = exchange.answer.header("access-control-allow-origin")
    return granted == "*" or (granted is not None and granted.strip() == origin)


def with_credentials(exchange: Exchange) -> bool:
    """Whether the answer may be had with cookies."""
    return (exchange.answer.header("access-control-allow-credentials") or "").strip() == "true"


def listed(exchange: Exchange, header: str) -> frozenset[str]:
    """The words of a header that lists, in lower case."""
    return frozenset(it.strip().lower() for it in (exchange.answer.header(header) or "").split(",") if it.strip())


def front_end(session: Session) -> Exchange:
    """The front end's own request, asked once. The control: only who answers it can be said to refuse others."""
    return session.once("cors.front-end", lambda: ask(session, session.frontend, "control: the front end's own page"))


def foreign(session: Session) -> Exchange:
    """The same request of a page that has nothing to do with the front end, asked once."""
    return session.once("cors.foreign", lambda: ask(session, FOREIGN))


def welcomed(session: Session) -> Exchange:
    """The front end's own request. Raises Unclear where it is refused: then refusals show nothing."""
    exchange = front_end(session)
    if not lets_in(exchange, session.frontend):
        raise Unclear(
            "the front end itself is refused, so that a refusal of others shows nothing", "see cors.front-end"
        )
    return exchange


def refuses(session: Session, origins: Sequence[str], flaw: str, severity: Severity) -> Finding:
    """Whether none of these origins is let in. A service that lets in everybody fails of that one flaw."""
    if lets_in(foreign(session), FOREIGN):
        return failed("any origin is let in, so this one too", foreign(session), root=ANY_ORIGIN, severity=severity)
    seen = []
    for origin in origins:
        exchange = ask(session, origin)
        if lets_in(exchange, origin):
            return failed(f"{origin} is let in: {flaw}", exchange, foreign(session))
        seen.append(exchange)
    return passed(f"refused: {', '.join(origins)}", *seen, control=welcomed(session))
