"""What the probes of limits share: one attempt to sign in, answered whatever it is."""

from __future__ import annotations

from dataclasses import replace

from seatrial.verification.accounts import attempt
from seatrial.verification.exchange import Exchange, Headers
from seatrial.verification.session import Session
from seatrial.verification.user import User

WRONG = "wrong-password-of-seatrial"


def ring(session: Session, email: str, label: str, headers: Headers = ()) -> Exchange:
    """One attempt with a wrong password. An answer that asks for patience is the answer."""
    somebody = User(label, email=email, password=WRONG, origin=session.options.frontend or "")
    return attempt(session.client, session.api.accounts, replace(somebody, token=""), headers)


def invented(session: Session) -> str:
    """An address that nobody has."""
    return session.once("invented address", lambda: f"{session.estate.marker()}@example.com")
