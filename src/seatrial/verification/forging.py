"""Tokens that ought to be refused, and what a service makes of them. Asked for where nobody is let in without one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from seatrial.issue import Severity
from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Finding, Unclear, failed, passed, unclear
from seatrial.verification.session import Session
from seatrial.verification.tokens import claims_of, header_of, mac, signed, unsigned
from seatrial.verification.user import User

SIGNATURE = "jwt.signature"  # the flaw of taking a token whose signature nobody has checked
REFUSED = (401, 403)
HASHED = ("HS256", "HS384", "HS512")


@dataclass(frozen=True, slots=True)
class Token:
    """A's own token, taken apart."""

    text: str
    header: Mapping[str, object]
    claims: Mapping[str, object]

    @property
    def algorithm(self) -> str:
        """How it is signed, such as HS256."""
        return str(self.header.get("alg", ""))

    @property
    def hashed(self) -> bool:
        """Whether it is signed with a shared key."""
        return self.algorithm in HASHED

    @property
    def body(self) -> str:
        """Header and claims, as they are signed."""
        return self.text.rpartition(".")[0]

    @property
    def signature(self) -> str:
        """The signature, as it is sent."""
        return self.text.rpartition(".")[2]


def own_token(session: Session) -> Token:
    """A's own token. Raises Unclear where it has none."""
    text = session.a.jwt
    if not text:
        raise Unclear("A carries no JSON Web Token")
    return Token(text, header_of(text), claims_of(text) or {})


def tried(session: Session, note: str, token: str, of: User | None = None) -> Exchange:
    """The answer to a token, at the path that opens to A's own; below another user's id where that is asked for."""
    path, user = session.door.path, session.a
    resource = session.api.resource
    # Where nobody needs a token, or the path does not name the user, another path shows nothing.
    if of and resource and resource.by_user and path == resource.listing_of(session.a.id):
        path = resource.listing_of(of.id)
    return session.send("GET", path, by=user.carrying(token), note=note)


def refusals(session: Session, variants: Iterable[tuple[str, str]], root: str = "") -> Finding:
    """What the service makes of tokens that it ought to refuse, each with a note that says what is wrong with it."""
    door = session.door
    seen = [tried(session, note, token) for note, token in variants]
    return judged(seen, door.opened, root)


def judged(seen: list[Exchange], control: Exchange, root: str = "", others: tuple[int, ...] = ()) -> Finding:
    """A pass where each is refused; `others` are statuses that will do as well as 401 and 403."""
    for it in seen:
        if it.good:
            return failed(f"a token is taken that is {it.request.note}: {it.status}", it, control, root=root)
    for it in seen:
        if it.status >= 500:
            said = f"a token that is {it.request.note} brings the service to {it.status}"
            return failed(said, it, severity=Severity.WARNING, root="jwt.error", cause=_UNCAUGHT, fix=_CATCH)
    strange = next((it for it in seen if it.status not in REFUSED + others), None)
    if strange:
        return unclear(f"the answer is {strange.status}, which is no refusal", strange, settle="an answer of 401")
    statuses = ", ".join(dict.fromkeys(str(it.status) for it in seen))
    return passed(f"{len(seen)} such tokens are refused: {statuses}", *seen, control=control)


_UNCAUGHT = "What the library raises for it is not caught where the token is read."
_CATCH = "Catch the library's base class (jwt.PyJWTError, jose.JOSEError) and answer 401."


def foreign_key(algorithm: str) -> Any:
    """A new private key for this algorithm, of which the service knows nothing."""
    if algorithm.startswith(("RS", "PS")):
        return rsa.generate_private_key(65537, 2048)
    if algorithm.startswith("ES"):
        curves = {"ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
        return ec.generate_private_key(curves.get(algorithm, ec.SECP256R1()))
    return ed25519.Ed25519PrivateKey.generate()


def signed_by(key: Any, header: Mapping[str, object], claims: Mapping[str, object]) -> str:
    """A token signed with this key; its algorithm is that of the header. Claims are taken as they are."""
    algorithm = str(header["alg"])
    if algorithm in HASHED:
        return signed(header, claims, key if isinstance(key, bytes) else str(key).encode())
    text = unsigned(header, claims)
    signature = jwt.get_algorithm_by_name(algorithm).sign(text.encode(), key)
    return f"{text}.{jwt.utils.base64url_encode(signature).decode()}"


def minted(session: Session, note: str, of: Mapping[str, object], without: tuple[str, ...] = ()) -> Exchange:
    """The answer to A's token with other claims, signed with the key of the service."""
    token = own_token(session)
    _proven(session, token)
    claims = {name: value for name, value in {**token.claims, **of}.items() if name not in without}
    return tried(session, note, _with_key(session, token, claims))


def mint_refused(
    session: Session, variants: Iterable[tuple[str, Mapping[str, object], tuple[str, ...]]], root: str = ""
) -> Finding:
    """What the service makes of tokens that its own key signs, and that it ought to refuse for what they claim."""
    seen = [minted(session, note, of, without) for note, of, without in variants]
    return judged(seen, session.once("minted", lambda: _proven(session, own_token(session))), root)


def _proven(session: Session, token: Token) -> Exchange:
    """The control: what the known key signs is taken, as long as nothing is wrong with it."""

    def try_it() -> Exchange:
        it = tried(session, "control: signed with the key that is known", _with_key(session, token, token.claims))
        if not it.good:
            raise Unclear(f"what the key signs that was given is answered {it.status}", "the key of this service")
        return it

    return session.once("minted", try_it)


def _with_key(session: Session, token: Token, claims: Mapping[str, object]) -> str:
    if token.hashed:
        return signed(token.header, claims, session.signing_key)
    try:
        key = jwt.get_algorithm_by_name(token.algorithm).prepare_key(session.signing_key)
    except (ValueError, TypeError, NotImplementedError, jwt.PyJWTError):
        raise Unclear(f"SEATRIAL_JWT_SECRET is no private key for {token.algorithm}", "the key as PEM") from None
    return signed_by(key, token.header, claims)


def keyed_by(token: Token, candidates: Iterable[str]) -> str | None:
    """Which of these shared keys has signed the token; None where none has."""
    wanted = token.signature
    for candidate in candidates:
        made = mac(token.body, candidate.encode(), token.algorithm)
        if jwt.utils.base64url_encode(made).decode() == wanted:
            return candidate
    return None
