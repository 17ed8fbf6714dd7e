"""The ladder: two users from what a person gives, else made and deleted by the run itself.

The first step that is given wins: tokens, then accounts, then a signing key, then a sign-up of our own. What a step
cannot prove is said.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from seatrial.verification.accounts import identity, log_in
from seatrial.verification.given import Given
from seatrial.verification.probe import Unclear
from seatrial.verification.session import Session
from seatrial.verification.tokens import claims_of, signed
from seatrial.verification.user import User

_LIFETIME_S = 900.0
_LEFTOVER = "SEATRIAL_USER_A and SEATRIAL_USER_B, or --allow-leftover-accounts"


@dataclass(frozen=True, slots=True)
class Identities:
    """The users, and how they came about: a phrase. Without users, `reason` says why."""

    users: tuple[User, ...] = ()
    how: str = ""
    reason: str = ""
    limits: tuple[str, ...] = ()


def identify(session: Session, given: Given) -> Identities:
    """The two users of the run; none where no step of the ladder carries, with the reason."""
    try:
        found = _ladder(session, given)
    except Unclear as problem:
        settle = f"; what settles it: {problem.settle}" if problem.settle else ""
        return Identities(reason=problem.reason + settle)
    for user in found.users:
        remember(session, user)
    return found


def remember(session: Session, user: User) -> None:
    """Never show what opens doors."""
    session.secrets.add(user.token, f"token of {user.label}")
    session.secrets.add(user.refresh, f"refresh token of {user.label}")
    session.secrets.add(user.password, f"password of {user.label}")
    for pair in user.cookies.split("; "):
        session.secrets.add(pair.partition("=")[2], f"cookie of {user.label}")


def _ladder(session: Session, given: Given) -> Identities:
    if given.tokens:
        return _by_tokens(session, given)
    if given.accounts:
        return _by_accounts(session, given)
    if given.secret and not (session.api.accounts.signup and session.api.accounts.delete):
        return _by_secret(given)
    return _by_sign_up(session)


def _by_tokens(session: Session, given: Given) -> Identities:
    users = tuple(_known(session, user) for user in given.tokens)
    limits = ("With tokens alone, signing in is not tried.",)
    return Identities(users, "the tokens that were given", limits=limits)


def _by_accounts(session: Session, given: Given) -> Identities:
    accounts, frontend = session.api.accounts, session.options.frontend or ""
    for user in given.accounts:
        session.secrets.add(user.refresh, f"refresh token of {user.label}")
    session.secrets.add(user.password, f"password of {user.label}")
    users = tuple(log_in(session.client, accounts, replace(it, origin=frontend)) for it in given.accounts)
    return Identities(tuple(_opening(session, it) for it in users), "the accounts that were given")


def _by_secret(given: Given) -> Identities:
    users = tuple(_minted(given, label) for label in "AB")
    return Identities(users, "tokens signed with the key that was given")


def _minted(given: Given, label: str) -> User:
    now = int(time.time())
    subject = f"{given.run}-{label.lower()}"
    claims: Mapping[str, object] = {"sub": subject, "iat": now, "exp": now + int(_LIFETIME_S), **given.claims}
    token = signed({"alg": "HS256", "typ": "JWT"}, claims, given.secret.encode())
    return User(label, id=subject, token=token, carrier=given.carrier)


def _by_sign_up(session: Session) -> Identities:
    accounts = session.api.accounts
    if accounts.delete is None and not session.options.allow_leftover:
        raise Unclear("no operation deletes an account, so that none is made", _LEFTOVER)
    users = []
    for label in "AB":
        user = session.estate.sign_up(label)
        remember(session, user)
        users.append(_opening(session, user))
    limits = () if accounts.delete else ("The accounts of this run stay, as --allow-leftover-accounts says.",)
    return Identities(tuple(users), "two accounts of its own", limits=limits)


def _known(session: Session, user: User) -> User:
    remember(session, user)
    known = user.id or identity(session.client, session.api.accounts, user)
    return replace(user, id=known)


def _opening(session: Session, user: User) -> User:
    """The user with the credential that the service takes: its token, or else its cookies."""
    if not (user.token and user.cookies) or user.carrier.startswith("Cookie"):
        return user
    paths = [it.path for it in (session.api.accounts.me,) if it]
    if session.api.resource and session.api.resource.listed:
        paths.insert(0, session.api.resource.collection_of(user.id))
    by_token, by_cookie = replace(user, cookies=""), replace(user, token="")
    for path in paths[:1]:
        if session.send("GET", path, by=by_token, note="tries the token").good:
            return by_token
        if session.send("GET", path, by=by_cookie, note="tries the cookie").good:
            return by_cookie
    return by_token if claims_of(user.token) else by_cookie
